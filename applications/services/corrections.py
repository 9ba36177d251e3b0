"""Changing what was filed: staff do so on the member's word only, and the member hears of another card."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from applications.services.assisted import EVIDENCE
from applications.services.cards import tell_card_changed
from applications.services.desks import checked_text, require_own_case
from applications.services.drafts import Filing, change_draft
from applications.services.filing import resubmit
from applications.services.transitions import lock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import staff_actor
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.rules.workflow import ApplicationStatus

FIELDS = ("certificate", "card_number", "employer", "position", "district")


def change(application: Application, filing: Filing, *, actor: Actor, version: int) -> Application:
    """Change a draft or a returned application; raises RuleRefused when staff name no evidence (F2)."""
    with transaction.atomic():
        locked = lock(application, version=version)
        is_returned, card = locked.status == ApplicationStatus.RETURNED, locked.card_index
        if (
            is_returned
            and actor.realm == "staff"
            and any(getattr(filing, name) is not None for name in FIELDS)
        ):
            _keep_evidence(locked, filing.consent_evidence or "", actor)
        changed = change_draft(locked, filing, actor=actor, version=version)
        if is_returned and changed.card_index != card:
            tell_card_changed(changed)
    return changed


def resubmit_for(
    application: Application, *, operator: StaffUser, version: int, evidence: str, ip: str = ""
) -> Application:
    """Send a corrected application again for the member, writing down how they agreed (F2)."""
    actor = staff_actor(operator, ip)
    with transaction.atomic():
        locked = lock(application, version=version)
        require_own_case(locked, operator)
        locked.consent_evidence = _keep_evidence(locked, evidence, actor)
        locked.save(update_fields=["consent_evidence"])
        return resubmit(locked, actor=actor, version=version)


def _keep_evidence(application: Application, evidence: str, actor: Actor) -> str:
    """Return the evidence; the audit log keeps each one, the application the last."""
    text = checked_text(evidence, field="consent.evidence", name=EVIDENCE, longest=200)
    target = f"application:{application.pk}"
    record("application.change_for", actor=actor, target=target, data={"evidence": text})
    return text
