"""Correcting the union card after a payment failed (D4)."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from applications.services.drafts import set_card
from applications.services.transitions import Step, lock, note_event
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

CORRECTABLE = (PaymentStatus.FAILED, PaymentStatus.BOUNCED)


def may_correct_card(application: Application) -> bool:
    """Say whether the money waits for a card: the payment failed, or the batch set the card aside."""
    is_set_aside = application.payment == PaymentStatus.NONE and application.card_wanted_since is not None
    return application.status == ApplicationStatus.APPROVED and (
        application.payment in CORRECTABLE or is_set_aside
    )


def correct_card(application: Application, *, actor: Actor, version: int, card_number: str) -> Application:
    """Put a new card on an application whose payment failed; it then joins a later batch."""
    with transaction.atomic():
        locked = lock(application, version=version)
        if not may_correct_card(locked):
            raise Conflict("现在不能改卡号：只有发放失败或被银行退回后才能更正。", code="WRONG_PAYMENT")
        before = locked.card_index
        set_card(locked, card_number)
        locked.card_wanted_since = None
        locked.save(update_fields=["card_number", "card_index", "card_tail", "card_wanted_since"])
        note_event(locked, Step("card", actor, data={"card_tail": locked.card_tail}))
        record(
            "application.card",
            actor=actor,
            target=f"application:{locked.pk}",
            data={"changed": before != locked.card_index, "card_tail": locked.card_tail},
        )
    return locked
