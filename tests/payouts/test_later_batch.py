"""Money that did not arrive, from the failure to the later batch, with the books right at every stop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from applications.models import Application, Event
from applications.services.cards import correct_card
from payouts.books import verify
from payouts.models import PayoutBatch, PayoutLine, ResultLine
from payouts.services import preview
from payouts.services.downloading import plain_bytes
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.errors import RuleRefused
from subsidy.notices.models import Notice
from tests import make
from tests.payouts.crowd import crowd
from tests.payouts.money import Desk, answer, sent_lines

pytestmark = pytest.mark.req("D4", "D5")


def places() -> dict[str, int]:
    """Return how many stand where, after proving the books."""
    books = verify(make.DAY)
    assert books.is_right, books.findings
    return {entry.code: entry.people for entry in books.entries if entry.people}


def give_card(application: Application, number: str) -> None:
    """Let the member correct the card."""
    application.refresh_from_db()
    actor = member_actor(application.member)
    with clock.at(make.DAY):
        correct_card(application, actor=actor, version=application.version, card_number=number)


def test_a_failed_payment_goes_to_the_corrected_card_in_a_later_batch(desk: Desk) -> None:
    first = desk.sent(2)
    assert places() == {"sent": 2}
    desk.apply(answer(first, "NO_SUCH_ACCOUNT").bytes())
    assert places() == {"failed": 1, "paid": 1}
    failed = first.lines.select_related("application").get(status="failed")
    with pytest.raises(RuleRefused):
        desk.build()
    give_card(failed.application, make.card_number(4242))
    second = desk.again()
    assert places() == {"sent": 1, "paid": 1}
    ((ref, card, amount),) = sent_lines(second)
    assert (card, amount) == (make.card_number(4242), "1000.00")
    assert ref != failed.line_ref
    desk.apply(answer(second).bytes())
    assert places() == {"paid": 2}
    steps = Event.objects.filter(application=failed.application).exclude(to_payment="none")
    assert list(steps.order_by("version").values_list("action", "to_payment")) == [
        ("in_payment", "in_payment"),
        ("payment_failed", "failed"),
        ("card", "failed"),
        ("in_payment", "in_payment"),
        ("paid", "paid"),
    ]
    letters = Notice.objects.filter(member_id=failed.application.member_id).order_by("id")
    assert list(letters.values_list("template", flat=True))[-3:] == ["payment_failed", "card_changed", "paid"]


def test_the_snapshot_of_the_first_batch_keeps_the_old_card(desk: Desk) -> None:
    first = desk.sent(1)
    before = sent_lines(first)
    desk.apply(answer(first, "CLOSED").bytes())
    give_card(first.lines.get().application, make.card_number(4242))
    desk.again()
    assert sent_lines(first) == before
    assert places() == {"sent": 1}


def test_money_that_bounced_late_goes_again_and_both_ways_stay_on_record(desk: Desk) -> None:
    first = desk.sent(1)
    desk.apply(answer(first).bytes())
    desk.apply(answer(first, "BOUNCED", serial="2").bytes())
    assert places() == {"bounced": 1}
    give_card(first.lines.get().application, make.card_number(4242))
    second = desk.again()
    desk.apply(answer(second).bytes())
    assert places() == {"paid": 1}
    assert list(PayoutLine.objects.order_by("id").values_list("status", flat=True)) == ["bounced", "paid"]
    rows = ResultLine.objects.order_by("id").values_list("result", "is_settling", "is_late_return")
    assert list(rows) == [("paid", True, False), ("bounced", False, True), ("paid", True, False)]


def test_a_late_return_said_twice_is_recorded_once(desk: Desk) -> None:
    batch = desk.sent(1)
    for code, serial in [("PAID", "1"), ("BOUNCED", "2"), ("BOUNCED", "3")]:
        desk.apply(answer(batch, code, serial=serial).bytes())
    assert list(ResultLine.objects.order_by("id").values_list("outcome", flat=True)) == [
        "matched",
        "matched",
        "already_final",
    ]
    assert places() == {"bounced": 1}


def test_two_files_answer_one_batch_in_parts(desk: Desk) -> None:
    batch = desk.sent(4)
    whole = answer(batch, "CLOSED", "PROCESSING")
    desk.apply(replace(whole, rows=whole.rows[:2]).bytes())
    batch.refresh_from_db()
    assert (batch.status, places()) == ("exported", {"failed": 1, "unknown": 1, "sent": 2})
    rest = answer(batch, serial="2")
    staged = desk.stage(replace(rest, rows=rest.rows[1:3]).bytes())
    assert preview(staged).missing.count == 1
    desk.apply(replace(rest, rows=rest.rows[1:], serial="3").bytes())
    batch.refresh_from_db()
    assert (batch.status, places()) == ("settled", {"failed": 1, "paid": 3})


@pytest.mark.req("D2")
def test_a_thousand_and_three_lines_go_in_two_parts_of_each_format_and_come_back(desk: Desk) -> None:
    crowd(desk, 1003)
    batch = desk.again()
    files = batch.files.exclude(format="json").order_by("format", "part")
    assert list(files.values_list("name", "line_count", "total")) == [
        ("ZT2024-B0001-001.txt", 1000, 1_000_000),
        ("ZT2024-B0001-002.txt", 3, 3_000),
        ("ZT2024-B0001-001.xlsx", 1000, 1_000_000),
        ("ZT2024-B0001-002.xlsx", 3, 3_000),
    ]
    assert places() == {"sent": 1003}
    desk.apply(answer(batch, *["CLOSED"] * 2, "PROCESSING").bytes())
    assert places() == {"failed": 2, "unknown": 1, "paid": 1000}
    assert plain_bytes(files[0]).count(b"\r\n") == 1002
    assert PayoutBatch.objects.get().status == "exported"
