"""A batch in each state, and the wrong writes that go past every service."""

from __future__ import annotations

from dataclasses import dataclass

from applications.models import Application
from applications.services.transitions import Step, lock, record_payment, transition
from payouts.models import DataKey, PayoutBatch, PayoutLine, Recovery, ResultFile, ResultLine
from payouts.services import freeze, record_recovery
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import staff_actor
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus
from tests import make
from tests.payouts.money import Desk, answer, run
from tests.refusals import now_or_never


@dataclass(frozen=True)
class Books:
    """A batch in each state that a wrong write needs."""

    desk: Desk
    open: PayoutBatch
    frozen: PayoutBatch
    ready: PayoutBatch
    sent: PayoutBatch
    unknown: PayoutBatch
    paid: PayoutBatch
    applied: ResultFile
    staged: ResultFile
    spare: Application
    frozen_by_another: PayoutBatch
    freezer: StaffUser


def open_books(desk: Desk) -> Books:
    """Give a batch in each state, with a file applied and a file staged."""
    paid = desk.sent(1)
    applied = desk.apply(answer(paid).bytes())
    unknown = desk.sent(1)
    desk.apply(answer(unknown, "PROCESSING").bytes())
    sent = desk.sent(1)
    staged = desk.stage(answer(sent).bytes())
    states = desk.built(1), desk.frozen(1), desk.ready(1), sent, unknown, paid
    freezer = make.staff(Role.FINANCE_MAKER)
    with clock.at(make.DAY):
        other = freeze(desk.built(1), maker=freezer).batch
    (spare,) = desk.approved(1)
    now_or_never()
    return Books(desk, *states, applied, staged, spare, other, freezer)


def line(batch: PayoutBatch) -> PayoutLine:
    """Return the one line of a batch."""
    return batch.lines.get()


def copy_line(source: PayoutLine, batch: PayoutBatch, **changes: object) -> None:
    """Insert a line of the same person into another batch."""
    fields = {
        "application": source.application,
        "scheme_id": source.scheme_id,
        "person_index": source.person_index,
        "amount": source.amount,
        "serial": 900,
        "line_ref": "ZT2024-B0900-000900-X",
    }
    PayoutLine.objects.create(batch=batch, **(fields | changes))


def update(model: type, pk: int, **changes: object) -> None:
    """Write past every service."""
    model._default_manager.filter(pk=pk).update(**changes)
    now_or_never()


def copy_row(books: Books, **changes: object) -> None:
    """Insert a further result row about the paid line, from another file."""
    fields = {
        "file": books.staged,
        "row": 9,
        "line": line(books.paid),
        "outcome": "matched",
        "result": "paid",
        "code": "PAID",
        "raw_code": "PAID",
        "raw_text": b"",
        "amount_fen": 100_000,
    }
    ResultLine.objects.create(**(fields | changes))


def late_return_twice(books: Books) -> None:
    """Record two late returns of one line."""
    other = books.desk.stage(answer(books.sent, "CLOSED", serial="9").bytes())
    for file in (books.staged, other):
        copy_row(books, file=file, result="bounced", is_late_return=True)


def same_row_twice(books: Books) -> None:
    """Write two rows of one file under one number."""
    for batch in (books.sent, books.paid):
        copy_row(books, line=line(batch))


def same_serial(books: Books) -> None:
    """Put a second line under the serial of the first."""
    first = line(books.open)
    copy_line(first, books.open, application=books.spare, person_index="1", serial=first.serial)


def same_part(books: Books) -> None:
    """Store a part once more under another name."""
    file = books.sent.files.get(format="txt")
    file.pk, file.name = None, "ZT2024-B9999-001.txt"
    file.save(force_insert=True)


def take_back(books: Books) -> Recovery:
    """Record the recovery of the paid line as finance does."""
    paid = line(books.paid)
    run("SET CONSTRAINTS ALL DEFERRED")
    recovery = record_recovery(paid, by=books.desk.checker, amount=paid.amount, reason="误发，凭证 0618")
    now_or_never()
    return recovery


def half_recovery(books: Books, amount: int = 1000) -> None:
    """Write a recovery past the service: the application stays as it was."""
    paid, desk = line(books.paid), books.desk
    at = books.paid.built_at
    Recovery.objects.create(line=paid, amount=amount, reason="误发", recorded_by=desk.checker, recorded_at=at)
    now_or_never()


def part_recovery(books: Books) -> None:
    """Do all that a recovery asks for, but with one yuan of the thousand."""
    paid, desk = line(books.paid), books.desk
    run("SET CONSTRAINTS ALL DEFERRED")
    Recovery.objects.create(
        line=paid, amount=1, reason="误发", recorded_by=desk.checker, recorded_at=books.paid.built_at
    )
    PayoutLine.objects.filter(pk=paid.pk).update(status="bounced")
    application, step = lock(paid.application), Step("recovered", staff_actor(desk.checker))
    record_payment(application, PaymentStatus.RECOVERED, step)
    transition(application, ApplicationStatus.REVOKED, step)
    now_or_never()


def spare_key(books: Books) -> DataKey:
    """Make a data key that nothing uses yet."""
    return DataKey.objects.create(wrapped=books.sent.key.wrapped)


def same_file(books: Books) -> None:
    """Keep a result file with the bytes of another."""
    file = ResultFile.objects.get(pk=books.staged.pk)
    file.pk, file.key = None, spare_key(books)
    file.save(force_insert=True)


def delete_batch(books: Books) -> None:
    """Delete a batch without lines: nothing else holds on to it."""
    batch = PayoutBatch.objects.get(pk=books.open.pk)
    batch.pk, batch.number, batch.key = None, "ZT2024-B9999", spare_key(books)
    batch.save(force_insert=True)
    delete(BATCH, batch.pk)


def delete(table: str, pk: int | None) -> None:
    """Delete one row past every service."""
    run(f"DELETE FROM {table} WHERE id = %s", [pk])
    now_or_never()


BATCH, LINE, FILE = "payouts_payoutbatch", "payouts_payoutline", "payouts_payoutfile"
RESULT, ROW, SNAPSHOT = "payouts_resultfile", "payouts_resultline", "payouts_payoutsnapshot"
RECOVERY = "payouts_recovery"
