"""Certificate numbers are written alike, taken apart and shown part by part (E10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidy.rules.certificate_number import PartRole, normalise, parse, segments
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import SkillLevel
from tests.rules.conftest import definition

pytestmark = pytest.mark.req("E10")
LAYOUTS = Scheme.from_mapping(definition("subsidy/schemes/data/2024.toml")).number_layouts
NUMBER = "S000011000123233000456"


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        NUMBER.lower(),
        " S0000 11 000123 23 3 000456 ",
        "S0000-11-000123-23-3-000456",
        "Ｓ００００１１０００１２３２３３０００４５６",
        "S0000–11—000123‐23‑3−000456",
        "S0000\u00a011\u3000000123\t233000456",
        "S0000\u200b11000123233000456",
    ],
)
def test_ways_of_writing_one_number_are_one_key(typed: str) -> None:
    assert normalise(typed) == NUMBER


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("number", "layout", "level", "year", "province"),
    [
        (NUMBER, "22 位职业技能等级证书", SkillLevel.THREE, "23", "11"),
        ("Y000131000123241000456", "22 位职业技能等级证书", SkillLevel.ONE, "24", "31"),
        ("S00001100012323T000456", "22 位特级技师证书", SkillLevel.SPECIAL, "23", "11"),
        ("2311001234200456", "16 位国家职业资格证书", SkillLevel.TWO, "23", "11"),
        ("1511003001312345", "16 位国家职业资格证书", SkillLevel.THREE, "15", "11"),
        ("S000011000123239000456", "22 位职业技能等级证书", None, "23", "11"),
    ],
)
def test_number_is_read_by_the_layout_that_fits(
    scheme: Scheme, number: str, layout: str, level: SkillLevel | None, year: str, province: str
) -> None:
    parsed = parse(number, scheme.number_layouts)
    assert parsed is not None
    assert parsed.layout.name == layout
    assert (parsed.text(PartRole.YEAR), parsed.text(PartRole.PROVINCE)) == (year, province)
    assert parsed.level is level


@pytest.mark.parametrize("number", ["", "S", NUMBER[:-1], NUMBER + "1", "1" + NUMBER[1:], "S" + "O" * 21])
def test_number_that_fits_no_layout_is_none(scheme: Scheme, number: str) -> None:
    assert parse(number, scheme.number_layouts) is None
    assert segments(number, scheme.number_layouts) == ()


def test_ruler_shows_each_part_with_its_label_and_place(scheme: Scheme) -> None:
    parts = segments(NUMBER, scheme.number_layouts)
    assert [(part.text, part.label, part.first) for part in parts] == [
        ("S", "类别", 1),
        ("0000", "备案", 2),
        ("11", "省份", 6),
        ("000123", "机构", 8),
        ("23", "年份", 14),
        ("3", "等级", 16),
        ("000456", "流水号", 17),
    ]


@pytest.mark.parametrize(
    ("level", "faulty"),
    [(None, []), (SkillLevel.THREE, []), (SkillLevel.TWO, ["3"]), (SkillLevel.CHIEF, ["3"])],
)
def test_ruler_marks_a_level_that_differs(
    scheme: Scheme, level: SkillLevel | None, faulty: list[str]
) -> None:
    parts = segments(NUMBER, scheme.number_layouts, level=level)
    assert [part.text for part in parts if part.is_faulty] == faulty


@given(st.from_regex(r"\A[A-Z][0-9]{21}\Z"))
def test_parts_together_are_the_number(number: str) -> None:
    assert "".join(part.text for part in segments(number, LAYOUTS)) == number
