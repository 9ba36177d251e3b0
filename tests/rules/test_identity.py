"""Identity numbers, mobiles and cards: what is taken, what is refused, what is shown (E11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidy.rules.identity import (
    InvalidValue,
    birth_date,
    check_card_number,
    check_mobile,
    check_name,
    check_resident_id,
    is_card_number_unusual,
    is_luhn,
    mask_card,
    mask_mobile,
    mask_name,
    mask_resident_id,
    normalise_card_number,
    normalise_mobile,
    normalise_resident_id,
)
from subsidy.rules.numbers import mod_11_2
from subsidy.rules.scheme import CardRule
from subsidy.rules.terms import Strictness

TODAY = date(2024, 6, 18)
pytestmark = pytest.mark.req("E11")


def resident_id(first_17: str) -> str:
    """Return an invented number with its check character."""
    return first_17 + mod_11_2(first_17)


def check_today(text: str) -> str:
    """Check an identity number as of the day of these tests."""
    return check_resident_id(text, today=TODAY)


def answer_to(check: Callable[[str], str], text: str) -> str:
    """Return what the check takes, or the sentence with which it refuses."""
    try:
        return check(text)
    except InvalidValue as refusal:
        return refusal.message


MAINLAND = resident_id("11010219800229231")
WRONG_CHECK = "0" if MAINLAND.endswith("1") else "1"
CANDIDATES = (resident_id(f"11010219800229{order:03d}") for order in range(1000))
ENDS_WITH_X = next(number for number in CANDIDATES if number.endswith("X"))


@pytest.mark.parametrize(
    "number",
    [
        MAINLAND,
        ENDS_WITH_X,
        resident_id("81000019900101001"),
        resident_id("82000019900101001"),
        resident_id("83000019900101001"),
        resident_id("91115619900101001"),
        resident_id("99999919900101001"),
        resident_id("11010220240618001"),
        resident_id("65999919000101001"),
    ],
)
def test_identity_numbers_of_every_kind_are_taken(number: str) -> None:
    assert check_resident_id(number, today=TODAY) == number


@pytest.mark.parametrize(
    "typed",
    [
        ENDS_WITH_X.lower(),
        f" {ENDS_WITH_X[:6]} {ENDS_WITH_X[6:14]}-{ENDS_WITH_X[14:]}　",
        "".join(chr(ord(mark) + 0xFEE0) for mark in ENDS_WITH_X),
        "".join(chr(ord(mark) + 0xFEE0) for mark in ENDS_WITH_X.lower()),
    ],
)
def test_identity_number_is_folded_before_it_is_checked(typed: str) -> None:
    assert check_resident_id(typed, today=TODAY) == ENDS_WITH_X


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("", "18 位"),
        ("110102800229231", "15 位"),
        ("ABC123456789012", "旧版永久居留证"),
        (MAINLAND[:-1], "17 位"),
        (MAINLAND + "1", "19 位"),
        (MAINLAND[:-1] + WRONG_CHECK, "最后一位"),
        (resident_id("01010219800229231"), "首位不是 0"),
        (MAINLAND[:10] + "X" + MAINLAND[11:], "17 位数字"),
        (MAINLAND[:-1] + "A", "数字或 X"),
        ("١١٠١٠٢١٩٨٠٠٢٢٩٢٣١١", "17 位数字"),
        (resident_id("11010219810229231"), "真实的日期"),
        (resident_id("11010219801301231"), "真实的日期"),
        (resident_id("11010219800431231"), "真实的日期"),
        (resident_id("11010200000101231"), "真实的日期"),
        (resident_id("11010220240619231"), "晚于今天"),
        (resident_id("11010299991231231"), "晚于今天"),
    ],
)
def test_wrong_identity_number_is_refused_with_a_hint(number: str, hint: str) -> None:
    with pytest.raises(InvalidValue, match=hint) as caught:
        check_resident_id(number, today=TODAY)
    assert caught.value.message.startswith("证件号码")


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_wrong_digit_of_an_identity_number_is_found(place: int, shift: int) -> None:
    wrong = MAINLAND[:place] + str((int(MAINLAND[place]) + shift) % 10) + MAINLAND[place + 1 :]
    with pytest.raises(InvalidValue):
        check_resident_id(wrong, today=TODAY)


def test_birth_date_is_read_from_the_number() -> None:
    assert birth_date(MAINLAND) == date(1980, 2, 29)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812346620", "13812346620"),
        ("138 1234 6620", "13812346620"),
        ("138-1234-6620", "13812346620"),
        ("+86 13812346620", "13812346620"),
        ("+8613812346620", "13812346620"),
        ("008613812346620", "13812346620"),
        ("8613812346620", "13812346620"),
        ("＋８６１３８１２３４６６２０", "13812346620"),
        ("19900000000", "19900000000"),
        ("16500000000", "16500000000"),
        ("18600000000", "18600000000"),
    ],
)
def test_mobile_is_taken_as_people_write_it(typed: str, number: str) -> None:
    assert check_mobile(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1381234662",
        "138123466200",
        "12812346620",
        "10086",
        "01012345678",
        "+1 3812346620",
        "١٣٨١٢٣٤٦٦٢٠",
        "1381234662O",
    ],
)
def test_wrong_mobile_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue, match="手机号"):
        check_mobile(typed)


LUHN_16, LUHN_19 = "6210300000000007", "6210300000000000006"
OFF = CardRule(luhn=Strictness.OFF, prefix=Strictness.OFF, prefixes=("621030",))
WARN = CardRule(luhn=Strictness.WARN, prefix=Strictness.WARN, prefixes=("621030", "602969"))
REFUSE = CardRule(luhn=Strictness.REFUSE, prefix=Strictness.REFUSE, prefixes=("621030", "602969"))


@pytest.mark.parametrize(
    ("digits", "is_right"), [(LUHN_16, True), (LUHN_19, True), ("79927398713", True), ("79927398710", False)]
)
def test_luhn(digits: str, is_right: bool) -> None:
    assert is_luhn(digits) is is_right


@pytest.mark.parametrize(
    ("number", "rule", "is_taken", "is_unusual"),
    [
        (LUHN_16, REFUSE, True, False),
        (LUHN_19, REFUSE, True, False),
        (LUHN_16[:-1] + "9", REFUSE, False, True),
        (LUHN_16[:-1] + "9", WARN, True, True),
        (LUHN_16[:-1] + "9", OFF, True, False),
        ("4111111111111111", REFUSE, False, True),
        ("4111111111111111", WARN, True, True),
        ("4111111111111111", OFF, True, False),
        ("4111111111111111", CardRule(), True, False),
        ("4111111111111112", CardRule(), True, True),
        ("411111111111111", OFF, False, True),
        ("62103000000000000031", OFF, False, True),
        ("621030000000000X", OFF, False, True),
        ("٦٢١٠٣٠٠٠٠٠٠٠٠٠٠٤", OFF, False, True),
        ("", OFF, False, True),
        (LUHN_19, CardRule(lengths=(16,)), False, True),
    ],
)
def test_card_number_is_checked_as_strictly_as_the_scheme_says(
    number: str, rule: CardRule, is_taken: bool, is_unusual: bool
) -> None:
    assert is_card_number_unusual(number, rule) is is_unusual
    if is_taken:
        assert check_card_number(number, rule) == number
    else:
        with pytest.raises(InvalidValue, match="卡号"):
            check_card_number(number, rule)


def test_card_number_stays_text_without_its_spaces() -> None:
    assert check_card_number(" 6210 3000 0000 0000 006 ") == LUHN_19


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    for normalise in (normalise_resident_id, normalise_mobile, normalise_card_number):
        assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=60))
@pytest.mark.parametrize("check", [check_name, check_mobile, check_card_number, check_today])
def test_any_text_is_taken_or_refused_with_a_sentence(check: Callable[[str], str], text: str) -> None:
    assert answer_to(check, text)


@pytest.mark.req("A2")
@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (mask_resident_id("110102198002292316"), "110102********2316"),
        (mask_resident_id("1101"), "****"),
        (mask_card("6214000000000231"), "6214 **** **** 0231"),
        (mask_card("6214000000000000231"), "6214 **** **** 0231"),
        (mask_card("62140231"), "********"),
        (mask_mobile("13812346620"), "138****6620"),
        (mask_mobile("138"), "***"),
        (mask_name("张三"), "张*"),
        (mask_name("欧阳娜娜"), "欧***"),
        (mask_name("𬎆三"), "𬎆*"),
        (mask_name(""), ""),
    ],
)
def test_masks_show_no_more_than_they_should(masked: str, expected: str) -> None:
    assert masked == expected
