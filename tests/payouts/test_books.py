"""verify_books finds and names what somebody with the owner's log-in altered."""

from __future__ import annotations

import hashlib
import io
import json
from io import StringIO

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from applications.models import Event
from payouts import envelope
from payouts.books import Books, verify
from payouts.models import PayoutBatch
from payouts.services import cancel_batch
from payouts.services.downloading import plain_bytes
from review.services import revoke
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.crypto import open_data_key, seal
from tests import make
from tests.payouts.money import Desk, answer, as_owner_without_triggers, run

pytestmark = pytest.mark.req("D5")


def books() -> Books:
    """Verify at the day of the tests."""
    return verify(make.DAY)


def named(found: Books) -> dict[str, list[tuple[str, int]]]:
    """Return what each failed check names."""
    return {finding.check: [(row.kind, row.id) for row in finding.rows] for finding in found.findings}


def places(found: Books) -> dict[str, tuple[int, int]]:
    """Return the entries that hold anybody."""
    return {entry.code: (entry.people, entry.yuan) for entry in found.entries if entry.people}


@pytest.fixture
def settled(desk: Desk) -> PayoutBatch:
    """Give a batch with one paid, one failed and one unknown line."""
    batch = desk.sent(3)
    desk.apply(answer(batch, "CLOSED", "PROCESSING").bytes())
    return batch


def test_every_approved_person_and_yuan_is_in_one_place(desk: Desk, settled: PayoutBatch) -> None:
    desk.approved(2)
    found = books()
    assert found.is_right, found.findings
    assert (found.approved.people, found.approved.yuan) == (5, 5000)
    assert places(found) == {
        "held": (2, 2000),
        "unknown": (1, 1000),
        "paid": (1, 1000),
        "failed": (1, 1000),
    }


@pytest.mark.parametrize("state", ["built", "frozen", "ready", "sent"])
def test_the_books_agree_at_every_stage_of_a_batch(desk: Desk, state: str) -> None:
    getattr(desk, state)(2)
    found = books()
    assert found.is_right, found.findings
    assert places(found) == {"sent" if state == "sent" else "open": (2, 2000)}


def test_cancelled_batches_revocations_and_late_returns_keep_the_balance(desk: Desk) -> None:
    with clock.at(make.DAY):
        cancel_batch(desk.frozen(1), by=desk.maker, note="停发")
        (revoked,) = desk.approved()
        revoke(revoked, reviewer=make.staff(Role.REVIEW_LEAD), version=revoked.version, note="材料不实")
    batch = desk.again()
    desk.apply(answer(batch).bytes())
    desk.apply(answer(batch, "BOUNCED").bytes())
    found = books()
    assert found.is_right, found.findings
    assert places(found) == {"revoked": (1, 1000), "bounced": (1, 1000)}


def test_people_in_their_public_notice_are_counted_apart(desk: Desk) -> None:
    desk.approved(1)
    assert places(verify(make.DAY.replace(year=2023))) == {"in_notice": (1, 1000)}


def test_the_amount_of_one_line_is_found_and_named(settled: PayoutBatch) -> None:
    line = settled.lines.order_by("serial")[1]
    with as_owner_without_triggers():
        run("UPDATE payouts_payoutline SET amount = 2000 WHERE id = %s", [line.pk])
    found = named(books())
    assert found["line-amount"] == [("line", line.pk)]
    assert found["file-lines"] == [("line", line.pk)]
    assert found["batch-lines"] == [("batch", settled.pk)]


EVENT_TAMPERING = [
    "UPDATE applications_event SET to_status = 'rejected' WHERE id = %s",
    "UPDATE applications_event SET to_payment = 'paid' WHERE id = %s",
    "UPDATE applications_event SET from_payment = 'failed' WHERE id = %s",
    "UPDATE applications_event SET action = 'paid' WHERE id = %s",
]


@pytest.mark.parametrize("sql", EVENT_TAMPERING)
def test_one_altered_event_is_found_and_named(settled: PayoutBatch, sql: str) -> None:
    event = Event.objects.filter(action="in_payment").order_by("id")[1]
    with as_owner_without_triggers():
        run(sql, [event.pk])
    found = named(books())
    assert ("event", event.pk) in [row for rows in found.values() for row in rows]
    cases = {row for rows in found.values() for row in rows if row[0] == "application"}
    assert cases <= {("application", event.application_id)}
    blamed = {pk for rows in found.values() for kind, pk in rows if kind == "event"}
    assert len(blamed - {event.pk}) <= 1


def test_one_deleted_event_is_found_and_its_case_named(settled: PayoutBatch) -> None:
    event = Event.objects.filter(action="in_payment").order_by("id")[0]
    following = Event.objects.filter(application=event.application, version__gt=event.version).earliest(
        "version"
    )
    with as_owner_without_triggers():
        run("DELETE FROM applications_event WHERE id = %s", [event.pk])
    assert ("event", following.pk) in named(books())["event-chain"]


def test_a_state_set_without_its_event_is_found(settled: PayoutBatch) -> None:
    application = settled.lines.earliest("serial").application
    with as_owner_without_triggers():
        run("UPDATE applications_application SET payment = 'paid' WHERE id = %s", [application.pk])
    found = named(books())
    assert ("application", application.pk) in found["event-state"]
    assert found["payment-line"] == [("application", application.pk)]


@pytest.mark.parametrize("suffix", ["txt", "xlsx", "json"])
def test_one_byte_of_a_file_is_found_and_named(settled: PayoutBatch, suffix: str) -> None:
    file = settled.files.get(format=suffix)
    with as_owner_without_triggers():
        sql = "UPDATE payouts_payoutfile SET content = set_byte(content, 60, 255 - get_byte(content, 60))"
        run(f"{sql} WHERE id = %s", [file.pk])
    assert named(books()) == {"file-bytes": [("file", file.pk)]}


@pytest.mark.parametrize("suffix", ["txt", "xlsx"])
def test_a_file_written_anew_with_its_hash_is_found_by_its_lines(settled: PayoutBatch, suffix: str) -> None:
    """Whoever has the keys and the database can forge a file that agrees with itself."""
    file = settled.files.get(format=suffix)
    content = plain_bytes(file)
    forged = _with_other_amount(content) if suffix == "xlsx" else content.replace(b"|1000.00|", b"|1800.00|")
    key = open_data_key(settled.key.wrapped)
    sealed = seal(key, forged, envelope.of_file(file.name))
    with as_owner_without_triggers():
        sql = "UPDATE payouts_payoutfile SET content = %s, size = %s, sha256 = %s WHERE id = %s"
        run(sql, [sealed, len(forged), hashlib.sha256(forged).hexdigest(), file.pk])
    found = named(books())
    assert {kind for kind, _ in found["file-lines"]} == {"line"}
    assert found["file-totals"] == [("file", file.pk)]
    assert set(found) == {"file-lines", "file-totals", "manifest"}


def _with_other_amount(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (cell,) in book.worksheets[0].iter_rows(min_row=2, min_col=4, max_col=4):
        cell.value = 1800
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_that_is_none_is_found_and_named(settled: PayoutBatch) -> None:
    file = settled.files.get(format="xlsx")
    sealed = seal(open_data_key(settled.key.wrapped), b"PK", envelope.of_file(file.name))
    with as_owner_without_triggers():
        sql = "UPDATE payouts_payoutfile SET content = %s, size = 2, sha256 = %s WHERE id = %s"
        run(sql, [sealed, hashlib.sha256(b"PK").hexdigest(), file.pk])
    assert named(books())["file-lines"] == [("file", file.pk)]


OTHER_TAMPERING: list[tuple[str, str, str]] = [
    ("UPDATE payouts_payoutfile SET sha256 = repeat('0', 64) WHERE batch_id = %s", "file-bytes", "file"),
    ("UPDATE payouts_payoutfile SET total = total + 1 WHERE batch_id = %s", "batch-files", "batch"),
    ("DELETE FROM payouts_payoutfile WHERE batch_id = %s AND format = 'json'", "batch-files", "batch"),
    ("DELETE FROM payouts_payoutfile WHERE batch_id = %s AND format = 'xlsx'", "batch-files", "batch"),
    ("DELETE FROM payouts_payoutfile WHERE batch_id = %s AND format = 'txt'", "manifest", "file"),
    ("UPDATE payouts_payoutbatch SET total = total + 1 WHERE id = %s", "batch-lines", "batch"),
    ("UPDATE payouts_payoutbatch SET card_hash_total = '000000000000' WHERE id = %s", "card-hash", "batch"),
    ("UPDATE payouts_payoutline SET status = 'paid' WHERE batch_id = %s", "line-result", "line"),
    ("UPDATE payouts_payoutline SET status = 'open' WHERE batch_id = %s", "line-batch", "line"),
    ("UPDATE payouts_resultfile SET sha256 = repeat('0', 64) WHERE batch_id = %s", "result-bytes", "result"),
    (
        "DELETE FROM payouts_resultline WHERE file_id IN "
        "(SELECT id FROM payouts_resultfile WHERE batch_id = %s)",
        "result-rows",
        "result",
    ),
    (
        "DELETE FROM audit_auditrow WHERE action = 'payout.approve' AND target = 'payout-batch:' || %s::text",
        "batch-trail",
        "batch",
    ),
    (
        "UPDATE payouts_payoutsnapshot SET card_number = name WHERE line_id IN "
        "(SELECT id FROM payouts_payoutline WHERE batch_id = %s)",
        "snapshot",
        "line",
    ),
    (
        "UPDATE review_decision SET amount = 800 WHERE application_id IN "
        "(SELECT application_id FROM payouts_payoutline WHERE batch_id = %s)",
        "application-amount",
        "application",
    ),
]


@pytest.mark.parametrize(("sql", "check", "kind"), OTHER_TAMPERING, ids=[row[1] for row in OTHER_TAMPERING])
def test_other_tampering_is_found_and_named(settled: PayoutBatch, sql: str, check: str, kind: str) -> None:
    with as_owner_without_triggers():
        run(sql, [settled.pk])
    found = named(books())
    assert check in found, found
    assert {row[0] for row in found[check]} == {kind}


@pytest.mark.req("D4")
def test_somebody_paid_twice_is_found_and_both_lines_named(desk: Desk, settled: PayoutBatch) -> None:
    desk.apply(answer(desk.sent(1)).bytes())
    first, second = PayoutBatch.objects.order_by("id")
    line, other = first.lines.get(status="paid"), second.lines.get()
    with as_owner_without_triggers():
        run("DROP INDEX payoutline_one_live_per_person_and_scheme")
        sql = "UPDATE payouts_payoutline SET person_index = %s WHERE id = %s"
        run(sql, [line.person_index, other.pk])
    assert named(books())["paid-twice"] == [("line", line.pk), ("line", other.pk)]


@pytest.fixture
def output() -> StringIO:
    """Give a place for a command to write to."""
    return StringIO()


def test_the_command_prints_people_and_yuan_and_ends_well(settled: PayoutBatch, output: StringIO) -> None:
    with clock.at(make.DAY):
        call_command("verify_books", stdout=output)
    assert "已到账：1 人，1,000 元" in output.getvalue()
    assert "账目相符" in output.getvalue()


def test_the_command_ends_with_one_and_names_the_line(settled: PayoutBatch, output: StringIO) -> None:
    line = settled.lines.earliest("serial")
    with as_owner_without_triggers():
        run("UPDATE payouts_payoutline SET amount = 1 WHERE id = %s", [line.pk])
    with clock.at(make.DAY), pytest.raises(CommandError) as refused:
        call_command("verify_books", json=True, stdout=output)
    said = json.loads(output.getvalue())
    ids = {finding["check"]: finding["ids"] for finding in said["findings"]}
    assert refused.value.returncode == 1
    assert said["ok"] is False
    assert ids["line-amount"] == [{"kind": "line", "id": line.pk, "name": line.line_ref}]


@pytest.mark.django_db(transaction=True)
def test_the_books_are_read_in_one_read_only_snapshot() -> None:
    desk = Desk.set_up()
    desk.sent(1)
    assert verify(make.DAY).is_right
    assert not connection.in_atomic_block
