"""A row says who did what and when, masked, in the caller's transaction, and never changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from subsidy import clock
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.models import AuditRow
from subsidy.audit.services import ids_digest, record, record_bulk

CLERK = Actor("staff", 7, "clerk01", "192.0.2.9")
JUNE = datetime(2024, 6, 18, 10, 0, tzinfo=clock.SHANGHAI)

pytestmark = pytest.mark.django_db


@pytest.mark.req("A3")
def test_a_row_says_who_when_from_where_and_what() -> None:
    record("application.approve", actor=CLERK, target="application:12", data={"amount": 2000})
    row = AuditRow.objects.get()
    assert (row.realm, row.actor_id, row.actor_label, row.ip) == ("staff", 7, "clerk01", "192.0.2.9")
    assert (row.action, row.target, row.data) == ("application.approve", "application:12", {"amount": 2000})


@pytest.mark.req("A7")
def test_a_row_carries_business_and_real_time() -> None:
    with clock.at(JUNE):
        record("clock.look", actor=SYSTEM)
    row = AuditRow.objects.get()
    assert row.business_at == JUNE
    assert abs(row.real_at - clock.real_now()) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("11010219900307231X", "**************231X"),
        ("6214 8301 0000 0231", "***************0231"),
        ("电话13800006620。", "电话*******6620。"),
        (13800006620, "*******6620"),
        ({"deep": ["6214830100000231"]}, {"deep": ["************0231"]}),
        ("ZT2024-0000001-C", "ZT2024-0000001-C"),
        ("2024-06-18T10:00:00+08:00", "2024-06-18T10:00:00+08:00"),
        (True, True),
    ],
)
@pytest.mark.req("A3")
def test_long_numbers_are_masked_at_any_depth(given: object, kept: object) -> None:
    record("member.correct", actor=SYSTEM, data={"value": given})
    assert AuditRow.objects.get().data == {"value": kept}


@pytest.mark.parametrize(("given", "kept"), [("2001:DB8::1", "2001:db8::1"), ("unknown", None), ("", None)])
def test_an_address_that_is_none_is_left_out(given: str, kept: str | None) -> None:
    record("sign_in", actor=Actor("member", 3), ip=given)
    assert AuditRow.objects.get().ip == kept


def test_a_row_vanishes_with_the_work_it_describes() -> None:
    with transaction.atomic():
        record("application.approve", actor=CLERK)
        transaction.set_rollback(True)
    assert not AuditRow.objects.exists()


def test_a_bulk_step_is_one_row_with_a_digest_of_its_ids() -> None:
    record_bulk("batch.build", actor=CLERK, ids=[3, 1, 2], target="batch:9", data={"total": 300})
    count, digest = ids_digest(["1", "2", "3"])
    assert AuditRow.objects.get().data == {"total": 300, "count": count, "ids": digest}
    assert digest != ids_digest([1, 2])[1]


@pytest.mark.parametrize("actor", [Actor("staff", None), Actor("nobody", 1)])  # type: ignore[arg-type]
def test_the_database_refuses_a_person_without_an_id_and_an_unknown_realm(actor: Actor) -> None:
    with pytest.raises(IntegrityError, match="auditrow_"), transaction.atomic():
        record("application.approve", actor=actor)


@pytest.mark.req("A3")
@pytest.mark.parametrize("table", ["audit_auditrow", "audit_auditseal"])
@pytest.mark.parametrize("statement", ["TRUNCATE {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_empty_the_log(table: str, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match=f"{table} is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.req("A3")
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_auditrow SET action = 'x'", "DELETE FROM audit_auditrow"]
)
def test_the_database_refuses_to_change_or_delete_a_row(statement: str) -> None:
    record("application.approve", actor=CLERK)
    with (
        pytest.raises(IntegrityError, match="append-only") as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert caught.value.__cause__.sqlstate == "23001"  # type: ignore[union-attr]
    assert AuditRow.objects.get().action == "application.approve"
