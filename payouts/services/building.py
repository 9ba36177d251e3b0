"""Gathering approved applications in a batch (四（三）)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max, Sum

from applications.services.transitions import Step, record_payments
from payouts import envelope
from payouts.formats.shapes import LINES_PER_PART, MAX_PARTS
from payouts.models import PayoutBatch, PayoutLine
from payouts.services.duties import require_role, target
from payouts.services.holds import FREE
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.services import record_bulk
from subsidy.errors import RuleRefused
from subsidy.rules import numbers
from subsidy.rules.workflow import LIVE_LINES, PAYABLE, PaymentStatus
from subsidy.schemes.models import Scheme

TURN = 71
MAX_LINES = LINES_PER_PART * MAX_PARTS
NOTE = "已列入发放批次，款项将划拨到您的工会会员互助服务卡。"

WHERE = f"""a.scheme_id = %s AND a.status = 'approved' AND a.payment = ANY(%s)
  AND a.payable_from <= %s AND a.card_wanted_since IS NULL
  AND NOT EXISTS (SELECT 1 FROM payouts_payoutline l
    WHERE l.scheme_id = a.scheme_id AND l.person_index = a.person_index AND l.status = ANY(%s))
  AND {FREE}"""  # noqa: S608 - our own text
# Somebody who holds a row just now (a revocation, say) keeps it; it joins the next batch.
PICK = f"""
SELECT a.id, a.payment FROM applications_application a WHERE {WHERE}
ORDER BY a.payable_from, a.id LIMIT %s FOR UPDATE OF a SKIP LOCKED
"""  # noqa: S608 - our own text
COUNT = f"""
SELECT count(*), coalesce(sum(a.amount), 0), min(a.payout_due_at)
FROM applications_application a WHERE {WHERE}
"""  # noqa: S608 - our own text
JOIN = """
INSERT INTO payouts_payoutline
    (batch_id, serial, line_ref, application_id, scheme_id, person_index, amount, status, resend_note,
     replaces_id)
SELECT %s, p.serial, p.line_ref, a.id, a.scheme_id, a.person_index, a.amount, 'open', '',
    (SELECT max(l.id) FROM payouts_payoutline l WHERE l.application_id = a.id AND l.status = 'cancelled'
        AND l.resend_approved_by_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM payouts_payoutline n WHERE n.replaces_id = l.id))
FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS p(id, serial, line_ref)
JOIN applications_application a ON a.id = p.id
"""


class Payable(NamedTuple):
    """An application that may be paid now, locked."""

    id: int
    payment: str


class Waiting(NamedTuple):
    """How many may be paid now, for how many yuan, and when the first is due."""

    people: int
    yuan: int
    due_at: datetime | None


def waiting(scheme: Scheme) -> Waiting:
    """Count what a batch built now would hold."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, _conditions(scheme))
        return Waiting(*cursor.fetchone())


def committed(scheme: Scheme) -> int:
    """Return the yuan of a scheme that are in payment or paid, to hold against its budget ceiling."""
    live = PayoutLine.objects.filter(scheme=scheme, status__in=[state.value for state in LIVE_LINES])
    return live.aggregate(total=Sum("amount"))["total"] or 0


def build_batch(*, scheme: Scheme, maker: StaffUser, ip: str = "") -> PayoutBatch:
    """Put every payable application of a scheme into a new batch; raises RuleRefused when there is none.

    Payable: approved, public notice over, not paid or in payment, not waiting for a card, not on hold.
    """
    require_role(maker, Role.FINANCE_MAKER, act="建批")
    with transaction.atomic():
        _take_turn(scheme)
        payable = _pick(scheme)
        if not payable:
            raise RuleRefused(
                "现在没有可以发放的申报：要已通过、公示期已过，不在等会员更正卡号，也没有暂停发放。",
                code="NOTHING_TO_PAY",
            )
        batch = _open(scheme, maker)
        _join(batch, payable)
        _summarise(batch)
        actor = staff_actor(maker, ip)
        for payment in sorted(PAYABLE):
            ids = [row.id for row in payable if row.payment == payment]
            step = Step("in_payment", actor, note=NOTE)
            if ids:
                record_payments(ids, PaymentStatus(payment), PaymentStatus.IN_PAYMENT, step)
        record_bulk(
            "payout.build",
            actor=actor,
            ids=[row.id for row in payable],
            target=target(batch),
            data={"batch": batch.number, "total": batch.total},
        )
    return batch


def _take_turn(scheme: Scheme) -> None:
    """Builders of one scheme go one after the other: numbers have no gaps, nobody is picked twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, scheme.pk])


def _pick(scheme: Scheme) -> list[Payable]:
    with connection.cursor() as cursor:
        cursor.execute(PICK, [*_conditions(scheme), MAX_LINES])
        return [Payable(*row) for row in cursor.fetchall()]


def _conditions(scheme: Scheme) -> list[Any]:
    payments, live = [state.value for state in PAYABLE], [state.value for state in LIVE_LINES]
    return [scheme.pk, payments, clock.now(), live]


def _open(scheme: Scheme, maker: StaffUser) -> PayoutBatch:
    last = PayoutBatch.objects.filter(scheme=scheme).aggregate(last=Max("number"))["last"]
    found = numbers.parse_batch_number(last) if last else None
    return PayoutBatch.objects.create(
        number=numbers.batch_number(scheme.year, found.running + 1 if found else 1),
        scheme=scheme,
        key=envelope.new_key().row,
        scheme_fingerprint=scheme.fingerprint,
        built_by=maker,
        built_at=clock.now(),
    )


def _join(batch: PayoutBatch, payable: Sequence[Payable]) -> None:
    serials = list(range(1, len(payable) + 1))
    refs = [numbers.line_ref(batch.number, serial) for serial in serials]
    with connection.cursor() as cursor:
        cursor.execute(JOIN, [batch.pk, [row.id for row in payable], serials, refs])


def _summarise(batch: PayoutBatch) -> None:
    """Note what the open batch holds; freezing counts anew."""
    batch.line_count = batch.lines.count()
    batch.total = batch.lines.aggregate(total=Sum("amount"))["total"]
    batch.save(update_fields=["line_count", "total"])
