"""What anybody may read and ask without signing in (F6, E9)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from applications.pages.open import months
from subsidy import clock
from subsidy.schemes.models import Scheme
from tests import make
from tests.pages.browser import error_at, summary, text_of, title

pytestmark = pytest.mark.django_db
DATE = {"dated_on_year": "2023", "dated_on_month": "9", "dated_on_day": "12"}
CLOSES = datetime(2024, 11, 1, tzinfo=clock.SHANGHAI)


def at(instant: datetime, address: str, **query: str) -> str:
    with clock.at(instant):
        response = Client().get(address, query)
    assert response.status_code == 200
    return text_of(response)


def test_the_start_page_counts_the_days_and_shows_the_schemes_own_awards(plan: Scheme) -> None:
    page = at(make.DAY, "/")
    assert '<p class="figure">135<small>天</small></p>' in page
    assert "2024 年 10 月 31 日<br>24:00 截止" in page
    assert all(f"<b>{yuan}</b> 元" in page for yuan in (2000, 1000, 800))
    assert plan.rules.contact.phone in page


def test_another_schemes_amounts_show_without_a_change_of_code() -> None:
    awards = [{"ground": "skill", "level": "1", "amount": 3100, "clause": "三（一）", "label": "一级"}]
    make.scheme(awards=awards, competitions=[])
    page = at(make.DAY, "/")
    assert "3100 至 3100 元" in page
    assert "<b>2000</b>" not in page


def test_on_the_last_day_the_start_page_says_today(plan: Scheme) -> None:
    page = at(CLOSES - timedelta(minutes=5), "/")
    assert '<p class="figure">今天' in page
    assert "开始申报" in page


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2023, 12, 30, tzinfo=clock.SHANGHAI), "2024 年 1 月 1 日开始申报"),
        (CLOSES, "本年度申报已经截止"),
    ],
)
def test_outside_the_window_the_start_page_offers_no_filing(
    plan: Scheme, instant: datetime, words: str
) -> None:
    page = at(instant, "/")
    assert words in page
    assert "开始申报</a>" not in page


@pytest.mark.parametrize("address", ["/", "/check/", "/plan/"])
def test_without_a_scheme_every_open_page_says_so(address: str) -> None:
    assert "本年度方案还没有公布" in at(make.DAY, address)


def test_the_bar_of_months_ends_with_the_closing_month(plan: Scheme) -> None:
    shown = months(plan.rules, make.DAY)
    assert [month.number for month in shown] == [4, 5, 6, 7, 8, 9, 10]
    assert [month.state for month in shown] == ["done", "done", "now", "", "", "", " last"]


@pytest.mark.req("F6")
@pytest.mark.parametrize(
    ("asked", "amount", "clause"),
    [
        ("skill-1", 2000, "方案三（一）"),
        ("skill-2", 1000, "方案三（一）"),
        ("skill-3", 800, "方案三（一）"),
        ("social_work-senior", 2000, "方案三（二）"),
        ("social_work-social_worker", 1000, "方案三（二）"),
        ("competition-final-1", 2000, "方案三（三）"),
        ("competition-final-10", 1000, "方案三（三）"),
    ],
)
def test_each_ground_is_answered_with_yuan_and_clause(
    plan: Scheme, asked: str, amount: int, clause: str
) -> None:
    page = at(make.DAY, "/check/", of=asked, **DATE)
    assert f'<p class="figure">{amount}<small>元</small></p>' in page
    assert "符合助推条件" in page
    assert clause in page
    assert "提交后还要核对" in page


@pytest.mark.req("E9")
@pytest.mark.parametrize(
    ("asked", "date", "reason", "clause"),
    [
        ("skill-4", {}, "四级（中级工）不在资助范围", "方案二（一）"),
        ("skill-special", {}, "特级技师不在资助范围", "方案二（一）"),
        ("skill-2", {"dated_on_year": "2022"}, "早于 2023 年 1 月 1 日", "方案二（一）"),
        ("social_work-assistant", {}, "助理社会工作师不在资助范围", "方案二（二）"),
        ("competition-final-11", {}, "第 11 名不在资助范围", "方案二（三）"),
        ("competition-final-team", {}, "团体项目不在资助范围", "方案二（三）"),
    ],
)
def test_a_no_says_why_and_leads_to_a_person(
    plan: Scheme, asked: str, date: dict[str, str], reason: str, clause: str
) -> None:
    page = at(make.DAY, "/check/", of=asked, **(DATE | date))
    assert '<p class="figure">0<small>元</small></p>' in page
    assert reason in page
    assert clause in page
    assert 'href="tel:12351"' in page
    assert "开始申报</a>" not in page


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        (DATE, "of", "请选择您的证书或名次。"),
        ({"of": "skill-9", **DATE}, "of", "请选择您的证书或名次。"),
        ({"of": "nothing"}, "of", "请选择您的证书或名次。"),
        ({"of": "skill-2"}, "dated_on", "请填写证书上完整的年、月、日，例如 2023 年 9 月 12 日。"),
        (
            {"of": "skill-2", **DATE, "dated_on_day": "x"},
            "dated_on",
            "请填写证书上完整的年、月、日，例如 2023 年 9 月 12 日。",
        ),
        (
            {"of": "skill-2", **DATE, "dated_on_month": "2", "dated_on_day": "30"},
            "dated_on",
            "这一天不存在，请核对年、月、日。",
        ),
    ],
)
def test_a_question_that_cannot_be_read_is_explained_beside_its_field(
    plan: Scheme, june: None, query: dict[str, str], field: str, sentence: str
) -> None:
    response = Client().get("/check/", query)
    assert response.status_code == 200
    assert error_at(response, field) == sentence
    assert summary(response) == [sentence]


def test_an_empty_question_is_answered_with_what_is_missing(plan: Scheme) -> None:
    empty = {"of": "", "dated_on_year": "", "dated_on_month": "", "dated_on_day": ""}
    with clock.at(make.DAY):
        asked = Client().get("/check/", empty)
        opened = Client().get("/check/")
    assert error_at(asked, "of")
    assert "error-summary" not in text_of(opened)


def test_after_closing_the_answer_says_that_it_is_too_late(plan: Scheme) -> None:
    page = at(CLOSES, "/check/", of="skill-2", **DATE)
    assert "现在不能申报" in page
    assert "截止" in page


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/privacy/", "隐私说明和同意书"),
        ("/plan/", "2024 年在职职工职业发展助推计划实施方案"),
        ("/help/", "需要帮忙"),
        ("/apply/social_work/", "社会工作者，请交纸质材料"),
        ("/apply/competition/", "大赛选手，不用自己填"),
    ],
)
def test_the_reading_pages_are_open(plan: Scheme, june: None, address: str, heading: str) -> None:
    assert title(Client().get(address)) == heading


def test_a_ground_without_a_page_of_its_own_is_not_found(plan: Scheme) -> None:
    assert Client().get("/apply/skill/").status_code == 404


@pytest.mark.req("F2", "F5")
def test_the_help_page_answers_the_awkward_questions(plan: Scheme) -> None:
    page = at(make.DAY, "/help/")
    assert all(f'id="{place}"' in page for place in ("register", "phone", "objection", "money", "station"))


def test_nothing_inline_stands_on_a_page(plan: Scheme) -> None:
    page = at(make.DAY, "/")
    assert " style=" not in page
    assert "<script>" not in page
    assert "onclick" not in page
