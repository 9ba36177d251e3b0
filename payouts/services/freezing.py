"""Freezing a batch: name, card and amount of each line are fixed, what cannot be paid is set aside (D2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Sum

from applications.models import Application
from applications.services.transitions import Step, record_payments
from payouts import envelope
from payouts.models import PayoutBatch, PayoutLine
from payouts.services import holds
from payouts.services.duties import lock_applications, lock_batch, require_role, require_status, target
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.actors import Actor
from subsidy.audit.services import record, record_bulk
from subsidy.crypto import blind_index, open_data_key, seal
from subsidy.errors import RuleRefused
from subsidy.rules.identity import InvalidValue, check_card_number
from subsidy.rules.scheme_parts import CardRule
from subsidy.rules.workflow import BatchStatus, LineStatus, PaymentStatus

CHUNK = 2_000
CARD_NOTE = "收款卡卡号不能发放，本次没有划拨。请核对并更正工会会员互助服务卡卡号。"
DIGEST_NOTE = "收款卡卡号要您重新确认，本次没有划拨。请登录更正工会会员互助服务卡卡号。"
COPY = "COPY payouts_payoutsnapshot (line_id, name, card_number, card_tail) FROM STDIN"


class Payee(NamedTuple):
    """An open line with the name and card that its application holds now."""

    line_id: int
    serial: int
    line_ref: str
    application_id: int
    name: str
    card_number: str
    card_index: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line that cannot be paid, and the sentence that says why."""

    line_id: int
    line_ref: str
    application_id: int
    note: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen batch and what was left out of it."""

    batch: PayoutBatch
    set_aside: tuple[SetAside, ...]


def freeze(batch: PayoutBatch, *, maker: StaffUser, ip: str = "") -> Frozen:
    """Fix names, cards, count, sum and card hash; raises Conflict, or RuleRefused if nothing can be paid."""
    require_role(maker, Role.FINANCE_MAKER, act="冻结批次")
    with transaction.atomic():
        locked = lock_batch(batch.pk)
        require_status(locked, BatchStatus.OPEN, act="冻结")
        actor = staff_actor(maker, ip)
        card_sum, set_aside = _snapshot(locked)
        _leave_out(locked, set_aside, actor)
        _fix(locked, card_sum, maker)
        totals = {"lines": locked.line_count, "total": locked.total, "set_aside": len(set_aside)}
        record("payout.freeze", actor=actor, target=target(locked), data={"batch": locked.number} | totals)
    return Frozen(locked, tuple(set_aside))


def _snapshot(batch: PayoutBatch) -> tuple[int, list[SetAside]]:
    """Seal each name and card under the batch's key; return the sum of the cards and who is left out."""
    key, rule = open_data_key(batch.key.wrapped), batch.scheme.rules.card
    held, card_sum, set_aside = holds.of_lines(batch), 0, list[SetAside]()
    for chunk in _payees(batch):
        good = list[Payee]()
        for payee in chunk:
            ground = held.get(payee.line_id)
            if fault := ground.note if ground else _fault(payee, rule):
                set_aside.append(SetAside(payee.line_id, payee.line_ref, payee.application_id, fault))
            else:
                good.append(payee)
        card_sum += sum(int(payee.card_number) for payee in good)
        _write(key, good)
    return card_sum, set_aside


def _payees(batch: PayoutBatch) -> Iterator[list[Payee]]:
    columns = ["id", "serial", "line_ref", "application_id"]
    columns += ["application__name", "application__card_number", "application__card_index"]
    lines = PayoutLine.objects.filter(batch=batch, status=LineStatus.OPEN.value).order_by("serial")
    last = 0
    while chunk := [Payee(*row) for row in lines.filter(serial__gt=last).values_list(*columns)[:CHUNK]]:
        last = chunk[-1].serial
        yield chunk


def _fault(payee: Payee, rule: CardRule) -> str:
    """Say what is wrong with the card: it is opened here, and must be the one that was reviewed."""
    try:
        checked = check_card_number(payee.card_number or "", rule)
    except InvalidValue:
        return CARD_NOTE
    if checked != payee.card_number:
        return CARD_NOTE
    return "" if blind_index("card", checked) == payee.card_index else DIGEST_NOTE


def _write(key: bytes, payees: Sequence[Payee]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for payee in payees:
            name = seal(key, payee.name.encode(), envelope.of_name(payee.line_ref))
            card = seal(key, payee.card_number.encode(), envelope.of_card(payee.line_ref))
            copy.write_row((payee.line_id, name, card, payee.card_number[-4:]))


def _leave_out(batch: PayoutBatch, set_aside: Sequence[SetAside], actor: Actor) -> None:
    if not set_aside:
        return
    PayoutLine.objects.filter(pk__in=[line.line_id for line in set_aside]).update(
        status=LineStatus.CANCELLED.value
    )
    lock_applications([line.application_id for line in set_aside])
    for note in sorted({line.note for line in set_aside}):
        ids = [line.application_id for line in set_aside if line.note == note]
        step = Step("set_aside", actor, note=note)
        record_payments(ids, PaymentStatus.IN_PAYMENT, PaymentStatus.NONE, step)
    wanted = [line.application_id for line in set_aside if line.note in (CARD_NOTE, DIGEST_NOTE)]
    Application.objects.filter(pk__in=wanted).update(card_wanted_since=clock.now())
    refs = [line.line_ref for line in set_aside]
    record_bulk("payout.set_aside", actor=actor, ids=refs, target=target(batch), data={"lines": refs[:50]})


def _fix(batch: PayoutBatch, card_sum: int, maker: StaffUser) -> None:
    open_lines = batch.lines.filter(status=LineStatus.OPEN.value)
    found = open_lines.aggregate(count=Count("id"), total=Sum("amount"))
    if not found["count"]:
        raise RuleRefused(
            f"批次 {batch.number} 没有一条能发放（卡号不合规格，或已暂停发放），不能冻结。请取消这个批次。",
            code="EMPTY_BATCH",
        )
    batch.line_count, batch.total = found["count"], found["total"]
    batch.card_hash_total = envelope.card_hash_total(card_sum)
    batch.status, batch.frozen_by, batch.frozen_at = BatchStatus.FROZEN.value, maker, clock.now()
    batch.save(update_fields=["line_count", "total", "card_hash_total", "status", "frozen_by", "frozen_at"])
