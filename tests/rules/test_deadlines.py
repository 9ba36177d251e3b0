"""When things are due (四（二）, 四（三）, 五（三）), counted in Shanghai."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsidy.rules.deadlines import (
    add_months,
    confirmation_due,
    correction_due,
    payable_from,
    payout_due,
    review_due,
)
from subsidy.rules.moments import SHANGHAI, day_text, end_text, instant_text
from subsidy.rules.scheme import Scheme


def at(text: str) -> datetime:
    """Return an instant; without an offset it is Shanghai's."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)


@pytest.mark.req("A7")
@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-06-18T10:00", 1, "2024-07-18T10:00"),
        ("2024-01-31T10:00", 1, "2024-02-29T10:00"),
        ("2023-01-31T10:00", 1, "2023-02-28T10:00"),
        ("2024-10-31T23:59:59", 1, "2024-11-30T23:59:59"),
        ("2024-11-30T00:00", 3, "2025-02-28T00:00"),
        ("2024-12-31T00:00", 1, "2025-01-31T00:00"),
        ("2024-02-29T00:00", 12, "2025-02-28T00:00"),
        ("2024-01-30T16:30:00+00:00", 1, "2024-02-29T00:30"),
        ("2024-02-29T16:30:00+00:00", 1, "2024-04-01T00:30"),
        ("2024-06-18T10:00", 0, "2024-06-18T10:00"),
    ],
)
def test_months_are_counted_in_shanghai_and_end_with_the_month(start: str, months: int, end: str) -> None:
    assert add_months(at(start), months) == at(end)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(0, 40))
def test_month_arithmetic_lands_in_the_right_month_and_never_a_later_day(
    start: datetime, months: int
) -> None:
    end = add_months(start.replace(tzinfo=SHANGHAI), months)
    assert end.year * 12 + end.month == start.year * 12 + start.month + months
    assert end.day <= start.day


@pytest.mark.req("P1", "V1")
def test_review_is_due_one_month_after_receipt(scheme: Scheme, other: Scheme) -> None:
    assert review_due(at("2024-06-18T10:00"), scheme) == at("2024-07-18T10:00")
    assert review_due(at("2025-06-18T10:00"), other) == at("2025-08-18T10:00")


@pytest.mark.req("P1", "D1")
def test_payout_is_due_three_months_after_approval(scheme: Scheme, other: Scheme) -> None:
    assert payout_due(at("2024-06-18T10:00"), scheme) == at("2024-09-18T10:00")
    assert payout_due(at("2025-06-18T10:00"), other) == at("2025-07-18T10:00")


@pytest.mark.req("P1", "V5")
def test_money_waits_for_the_public_notice_where_one_is_held(scheme: Scheme, other: Scheme) -> None:
    assert payable_from(at("2024-06-18T10:00"), scheme) == at("2024-06-18T10:00")
    assert payable_from(at("2025-06-18T10:00"), other) == at("2025-06-23T10:00")


@pytest.mark.req("P1", "V3")
@pytest.mark.parametrize(
    ("returned", "due"),
    [
        ("2024-06-18T10:00", "2024-07-02T10:00"),
        ("2024-10-30T10:00", "2024-11-13T10:00"),
        ("2024-11-01T00:00", "2024-11-16T00:00"),
        ("2024-11-28T10:00", "2024-12-13T10:00"),
    ],
)
def test_returned_case_may_be_sent_again_after_closing_within_the_grace(
    scheme: Scheme, returned: str, due: str
) -> None:
    assert correction_due(at(returned), scheme) == at(due)


@pytest.mark.req("P1")
def test_case_returned_before_closing_never_outlasts_the_grace(scheme: Scheme) -> None:
    strict = replace(scheme, return_days=60, correction_grace_days=5)
    assert correction_due(at("2024-10-30T10:00"), strict) == at("2024-11-06T00:00")


@pytest.mark.req("E8", "F4")
def test_winner_has_thirty_days_to_confirm(scheme: Scheme) -> None:
    assert confirmation_due(at("2024-03-01T10:00"), scheme) == at("2024-03-31T10:00")


@pytest.mark.parametrize("due", [review_due, payout_due, correction_due, confirmation_due, payable_from])
def test_naive_instant_is_refused(scheme: Scheme, due: object) -> None:
    with pytest.raises(ValueError, match="时区"):
        due(datetime(2024, 6, 18), scheme)  # type: ignore[operator]


def test_sentences_write_days_and_instants_in_shanghai() -> None:
    assert day_text(at("2024-10-31").date()) == "2024 年 10 月 31 日"
    assert instant_text(at("2023-12-31T16:05:00+00:00")) == "2024 年 1 月 1 日 0:05"
    assert end_text(at("2024-11-01T00:00")) == "2024 年 10 月 31 日 24:00"
    assert end_text(at("2025-09-30T18:00")) == "2025 年 9 月 30 日 18:00"
