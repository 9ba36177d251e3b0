"""Our own numbers and their check characters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidy.rules.numbers import (
    application_number,
    batch_number,
    check_character,
    is_line_ref_valid,
    line_ref,
    mod_11_2,
    parse_application_number,
    parse_batch_number,
    parse_line_ref,
)

YEARS = st.integers(2000, 2999)
RUNNING = st.integers(1, 9_999_999)


def replacements(text: str) -> list[str]:
    """Return the text with every digit replaced by every other one, and the check character too."""
    found = []
    for place, mark in enumerate(text):
        alphabet = "0123456789X" if place == len(text) - 1 else "0123456789" if mark.isdigit() else ""
        found += [text[:place] + new + text[place + 1 :] for new in alphabet if new != mark]
    return found


def swaps(text: str) -> list[str]:
    """Return the text with every pair of different neighbouring digits swapped, hyphens skipped."""
    places = [place for place, mark in enumerate(text) if mark.isdigit() or place == len(text) - 1]
    found = []
    for left, right in pairwise(places):
        if text[left] != text[right]:
            marks = list(text)
            marks[left], marks[right] = marks[right], marks[left]
            found.append("".join(marks))
    return found


@pytest.mark.parametrize(
    ("digits", "check"),
    [("0794", "0"), ("079", "X"), ("11010519491231002", "X"), ("44052418800101001", "4")],
)
def test_check_character_follows_iso_7064_mod_11_2(digits: str, check: str) -> None:
    assert mod_11_2(digits) == check


@pytest.mark.parametrize(
    ("year", "running", "number"),
    [(2024, 1, "ZT2024-0000001-4"), (2024, 31527, "ZT2024-0031527-8"), (2025, 9_999_999, "ZT2025-9999999-5")],
)
def test_application_number_is_written_as_the_contract_says(year: int, running: int, number: str) -> None:
    assert application_number(year, running) == number


@given(YEARS, RUNNING)
def test_application_number_reads_back(year: int, running: int) -> None:
    assert parse_application_number(application_number(year, running)) == (year, running)


@given(YEARS, RUNNING)
def test_every_single_wrong_character_of_an_application_number_is_found(year: int, running: int) -> None:
    number = application_number(year, running)
    assert [wrong for wrong in replacements(number) if parse_application_number(wrong)] == []


@given(YEARS, RUNNING)
def test_every_swap_of_neighbours_in_an_application_number_is_found(year: int, running: int) -> None:
    number = application_number(year, running)
    assert [wrong for wrong in swaps(number) if parse_application_number(wrong)] == []


@pytest.mark.parametrize(
    "text",
    [
        "zt2024-0000001-4",
        " ZT2024 0000001 4 ",
        "ZT202400000014",
        "ＺＴ２０２４－０００００01－４",
    ],
)
def test_application_number_is_read_as_people_write_it(text: str) -> None:
    assert parse_application_number(text) == (2024, 1)


@pytest.mark.parametrize(
    "text",
    ["", "ZT2024-0000001", "ZT2024-0000001-5", "ZT2024-000001-4", "XX2024-0000001-4", "ZT٢٠٢٤-0000001-4"],
)
def test_what_is_no_application_number_is_none(text: str) -> None:
    assert parse_application_number(text) is None


@pytest.mark.parametrize(
    ("year", "running"), [(2024, 0), (2024, -1), (2024, 10_000_000), (0, 1), (10_000, 1)]
)
def test_application_number_outside_its_room_is_refused(year: int, running: int) -> None:
    with pytest.raises(ValueError, match="序号"):
        application_number(year, running)


def test_batch_number_is_written_as_the_contract_says() -> None:
    assert batch_number(2024, 1) == "ZT2024-B0001"
    assert parse_batch_number("ZT2024-B0001") == (2024, 1)


@pytest.mark.parametrize("text", ["", "ZT2024-0001", "zt2024-B0001", "ZT2024-B00001", " ZT2024-B0001"])
def test_what_is_no_batch_number_is_none(text: str) -> None:
    assert parse_batch_number(text) is None


@pytest.mark.req("D3")
@given(st.integers(1, 9_999), st.integers(1, 999_999))
def test_line_reference_reads_back_and_finds_every_slip(batch: int, serial: int) -> None:
    number = batch_number(2024, batch)
    reference = line_ref(number, serial)
    assert parse_line_ref(reference) == (number, serial)
    assert [wrong for wrong in replacements(reference) + swaps(reference) if is_line_ref_valid(wrong)] == []


@pytest.mark.req("D3")
@given(st.integers(1, 999_999), st.integers(1, 999_999))
def test_two_lines_never_share_a_reference(first: int, second: int) -> None:
    same = line_ref("ZT2024-B0001", first) == line_ref("ZT2024-B0001", second)
    assert same is (first == second)


@pytest.mark.parametrize("text", ["", "ZT2024-B0001-000001", "ZT2024-B0001-000001-x", "ZT2024-B0001-1-X"])
def test_line_reference_of_another_form_is_not_valid(text: str) -> None:
    assert is_line_ref_valid(text) is False


@pytest.mark.parametrize(("batch", "serial"), [("ZT2024-B0001", 0), ("ZT2024-B0001", 10**6), ("B1", 1)])
def test_line_reference_outside_its_room_is_refused(batch: str, serial: int) -> None:
    with pytest.raises(ValueError, match="。"):
        line_ref(batch, serial)


def test_check_character_needs_a_digit() -> None:
    with pytest.raises(ValueError, match="数字"):
        check_character("ZT-")
