"""The template marks say the right word, escape what they are given, and keep a choice of size or theme."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.test import RequestFactory

from subsidy.context import house
from subsidy.rules import workflow
from subsidy.templatetags import charts
from subsidy.templatetags import house as marks
from subsidy.views import display

TODAY = date(2024, 6, 18)
SPRITE = (Path(__file__).resolve().parent.parent / "subsidy/static/subsidy/icons.svg").read_text()
STATUSES = [
    *workflow.ApplicationStatus,
    *workflow.PaymentStatus,
    *workflow.BatchStatus,
    *workflow.LineStatus,
    *workflow.ResultFileStatus,
    *workflow.RowOutcome,
]


@pytest.mark.req("A6")
@pytest.mark.parametrize("status", STATUSES, ids=str)
def test_every_state_has_an_icon_of_its_own_and_its_word(status: workflow.ApplicationStatus) -> None:
    shown = marks.chip(status, status.label)
    assert status.label in shown
    assert marks.SHAPES[status].icon in shown
    assert f'<symbol id="{marks.SHAPES[status].icon}"' in SPRITE


@pytest.mark.parametrize("name", sorted({*marks.MENU_ICONS.values(), *marks.NOTICE_ICONS.values()}))
def test_every_icon_named_in_a_table_is_in_the_sprite(name: str) -> None:
    assert f'<symbol id="{name}"' in SPRITE


@pytest.mark.parametrize(
    ("due", "word", "outline"),
    [
        (date(2024, 6, 16), "逾期 2 天", "chip-late"),
        (date(2024, 6, 18), "今天到期", "chip-amber"),
        (date(2024, 7, 7), "还有 19 天", "chip-blue"),
        (datetime(2024, 6, 17, 16, 30, tzinfo=UTC), "今天到期", "chip-amber"),
        (None, "审核计时暂停", "chip-stone"),
    ],
)
def test_a_deadline_says_how_long_is_left_in_beijing(
    due: date | datetime | None, word: str, outline: str
) -> None:
    shown = marks.due_chip(due, TODAY)
    assert word in shown
    assert outline in shown


def test_a_label_is_escaped() -> None:
    assert "<b>" not in marks.chip("draft", "<b>")
    assert "<b>" not in marks.differing("甲<b>", "甲")
    assert "<b>" not in marks.clauses("<b>")


def test_only_the_differing_characters_are_marked() -> None:
    shown = marks.differing("北京市职业技能鉴定指导中心", "北京市职业技能鉴定管理中心")
    assert shown == '北京市职业技能鉴定<mark class="wavy">指导</mark>中心'


def test_amounts_and_dates_read_as_members_and_staff_expect() -> None:
    at = datetime(2024, 6, 18, 1, 20, tzinfo=UTC)
    assert marks.yuan(1000) == "1000 元"
    assert marks.money(2356000) == "2,356,000"
    assert marks.cents(2356000) == "2,356,000.00"
    assert marks.wan(2046000) == "204.60 万元"
    assert marks.day(date(2024, 10, 31)) == "2024 年 10 月 31 日"
    assert marks.moment(at) == "6 月 18 日 09:20"
    assert marks.table_moment(at) == "6月18日 09:20"
    assert marks.weekday(TODAY) == "星期二"


@pytest.mark.parametrize("mask", [marks.masked_id, marks.masked_card, marks.masked_mobile])
def test_nothing_masks_to_nothing(mask: marks.Shape) -> None:
    assert mask(None) == ""


def test_parts_of_a_bar_fill_it_and_an_empty_whole_draws_nothing() -> None:
    parts = charts.stacked([{"value": 1}, {"value": 3}])
    assert [(part["start"], part["width"]) for part in parts] == [(0, 25), (25, 75)]
    assert [part["width"] for part in charts.stacked([{"value": 0}])] == [0]


@pytest.mark.parametrize("largest", [0, 1, 4, 5, 9, 10, 99, 610, 1000, 1001, 12345])
def test_the_scale_ends_on_a_round_number_above_every_value(largest: int) -> None:
    top = charts.ceiling([{"values": [largest, 0]}])
    assert top >= largest
    assert top % 4 == 0
    assert top <= max(4, 2.5 * largest)


def test_a_line_runs_from_edge_to_edge() -> None:
    assert charts.points([0, 50, 100], 100) == "0.0,400.0 500.0,200.0 1000.0,0.0"


@pytest.mark.req("A6")
@pytest.mark.parametrize(("name", "choice"), [("size", "elder"), ("theme", "dark")])
def test_a_chosen_size_or_theme_is_kept_and_leads_back(name: str, choice: str) -> None:
    answer = display(RequestFactory().post("/display/", {name: choice, "next": "/me/?a=1"}))
    assert answer.cookies[name].value == choice
    assert answer["Location"] == "/me/?a=1"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x", ""])
def test_the_way_back_never_leaves_the_site(target: str) -> None:
    answer = display(RequestFactory().post("/display/", {"size": "elder", "next": target}))
    assert answer["Location"] == "/"


def test_an_unknown_choice_is_not_kept_and_reading_changes_nothing() -> None:
    assert not display(RequestFactory().post("/display/", {"size": "huge"})).cookies
    assert display(RequestFactory().get("/display/?size=elder")).status_code == 405


@pytest.mark.req("A6")
def test_the_page_knows_the_chosen_size_and_ignores_a_forged_theme() -> None:
    request = RequestFactory().get("/")
    request.COOKIES = {"size": "elder", "theme": '"><script>'}
    shown = house(request)
    assert shown["is_elder"]
    assert shown["theme"] == "auto"


def test_a_refused_field_is_named_marked_and_reachable_from_the_summary() -> None:
    page = engines["django"].from_string(
        '{% include "components/error_summary.html" %}'
        '{% include "components/field.html" with name="trade" label="工种名称" error="请填工种名称。" %}'
    )
    text = page.render({"errors": [{"field": "trade", "message": "工种名称还没有填"}]})
    assert 'href="#id_trade"' in text
    assert 'id="id_trade"' in text
    assert 'aria-invalid="true"' in text
    assert "有 1 处需要修改" in text


def test_what_was_typed_is_escaped_when_shown_again() -> None:
    page = engines["django"].from_string('{% include "components/field.html" with name="a" label="甲" %}')
    assert '"><script>' not in page.render({"value": '"><script>'})
