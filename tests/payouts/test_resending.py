"""A payment without an answer is sent again only by two people, after a waiting time, with a note (D4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, Event
from payouts.books import verify
from payouts.models import PayoutBatch, PayoutLine
from payouts.services import (
    approve_batch,
    approve_resend,
    ask_to_resend,
    build_batch,
    freeze,
    holds,
    refuse_resend,
    stage_result,
    write_files,
)
from payouts.services.resending import WAIT
from payouts.services.settling import apply_result
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, Malformed, RuleRefused
from subsidy.rules.workflow import BatchStatus
from tests import make
from tests.payouts.money import Desk, answer, sent_lines
from tests.racing import race

pytestmark = pytest.mark.req("D4")
LATER = make.DAY + WAIT
NOTE = "6 月 24 日卡系统书面答复：没有入账"


def unanswered(desk: Desk, code: str = "PROCESSING", people: int = 1) -> PayoutLine:
    """Return the line that the card system did not answer; "" leaves it out of the result file."""
    batch = desk.sent(people)
    if code:
        desk.apply(answer(batch, code).bytes())
    return batch.lines.select_related("batch").earliest("serial")


def asked(desk: Desk, line: PayoutLine) -> PayoutLine:
    with clock.at(LATER):
        return ask_to_resend(line, by=desk.maker, note=NOTE)


def given_up(desk: Desk, line: PayoutLine) -> PayoutLine:
    with clock.at(LATER):
        return approve_resend(asked(desk, line), by=desk.checker)


def next_batch(desk: Desk) -> PayoutBatch:
    with clock.at(LATER):
        batch = freeze(build_batch(scheme=desk.scheme, maker=desk.maker), maker=desk.maker).batch
        write_files(approve_batch(batch, checker=desk.checker).pk)
    batch.refresh_from_db()
    return batch


def apply(desk: Desk, content: bytes) -> None:
    with clock.at(LATER):
        apply_result(stage_result(content, "回盘.txt", importer=desk.maker), applier=desk.checker)


def right() -> bool:
    books = verify(LATER)
    assert books.is_right, books.findings
    return True


@pytest.mark.parametrize("code", ["PROCESSING", ""])
def test_an_unanswered_line_is_given_up_by_two_and_paid_by_a_line_that_names_it(
    desk: Desk, code: str
) -> None:
    line = given_up(desk, unanswered(desk, code))
    assert line.status == "cancelled"
    assert right()
    batch = next_batch(desk)
    again = batch.lines.get()
    assert (again.application_id, again.replaces_id) == (line.application_id, line.pk)
    assert again.line_ref != line.line_ref
    apply(desk, answer(batch).bytes())
    assert Application.objects.get(pk=line.application_id).payment == "paid"
    assert right()


def test_giving_up_the_last_open_line_settles_the_batch(desk: Desk) -> None:
    line = unanswered(desk, people=2)
    assert PayoutBatch.objects.get(pk=line.batch_id).status == BatchStatus.EXPORTED
    given_up(desk, line)
    assert PayoutBatch.objects.get(pk=line.batch_id).status == BatchStatus.SETTLED
    assert right()


def test_each_step_is_in_the_trail_and_the_member_reads_the_last(desk: Desk) -> None:
    line = given_up(desk, unanswered(desk))
    rows = AuditRow.objects.filter(action__startswith="payout.resend").order_by("id")
    assert [(row.action, row.actor_id, row.data["line"]) for row in rows] == [
        ("payout.resend_ask", desk.maker.pk, line.line_ref),
        ("payout.resend_approve", desk.checker.pk, line.line_ref),
    ]
    event = Event.objects.filter(application=line.application_id).latest("version")
    assert (event.action, event.from_payment, event.to_payment) == ("resend", "in_payment", "none")


@pytest.mark.parametrize("code", ["PROCESSING", ""])
def test_before_the_waiting_time_is_over_nobody_asks(desk: Desk, code: str) -> None:
    line = unanswered(desk, code)
    with clock.at(LATER - timedelta(seconds=1)), pytest.raises(Conflict) as refusal:
        ask_to_resend(line, by=desk.maker, note=NOTE)
    assert refusal.value.code == "TOO_EARLY"
    line.refresh_from_db()
    assert line.resend_requested_by_id is None


@pytest.mark.parametrize("code", ["PAID", "CLOSED"])
def test_an_answered_line_is_not_sent_again(desk: Desk, code: str) -> None:
    line = unanswered(desk, code)
    with clock.at(LATER), pytest.raises(Conflict) as refusal:
        ask_to_resend(line, by=desk.maker, note=NOTE)
    assert refusal.value.code == "WRONG_STATUS"


@pytest.mark.parametrize(
    ("note", "code"), [("", "NOTE_REQUIRED"), ("  ", "NOTE_REQUIRED"), ("长" * 501, "TOO_LONG")]
)
def test_asking_needs_a_note_of_a_readable_length(desk: Desk, note: str, code: str) -> None:
    line = unanswered(desk)
    with clock.at(LATER), pytest.raises(Malformed) as refusal:
        ask_to_resend(line, by=desk.maker, note=note)
    assert (refusal.value.code, refusal.value.field) == (code, "note")


def test_asking_twice_and_judging_what_nobody_asked_are_refused(desk: Desk) -> None:
    line = unanswered(desk)
    with pytest.raises(Conflict):
        approve_resend(line, by=desk.checker)
    with pytest.raises(Conflict):
        refuse_resend(line, by=desk.checker, note=NOTE)
    asked(desk, line)
    with pytest.raises(Conflict) as refusal:
        asked(desk, line)
    assert refusal.value.code == "ALREADY_ASKED"


def test_a_refused_wish_leaves_the_line_waiting_and_may_be_asked_again(desk: Desk) -> None:
    line = asked(desk, unanswered(desk))
    with clock.at(LATER):
        refuse_resend(line, by=desk.checker, note="答复没有盖章")
    line.refresh_from_db()
    assert (line.status, line.resend_requested_by_id) == ("unknown", None)
    assert asked(desk, line).resend_requested_by == desk.maker
    assert right()


def test_an_answer_that_comes_before_the_approval_wins(desk: Desk) -> None:
    line = asked(desk, unanswered(desk))
    apply(desk, answer(line.batch, serial="2").bytes())
    with pytest.raises(Conflict):
        approve_resend(line, by=desk.checker)
    assert PayoutLine.objects.get(pk=line.pk).status == "paid"
    assert right()


@pytest.mark.req("A1")
def test_makers_ask_and_checkers_approve_and_nobody_does_both(desk: Desk) -> None:
    line = unanswered(desk)
    with pytest.raises(Forbidden):
        ask_to_resend(line, by=desk.checker, note=NOTE)
    asked(desk, line)
    with pytest.raises(Forbidden):
        approve_resend(line, by=desk.maker)
    with pytest.raises(Forbidden):
        refuse_resend(line, by=desk.reviewer, note=NOTE)


@pytest.mark.req("A1")
def test_whoever_asked_does_not_approve_even_as_a_checker_later(desk: Desk) -> None:
    line = asked(desk, unanswered(desk))
    desk.maker.groups.set([desk.checker.groups.get()])
    changed = StaffUser.objects.get(pk=desk.maker.pk)
    with pytest.raises(Forbidden) as refusal:
        approve_resend(line, by=changed)
    assert refusal.value.code == "SAME_PERSON"


def test_a_late_payment_of_the_given_up_line_holds_the_new_one(desk: Desk) -> None:
    line = given_up(desk, unanswered(desk))
    apply(desk, answer(line.batch, serial="2").bytes())
    assert [held.id for held in holds.held(10)] == [line.application_id]
    with clock.at(LATER), pytest.raises(RuleRefused) as refusal:
        build_batch(scheme=desk.scheme, maker=desk.maker)
    assert refusal.value.code == "NOTHING_TO_PAY"
    assert right()


def test_a_late_payment_takes_the_new_line_out_of_a_batch_not_yet_frozen(desk: Desk) -> None:
    line = given_up(desk, unanswered(desk))
    with clock.at(LATER):
        other = desk.approved(1)
        batch = build_batch(scheme=desk.scheme, maker=desk.maker)
    apply(desk, answer(line.batch, serial="2").bytes())
    with clock.at(LATER):
        frozen = freeze(batch, maker=desk.maker)
    assert [one.line_ref for one in frozen.set_aside] == [batch.lines.get(replaces=line).line_ref]
    assert frozen.batch.line_count == len(other)
    assert right()


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_the_late_answer_at_once_have_one_winner() -> None:
    desk = Desk.set_up()
    line = asked(desk, unanswered(desk))
    with clock.at(LATER):
        staged = stage_result(answer(line.batch, serial="2").bytes(), "回盘.txt", importer=desk.maker)

    def work(number: int) -> object:
        with clock.at(LATER):
            if number:
                return approve_resend(line, by=desk.checker)
            return apply_result(staged, applier=desk.checker)

    race(work, times=2)
    status = PayoutLine.objects.get(pk=line.pk).status
    assert (status, holds.count()) in [("paid", 0), ("cancelled", 1)]
    assert right()


@pytest.mark.django_db(transaction=True)
def test_a_wish_approved_by_many_at_once_is_approved_once() -> None:
    desk = Desk.set_up()
    line = asked(desk, unanswered(desk))
    results = race(lambda _: approve_resend(line, by=desk.checker), times=6)
    assert sum(isinstance(result, PayoutLine) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert right()


def address(line: PayoutLine, page: str = "resend") -> str:
    return reverse(f"admin:payouts_payoutline_{page}", args=[line.pk])


def see(user: StaffUser, url: str, **data: str) -> str:
    client = Client()
    client.force_login(user)
    with clock.at(LATER):
        answered = client.post(url, data, follow=True) if data else client.get(url)
    return answered.content.decode()


def test_finance_walks_the_way_through_the_pages(desk: Desk) -> None:
    line = unanswered(desk)
    assert address(line) in see(desk.maker, address(line, "change"))
    assert "请写明怎样与卡系统核实" in see(desk.maker, address(line), deed="ask", note=" ")
    assert "等财务复核" in see(desk.maker, address(line), deed="ask", note=NOTE)
    assert "待复核的重送申请" in see(desk.checker, "/admin/")
    waiting = reverse("admin:payouts_payoutline_changelist") + "?resend=asked"
    assert line.line_ref in see(desk.checker, waiting)
    assert NOTE in see(desk.checker, address(line))
    assert "会列入下一批" in see(desk.checker, address(line), deed="approve")
    assert PayoutLine.objects.get(pk=line.pk).status == "cancelled"


def test_the_page_says_from_when_one_may_ask(desk: Desk) -> None:
    line = unanswered(desk)
    client = Client()
    client.force_login(desk.maker)
    with clock.at(make.DAY):
        text = client.get(address(line)).content.decode()
    assert "还在等卡系统的结果" in text
    assert "申请重送</button>" not in text


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR, Role.HOTLINE])
def test_nobody_outside_finance_opens_the_page(desk: Desk, role: Role) -> None:
    line, client = unanswered(desk), Client()
    client.force_login(make.staff(role))
    assert client.get(address(line)).status_code == 403
    assert client.post(address(line), {"deed": "ask", "note": NOTE}).status_code == 403
    line.refresh_from_db()
    assert line.resend_requested_by_id is None


def test_the_files_of_a_given_up_line_still_agree(desk: Desk) -> None:
    line = given_up(desk, unanswered(desk, people=2))
    assert line.line_ref in {ref for ref, _, _ in sent_lines(line.batch)}
    assert right()
