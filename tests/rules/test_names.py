"""Names of people: taken as typed, matched by form, refused with anything that is no name (E11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidy.rules.identity import InvalidValue, check_name, match_name, normalise_name

pytestmark = pytest.mark.req("E11")


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "欧阳娜娜",
        "䶮㛃",
        "𬎆𣲘",
        "王〇",
        "李\U000323af",
        "阿依古丽·买买提",
        "阿依古丽•买买提",
        "阿依古丽・买买提",
        "Anna-Maria Smith",
        "José García",
        "Jose\u0301 Garcia",
        "张　三",
        "字" * 50,
    ],
)
def test_real_names_are_taken_as_typed(name: str) -> None:
    assert check_name(f" {name}　") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "张",
        "字" * 51,
        "=张三",
        "+张三",
        "-张三",
        "@张三",
        "·张三",
        "＝张三",
        "张|三",
        "张三\n",
        "张\t三",
        "张\x00三",
        "张\u202e三",
        "张\u200b三",
        "张三1",
        "张三①",
        "张,三",
        "张三。",
        "张三😀",
        "张\ue000",
        "ㅤㅤ",
        "<b>张三</b>",
        "张\ufe00三",
    ],
)
def test_names_with_anything_else_are_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="姓名"):
        check_name(name)


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        ("阿依古丽·买买提", "阿依古丽•买买提", True),
        ("阿依古丽·买买提", "阿依古丽・买买提", True),
        ("阿依古丽·买买提", "阿依古丽･买买提", True),
        ("阿依古丽·买买提", "阿依古丽‧买买提", True),
        ("阿依古丽·买买提", "阿依古丽买买提", False),
        ("张三", "张 三", True),
        ("Anna Smith", "ＡＮＮＡ　SMITH", True),
        ("Jose\u0301", "José", True),
        ("䶮㛃", "䶮㛃", True),
        ("𬎆", "玉", False),
        ("张三", "张叁", False),
    ],
)
def test_names_match_whatever_the_dot_width_and_space(left: str, right: str, is_same: bool) -> None:
    assert match_name(left, right) is is_same


def test_matching_form_writes_the_middle_dot_as_u00b7() -> None:
    assert normalise_name("古丽・买买提") == "古丽\u00b7买买提"


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_name(normalise_name(text)) == normalise_name(text)


@given(st.text(max_size=40), st.sampled_from(["\u2022", "\u2027", "\u30fb", "\uff65"]))
def test_kind_of_middle_dot_never_decides_whether_names_match(text: str, dot: str) -> None:
    assert match_name(f"古丽{dot}{text}", f"古丽\u00b7{text}")
