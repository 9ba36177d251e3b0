"""How far a member is known: what the register of card holders says about name, number and card (E1).

Agreement raises the member's trust at sign-in, at identification and at filing; disagreement is noted for the
reviewer, who sees it on the case page, and forbids nothing; a register without rows knows nothing and changes
nothing. Which facts differ is told by the rule outcome (CARD_HOLDER_MISMATCH and its like), not here.
"""

from __future__ import annotations

from django.db import transaction

from subsidy import clock
from subsidy.accounts.enums import Trust
from subsidy.accounts.models import Member
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.registers.models import CardHolder


def refresh_trust(member: Member, *, actor: Actor) -> Trust:
    """Compare a member with the register, keep and record what changed, and return the trust that stands."""
    if not member.is_identified or _judged(member)[0] == member.trust:
        return Trust(member.trust)
    with transaction.atomic():
        locked = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        target, agreeing = _judged(locked)
        if target != locked.trust:
            before, locked.trust, locked.updated_at = locked.trust, target.value, clock.now()
            locked.save(update_fields=["trust", "updated_at"])
            data = {"from": before, "to": target.value, "agreeing": agreeing}
            record("member.trust", actor=actor, target=f"member:{locked.pk}", data=data)
    member.trust = target.value
    return target


def _judged(member: Member) -> tuple[Trust, list[str]]:
    """Return the trust that the register gives, and what agrees besides the identity number."""
    without = Trust.MOBILE if member.mobile_verified_at else Trust.NONE
    holder = CardHolder.objects.filter(resident_id_index=member.resident_id_index, active=True).first()
    if holder is None:
        return (without if CardHolder.objects.exists() else Trust(member.trust)), []
    agreeing = _agreeing(member, holder)
    if "name" not in agreeing:
        return Trust.DISPUTED, agreeing
    if len(agreeing) > 1:
        return Trust.REGISTER, agreeing
    return (Trust.DISPUTED if member.card_index else without), agreeing


def _agreeing(member: Member, holder: CardHolder) -> list[str]:
    """Return what agrees; a mobile counts only if the member proved it."""
    proved = member.mobile_index if member.mobile_verified_at else None
    pairs = {
        "name": (member.name_key, holder.name_key),
        "card_number": (member.card_index, holder.card_index),
        "mobile": (proved, holder.mobile_index),
    }
    return [name for name, (mine, theirs) in pairs.items() if mine and mine == theirs]
