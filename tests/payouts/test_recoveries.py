"""追回: a paid grant that came back revokes its application, and the person may be paid rightly (V3, E7)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, Event
from applications.services.timeline import standing
from payouts.books import verify
from payouts.models import PayoutLine, Recovery, ResultFile
from payouts.services import apply_result, record_recovery
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import PASSWORD, PROVED_AT
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, SubsidyError
from subsidy.notices.models import Notice
from tests import make
from tests.payouts.money import Desk, answer
from tests.racing import race

pytestmark = pytest.mark.req("V3", "E7")
WHY = "证书经核查不实，已收到退款，凭证 2024-0618-03"


def paid_line(desk: Desk) -> PayoutLine:
    batch = desk.sent(1)
    desk.apply(answer(batch).bytes())
    return batch.lines.select_related("application__member").get()


def take_back(desk: Desk, line: PayoutLine) -> Recovery:
    with clock.at(make.DAY):
        return record_recovery(line, by=desk.checker, amount=line.amount, reason=WHY)


def untouched(line: PayoutLine) -> bool:
    """Say whether line, application and books are as before."""
    line.refresh_from_db()
    application = Application.objects.get(pk=line.application_id)
    states = (line.status, application.status, application.payment)
    return states == ("paid", "approved", "paid") and not Recovery.objects.exists()


def test_a_recovery_revokes_the_application_and_the_books_stay_right(desk: Desk) -> None:
    line = paid_line(desk)
    recovery = take_back(desk, line)
    line.refresh_from_db()
    application = Application.objects.get(pk=line.application_id)
    assert (application.status, application.payment, line.status) == ("revoked", "recovered", "bounced")
    assert (recovery.amount, recovery.recorded_by) == (1000, desk.checker)
    books = verify(make.DAY)
    assert books.is_right, books.findings
    assert {entry.code: (entry.people, entry.yuan) for entry in books.entries if entry.people} == {
        "recovered": (1, 1000)
    }


def test_a_recovery_leaves_two_events_one_audit_row_and_one_notice(desk: Desk) -> None:
    line = paid_line(desk)
    take_back(desk, line)
    steps = Event.objects.filter(application=line.application).order_by("-version")[:2]
    assert [(step.action, step.to_status, step.to_payment, step.note) for step in steps] == [
        ("revoke", "revoked", "recovered", WHY),
        ("recovered", "approved", "recovered", WHY),
    ]
    row = AuditRow.objects.get(action="payout.recover")
    assert (row.actor_id, row.data["line"], row.data["amount"]) == (desk.checker.pk, line.line_ref, 1000)
    told = Notice.objects.get(template="recovered", member_id=line.application.member_id)
    assert "1000 元" in told.body


def test_whoever_paid_back_is_free_for_the_rightful_payment(desk: Desk) -> None:
    line = paid_line(desk)
    take_back(desk, line)
    again = make.submitted(line.application.member)
    desk._approve(again)
    batch = desk.again()
    desk.apply(answer(batch).bytes())
    again.refresh_from_db()
    assert (again.payment, batch.lines.get().person_index) == ("paid", line.person_index)
    books = verify(make.DAY)
    assert books.is_right, books.findings


@pytest.mark.parametrize(
    ("amount", "reason", "code", "field"),
    [
        (999, WHY, "AMOUNT_DIFFERS", "amount"),
        (1001, WHY, "AMOUNT_DIFFERS", "amount"),
        (0, WHY, "AMOUNT_DIFFERS", "amount"),
        (1000, "  ", "NOTE_REQUIRED", "reason"),
        (1000, "长" * 501, "TOO_LONG", "reason"),
    ],
)
def test_a_recovery_of_another_amount_or_without_a_reason_is_refused(
    desk: Desk, amount: int, reason: str, code: str, field: str
) -> None:
    line = paid_line(desk)
    with pytest.raises(SubsidyError) as refusal:
        record_recovery(line, by=desk.checker, amount=amount, reason=reason)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert untouched(line)


@pytest.mark.parametrize("result", ["CLOSED", "PROCESSING"])
def test_what_was_not_paid_is_not_recovered(desk: Desk, result: str) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, result).bytes())
    with pytest.raises(Conflict) as refusal:
        record_recovery(batch.lines.get(), by=desk.checker, amount=1000, reason=WHY)
    assert refusal.value.code == "WRONG_STATUS"


def test_what_the_bank_returned_needs_no_recovery(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch).bytes())
    desk.apply(answer(batch, "BOUNCED", serial="2").bytes())
    with pytest.raises(Conflict):
        record_recovery(batch.lines.get(), by=desk.checker, amount=1000, reason=WHY)
    assert verify(make.DAY).is_right


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FINANCE_CHECKER])
def test_only_a_checker_records_a_recovery(desk: Desk, role: Role) -> None:
    line = paid_line(desk)
    with pytest.raises(Forbidden):
        record_recovery(line, by=make.staff(role), amount=1000, reason=WHY)
    assert untouched(line)


def test_a_return_that_the_bank_reports_after_a_recovery_changes_nothing(desk: Desk) -> None:
    line = paid_line(desk)
    take_back(desk, line)
    desk.apply(answer(line.batch, "BOUNCED", serial="2").bytes())
    line.refresh_from_db()
    application = Application.objects.get(pk=line.application_id)
    assert (line.status, application.payment) == ("bounced", "recovered")
    assert verify(make.DAY).is_right


@pytest.mark.django_db(transaction=True)
def test_a_recovery_recorded_by_many_at_once_is_recorded_once() -> None:
    desk = Desk.set_up()
    line = paid_line(desk)
    results = race(lambda _: take_back(desk, line), times=6)
    assert sum(isinstance(result, Recovery) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert verify(make.DAY).is_right


@pytest.mark.django_db(transaction=True)
def test_a_recovery_and_a_bank_return_at_once_leave_the_money_back_once() -> None:
    desk = Desk.set_up()
    line = paid_line(desk)
    staged = desk.stage(answer(line.batch, "BOUNCED", serial="2").bytes())

    def work(number: int) -> object:
        return take_back(desk, line) if number else desk_applies(desk, staged)

    race(work, times=2)
    payment = Application.objects.get(pk=line.application_id).payment
    assert payment == ("recovered" if Recovery.objects.exists() else "bounced")
    assert verify(make.DAY).is_right


def desk_applies(desk: Desk, staged: ResultFile) -> object:
    with clock.at(make.DAY):
        return apply_result(staged, applier=desk.checker)


def client_of(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(line: PayoutLine, page: str = "recover") -> str:
    return reverse(f"admin:payouts_payoutline_{page}", args=[line.pk])


def test_a_checker_finds_the_way_from_the_line_and_records(desk: Desk) -> None:
    line, client = paid_line(desk), client_of(desk.checker)
    assert address(line) in client.get(address(line, "change")).content.decode()
    text = client.post(address(line), {"amount": "1000", "reason": WHY}, follow=True).content.decode()
    assert "已登记追回 1,000 元" in text
    assert address(line) not in text
    assert Recovery.objects.get().line == line


def test_a_refused_form_keeps_what_was_typed_and_names_the_field(desk: Desk) -> None:
    line = paid_line(desk)
    answered = client_of(desk.checker).post(address(line), {"amount": "800", "reason": WHY})
    text = answered.content.decode()
    assert answered.status_code == 422
    assert "要等于这条明细已到账的 1000 元" in text
    assert WHY in text
    assert untouched(line)


@pytest.mark.parametrize("amount", ["", "一千", "1000.5", "-1000", "99999999999"])
def test_an_amount_that_is_none_is_refused_in_words(desk: Desk, amount: str) -> None:
    line = paid_line(desk)
    answered = client_of(desk.checker).post(address(line), {"amount": amount, "reason": WHY})
    assert answered.status_code == 422
    assert untouched(line)


@pytest.mark.req("A4")
def test_after_ten_minutes_a_checker_proves_who_sits_there_and_the_deed_is_done_at_once(desk: Desk) -> None:
    line, client = paid_line(desk), client_of(desk.checker)
    session = client.session
    del session[PROVED_AT]
    session.save()
    asked = client.post(address(line), {"amount": "1000", "reason": WHY})
    assert (asked.status_code, untouched(line)) == (403, True)
    assert WHY in asked.content.decode()
    desk.checker.set_password("Zhutui-2024-demo")
    desk.checker.save()
    client.force_login(desk.checker)
    session = client.session
    del session[PROVED_AT]
    session.save()
    client.post(address(line), {"amount": "1000", "reason": WHY, PASSWORD: "Zhutui-2024-demo"})
    assert Recovery.objects.get().line == line


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", [Role.FINANCE_MAKER, Role.REVIEW_LEAD, Role.AUDITOR, Role.ADMINISTRATOR])
def test_others_find_neither_the_way_nor_the_page(desk: Desk, role: Role) -> None:
    line, client = paid_line(desk), client_of(make.staff(role))
    assert address(line) not in client.get(address(line, "change")).content.decode()
    assert client.get(address(line)).status_code == 403
    assert client.post(address(line), {"amount": "1000", "reason": WHY}).status_code == 403
    assert untouched(line)


def test_the_member_reads_that_the_money_went_back(desk: Desk) -> None:
    line = paid_line(desk)
    take_back(desk, line)
    application = Application.objects.get(pk=line.application_id)
    assert standing(application) == "资助已经退回，申报已撤销。"
