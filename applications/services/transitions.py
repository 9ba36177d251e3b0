"""The two writers of an application's state; each writes the event the database asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from applications.models import Application, Event
from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.errors import Conflict
from subsidy.rules.workflow import (
    APPLICATION_STEPS,
    PAYMENT_STEPS,
    ApplicationStatus,
    PaymentStatus,
    may_move,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What an event says besides the states: all of it may be read by the member."""

    action: str
    actor: Actor
    reasons: Sequence[dict[str, str]] = ()
    remarks: dict[str, str] = field(default_factory=dict)
    note: str = ""
    deadline: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)


def lock(application: Application, *, version: int | None = None) -> Application:
    """Lock and reread an application; raises Conflict when it has moved past the version seen."""
    locked = (
        Application.objects.select_for_update(of=("self",)).select_related("scheme").get(pk=application.pk)
    )
    if version is not None and locked.version != version:
        raise Conflict(
            "这份申报刚刚有了变化，您看到的不是最新内容。请刷新后再办。",
            code="STALE_VERSION",
            field="version",
        )
    return locked


def start(application: Application, step: Step) -> Application:
    """Insert a new application in its first state, with its first event."""
    application.created_at = application.updated_at = clock.now()
    application.save(force_insert=True)
    _write_event(application, step, from_status="", from_payment="")
    return application


def transition(
    application: Application, target: ApplicationStatus, step: Step, **changes: Any
) -> Application:
    """Move a locked application to another status; raises Conflict when the step does not exist."""
    _require_transaction()
    source = ApplicationStatus(application.status)
    if not may_move(APPLICATION_STEPS, source, target):
        raise Conflict(
            f"申报现在是“{source.label}”，不能变为“{target.label}”。请刷新后再看。", code="WRONG_STATUS"
        )
    return _move(application, step, status=target.value, **changes)


def record_payment(
    application: Application, target: PaymentStatus, step: Step, **changes: Any
) -> Application:
    """Move a locked application's payment; raises Conflict when the step does not exist."""
    _require_transaction()
    source = PaymentStatus(application.payment)
    if not may_move(PAYMENT_STEPS, source, target):
        raise Conflict(f"发放现在是“{source.label}”，不能变为“{target.label}”。", code="WRONG_PAYMENT")
    return _move(application, step, payment=target.value, **changes)


def note_event(application: Application, step: Step) -> Application:
    """Write an event that changes neither state, on a locked application whose other columns changed."""
    _require_transaction()
    return _move(application, step)


def record_payments(
    ids: Sequence[int], source: PaymentStatus, target: PaymentStatus, step: Step, *, paid: bool = False
) -> int:
    """Move the payment of many applications: one UPDATE and one INSERT … SELECT; all or nothing.

    The caller holds the rows locked. Raises Conflict naming how many were not in the source state.
    """
    _require_transaction()
    if not may_move(PAYMENT_STEPS, source, target):
        raise Conflict(f"发放不能从“{source.label}”变为“{target.label}”。", code="WRONG_PAYMENT")
    changes: dict[str, Any] = {
        "payment": target.value,
        "version": F("version") + 1,
        "updated_at": clock.now(),
    }
    if paid:
        changes["paid_at"] = clock.now()
    moved = Application.objects.filter(pk__in=ids, payment=source.value).update(**changes)
    if moved != len(ids):
        raise Conflict(f"{len(ids) - moved} 份申报的发放状态已变化，整批没有改动。", code="WRONG_PAYMENT")
    _write_events(ids, source, step)
    return moved


def _move(application: Application, step: Step, **changes: Any) -> Application:
    before = application.status, application.payment
    changes |= {"version": application.version + 1, "updated_at": clock.now()}
    for name, value in changes.items():
        setattr(application, name, value)
    application.save(update_fields=list(changes))
    _write_event(application, step, from_status=before[0], from_payment=before[1])
    return application


def _write_event(application: Application, step: Step, *, from_status: str, from_payment: str) -> Event:
    return Event.objects.create(
        application=application,
        version=application.version,
        from_status=from_status,
        to_status=application.status,
        from_payment=from_payment,
        to_payment=application.payment,
        **_common(step),
    )


def _common(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "actor_realm": step.actor.realm,
        "actor_id": step.actor.id,
        "business_at": clock.now(),
        "real_at": clock.real_now(),
        "reasons": list(step.reasons),
        "remarks": step.remarks,
        "note": step.note,
        "deadline": step.deadline,
        "data": step.data,
    }


def _write_events(ids: Sequence[int], source: PaymentStatus, step: Step) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO applications_event (application_id, version, from_status, to_status, from_payment,
                   to_payment, action, actor_realm, actor_id, business_at, real_at, reasons, remarks, note,
                   deadline, data)
               SELECT id, version, status, status, %s, payment, %s, %s, %s, %s, %s, '[]', '{}', %s, NULL, '{}'
               FROM applications_application WHERE id = ANY(%s)""",
            [
                source.value,
                step.action,
                step.actor.realm,
                step.actor.id,
                clock.now(),
                clock.real_now(),
                step.note,
                list(ids),
            ],
        )


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("transition and record_payment run inside the caller's transaction")
