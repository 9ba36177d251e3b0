"""The same serializers over a form's text: one definition of a field for page and API (F1)."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict

from applications.api.serializers.applications import CardSerializer
from applications.api.serializers.base import from_form
from applications.api.serializers.certificates import (
    CompetitionCertificateSerializer,
    SkillCertificateSerializer,
)
from subsidy.rules.terms import SkillLevel

TYPED = {
    "trade": " 汽车装调工 ",
    "level": "2",
    "certificate_number": "S000011000123232000001",
    "issued_on_year": "2023",
    "issued_on_month": "9",
    "issued_on_day": "5",
    "awarding_body": "北京市职业技能鉴定管理中心",
    "training_fee": "",
    "trade_id": "12",
    "csrfmiddlewaretoken": "whatever",
}


def post(**changes: str) -> QueryDict:
    """Return a form as the browser sends it."""
    data = QueryDict(mutable=True)
    data.update(TYPED | changes)
    return data


@pytest.mark.req("F1")
def test_a_form_is_read_by_the_fields_of_the_api() -> None:
    form = from_form(SkillCertificateSerializer, post())
    assert form.is_valid(), form.errors
    assert form.validated_data == {
        "trade": "汽车装调工",
        "level": SkillLevel.TWO,
        "certificate_number": "S000011000123232000001",
        "issued_on": date(2023, 9, 5),
        "awarding_body": "北京市职业技能鉴定管理中心",
        "trade_id": 12,
    }


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"level": ""}, "level", "请填写技能等级。"),
        ({"level": "9"}, "level", "技能等级应是整数 1 至 5，或 special、chief。"),
        ({"issued_on_day": "31"}, "issued_on", "颁证日期不是真实存在的日期，请核对。"),
        ({"issued_on_day": ""}, "issued_on", "颁证日期不是真实存在的日期，请核对。"),
        ({"issued_on_year": "二〇二三"}, "issued_on", "颁证日期应写成 YYYY-MM-DD，例如 2023-09-12。"),
        ({"trade": "   "}, "trade", "请填写工种名称。"),
        ({"trade": "字" * 201}, "trade", "工种名称不能超过 200 个字。"),
        ({"trade": "a\x00"}, "trade", "工种名称含有换行等无法显示的字符，请删除后重填。"),
        ({"trade_id": "x"}, "trade_id", "工种目录编号应是整数（不带引号、小数点）。"),
    ],
)
@pytest.mark.req("F1")
def test_a_wrong_control_is_named_with_a_sentence(changes: dict[str, str], field: str, sentence: str) -> None:
    form = from_form(SkillCertificateSerializer, post(**changes))
    assert not form.is_valid()
    assert {name: [str(text) for text in texts] for name, texts in form.errors.items()} == {field: [sentence]}


def test_yes_and_no_and_versions_are_read_from_text() -> None:
    typed = {"competition": "大赛", "trade": "电工", "rank": "3", "team": "false"}
    contest = from_form(CompetitionCertificateSerializer, typed)
    card = from_form(CardSerializer, {"version": "7", "card_number": "6214 0000 0000 0000"})
    assert contest.is_valid(), contest.errors
    assert card.is_valid(), card.errors
    assert (contest.validated_data["rank"], contest.validated_data["team"]) == (3, False)
    assert card.validated_data["version"] == 7


def test_text_stays_text_where_the_body_is_json() -> None:
    body = {"version": "7", "card_number": "6214000000000000"}
    assert list(CardSerializer(data=body).get_fields()) == ["version", "card_number"]
    serializer = CardSerializer(data=body)
    assert not serializer.is_valid()
    assert set(serializer.errors) == {"version"}
