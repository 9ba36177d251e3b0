"""Committed rows are chained once, running transactions are waited for, and tampering is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from subsidy.audit import sealer, verifier
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow, AuditSeal
from subsidy.audit.services import record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("A3")]


def write(count: int) -> list[int]:
    for number in range(count):
        record("test.step", actor=SYSTEM, target=f"thing:{number}", data={"number": number})
    return list(AuditRow.objects.order_by("id").values_list("id", flat=True))


def tamper(sql: str, *params: object) -> None:
    """Do what only the owner of the tables could do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)


def findings() -> list[tuple[str, str]]:
    return [(finding.kind, finding.where) for finding in verifier.verify().findings]


@contextmanager
def unfinished_row(target: str) -> Iterator[Callable[[], None]]:
    """Hold a row in a running transaction of another connection; call the given function to commit it."""
    written, may_commit = Event(), Event()

    def work() -> None:
        try:
            with transaction.atomic():
                record("test.slow", actor=SYSTEM, target=target)
                written.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()

    def commit() -> None:
        may_commit.set()
        thread.join()

    assert written.wait(20)
    try:
        yield commit
    finally:
        commit()


def test_every_row_is_sealed_once_in_one_chain() -> None:
    write(3)
    assert sealer.seal() == 3
    assert sealer.seal() == 0
    write(2)
    assert sealer.seal() == 2
    first, second = AuditSeal.objects.order_by("id")
    assert (first.previous, second.previous) == ("", first.sha256)
    assert (first.count, second.count) == (3, 2)
    assert findings() == []


def test_more_rows_than_one_seal_holds_make_several_links() -> None:
    rows = sealer.ROWS_PER_SEAL + 5
    write(rows)
    assert sealer.seal() == rows
    assert [seal.count for seal in AuditSeal.objects.order_by("id")] == [sealer.ROWS_PER_SEAL, 5]
    assert findings() == []


def test_a_row_of_a_running_transaction_is_sealed_after_it_commits() -> None:
    with unfinished_row("thing:slow") as commit:
        write(2)
        assert sealer.seal() == 2
        assert sealer.seal() == 0
        commit()
        assert sealer.seal() == 1
    slow = AuditRow.objects.get(target="thing:slow")
    assert AuditSeal.objects.order_by("-id")[0].row_ids == [slow.pk]
    assert findings() == []


def test_the_sealer_leaves_out_what_its_own_caller_has_not_committed() -> None:
    with transaction.atomic():
        write(1)
        with unfinished_row("thing:committed later") as commit:
            commit()
        assert sealer.seal() == 1
    assert [seal.count for seal in AuditSeal.objects.all()] == [1]
    assert sealer.seal() == 1


def test_writing_never_waits_for_the_sealer() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({sealer.SEAL_LOCK})")
        with unfinished_row("thing:meanwhile") as commit:
            commit()
    assert AuditRow.objects.filter(target="thing:meanwhile").exists()


def test_sealers_at_once_seal_each_row_once(thread_race: Callable[..., list[object]]) -> None:
    ids = write(40)
    results = thread_race(lambda number: sealer.seal(), times=6)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(i for seal in AuditSeal.objects.all() for i in seal.row_ids) == ids
    assert findings() == []


def test_after_a_restore_to_a_server_that_counts_lower_sealing_goes_on() -> None:
    write(2)
    sealer.seal()
    tamper("UPDATE audit_auditseal SET horizon = '9000000000000'::xid8")
    seal = AuditSeal.objects.get()
    digest = sealer.chain_digest(seal.previous, seal.horizon, seal.row_ids, bytes(seal.row_digests))
    tamper("UPDATE audit_auditseal SET sha256 = %s", digest)
    write(1)
    tamper(
        "UPDATE audit_auditrow SET txid = '8999999999999'::xid8 WHERE id = %s",
        AuditRow.objects.latest("id").pk,
    )
    write(1)
    assert sealer.seal() == 2
    assert sealer.seal() == 0
    assert findings() == []


@pytest.mark.parametrize(
    "change",
    [
        "action = 'other'",
        "actor_label = 'x'",
        "data = '{\"number\": 7}'",
        "target = 'thing:9'",
        "real_at = real_at + interval '1 microsecond'",
        "business_at = business_at + interval '1 microsecond'",
        "realm = 'staff', actor_id = 1",
        "ip = '192.0.2.1'",
    ],
)
def test_an_altered_row_is_named(change: str) -> None:
    ids = write(3)
    sealer.seal()
    tamper(f"UPDATE audit_auditrow SET {change} WHERE id = %s", ids[1])
    assert findings() == [("altered", f"row {ids[1]}")]


def test_a_missing_row_is_named() -> None:
    ids = write(3)
    sealer.seal()
    tamper("DELETE FROM audit_auditrow WHERE id = %s", ids[1])
    assert findings() == [("missing", f"row {ids[1]}")]


def test_rows_that_changed_places_are_both_named() -> None:
    ids = write(3)
    sealer.seal()
    tamper(
        "UPDATE audit_auditrow a SET target = b.target, data = b.data FROM audit_auditrow b"
        " WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))",
        *[ids[0], ids[2], ids[2], ids[0]],
    )
    assert findings() == [("altered", f"row {ids[0]}"), ("altered", f"row {ids[2]}")]


def test_a_row_slipped_in_later_is_named() -> None:
    write(2)
    sealer.seal()
    record("test.forged", actor=SYSTEM)
    forged = AuditRow.objects.get(action="test.forged").pk
    tamper("UPDATE audit_auditrow SET txid = '3'::xid8 WHERE id = %s", forged)
    assert sealer.seal() == 0
    assert findings() == [("inserted", f"row {forged}")]


def test_a_missing_link_shows_at_the_next_one() -> None:
    for _ in range(3):
        write(1)
        sealer.seal()
    seals = list(AuditSeal.objects.order_by("id"))
    tamper("DELETE FROM audit_auditseal WHERE id = %s", seals[1].pk)
    assert ("broken", f"seal {seals[2].pk}") in findings()


def test_an_altered_link_is_named() -> None:
    write(2)
    sealer.seal()
    tamper("UPDATE audit_auditseal SET row_ids = row_ids[1:1], count = 1, last = first")
    assert ("altered", f"seal {AuditSeal.objects.get().pk}") in findings()


def test_a_cut_off_end_shows_against_a_head_noted_earlier() -> None:
    write(1)
    sealer.seal()
    write(1)
    sealer.seal()
    last = AuditSeal.objects.order_by("-id")[0]
    assert verifier.verify(known_head=last.sha256).findings == []
    tamper("DELETE FROM audit_auditseal WHERE id = %s", last.pk)
    tamper("DELETE FROM audit_auditrow WHERE id = %s", last.first)
    assert verifier.verify().findings == []
    assert [finding.kind for finding in verifier.verify(known_head=last.sha256).findings] == ["truncated"]


def test_the_chain_cannot_fork() -> None:
    write(1)
    sealer.seal()
    seal = AuditSeal.objects.get()
    seal.pk, seal.sha256 = None, "0" * 64
    with pytest.raises(IntegrityError, match="auditseal_chain_never_forks"):
        seal.save(force_insert=True)


def test_the_command_seals_reports_and_exits_0() -> None:
    write(2)
    out = StringIO()
    call_command("verify_audit", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["ok"], report["sealed_now"], report["rows"], report["seals"]) == (True, 2, 2, 1)
    assert report["head"] == AuditSeal.objects.get().sha256


def test_the_command_exits_1_and_names_the_row() -> None:
    ids = write(2)
    sealer.seal()
    tamper("DELETE FROM audit_auditrow WHERE id = %s", ids[0])
    out = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("verify_audit", stdout=out)
    assert caught.value.code == 1
    assert f"row {ids[0]}" in out.getvalue()
