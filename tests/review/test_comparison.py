"""Comparing what was filed with what a register says."""

from __future__ import annotations

import pytest

from review.comparison import Match, by_digest, by_name, by_value

pytestmark = pytest.mark.req("V2")


@pytest.mark.parametrize(
    ("claimed", "recorded", "match"),
    [
        ("王建国", "王建国", Match.SAME),
        ("买买提·艾力", "买买提•艾力", Match.SAME),
        ("汽车装调工（乘用车）", "汽车装调工(乘用车)", Match.SAME),
        ("2023 年北京市职工职业技能大赛", "2023北京市职工职业技能大赛", Match.SAME),
        ("北京市职业技能鉴定管理中心", "北京市职业技能鉴定指导中心", Match.NEAR),
        ("买买提艾力", "买买提·艾力", Match.NEAR),
        ("电工", "养老护理员", Match.DIFF),
        ("王建国", None, Match.NONE),
        ("", "王建国", Match.NONE),
    ],
)
def test_names_are_the_same_near_or_different(claimed: str, recorded: str | None, match: Match) -> None:
    assert by_name("name", "姓名", claimed, recorded).match is match


@pytest.mark.parametrize(
    ("claimed", "recorded", "match"),
    [
        ("S000011000123232000456", "S000011000123232000456", Match.SAME),
        ("S000011000123232000456", "S000011000123232000457", Match.DIFF),
        ("2023-09-12", "2023-09-13", Match.DIFF),
        ("2023-09-12", None, Match.NONE),
    ],
)
def test_a_number_or_a_date_is_the_same_or_it_is_not(
    claimed: str, recorded: str | None, match: Match
) -> None:
    assert by_value("number", "编号", claimed, recorded).match is match


def test_masked_numbers_are_compared_by_digest_and_not_by_what_is_shown() -> None:
    shown = "6214 **** **** 0231"
    assert by_digest("card_number", "卡", shown, shown, is_same=False).match is Match.DIFF
    assert by_digest("card_number", "卡", shown, shown, is_same=True, word="本人持卡").word == "本人持卡"
    assert by_digest("card_number", "卡", shown, None, is_same=False).match is Match.NONE
