"""Correcting the union card after a payment failed (D4)."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from applications.services.desks import checked_text
from applications.services.drafts import set_card
from applications.services.transitions import Step, lock, note_event
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, RuleRefused
from subsidy.notices.services import enqueue
from subsidy.registers.models import CardHolder
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

CORRECTABLE = (PaymentStatus.FAILED, PaymentStatus.BOUNCED)
ANOTHER_CARD = (
    "持卡登记里这位会员的互助服务卡不是这一张，工作人员不能代改。请会员本人登录更正，或先核对持卡登记。"
)


def may_correct_card(application: Application) -> bool:
    """Say whether the money waits for a card: the payment failed, or the batch set the card aside."""
    is_set_aside = application.payment == PaymentStatus.NONE and application.card_wanted_since is not None
    return application.status == ApplicationStatus.APPROVED and (
        application.payment in CORRECTABLE or is_set_aside
    )


def correct_card(
    application: Application, *, actor: Actor, version: int, card_number: str, evidence: str = ""
) -> Application:
    """Put a new card on an application whose payment failed; it then joins a later batch.

    Staff say how the member asked for it, and never put a card that the register contradicts (D1, F2).
    """
    with transaction.atomic():
        locked = lock(application, version=version)
        if not may_correct_card(locked):
            raise Conflict("现在不能改卡号：只有发放失败或被银行退回后才能更正。", code="WRONG_PAYMENT")
        before = locked.card_index
        set_card(locked, card_number)
        if actor.realm == "staff":
            name = "会员怎样要求更正卡号的凭据"
            evidence = checked_text(evidence, field="consent.evidence", name=name, longest=200)
            _require_registered_card(locked)
        locked.card_wanted_since = None
        locked.save(update_fields=["card_number", "card_index", "card_tail", "card_wanted_since"])
        note_event(locked, Step("card", actor, data={"card_tail": locked.card_tail}))
        changed = before != locked.card_index
        record(
            "application.card",
            actor=actor,
            target=f"application:{locked.pk}",
            data={"changed": changed, "card_tail": locked.card_tail}
            | ({"evidence": evidence} if evidence else {}),
        )
        if changed:
            tell_card_changed(locked)
    return locked


def tell_card_changed(application: Application) -> None:
    """Tell the member which card now stands on the application, whoever put it there."""
    member = application.member
    if member.mobile:
        context = {"number": application.number, "card_tail": application.card_tail}
        enqueue("card_changed", mobile=member.mobile, member_id=member.pk, context=context)


def _require_registered_card(application: Application) -> None:
    holder = CardHolder.objects.filter(resident_id_index=application.person_index).first()
    if holder is not None and holder.card_index != application.card_index:
        raise RuleRefused(ANOTHER_CARD, code="CARD_HOLDER_MISMATCH", field="card_number")
