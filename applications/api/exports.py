"""Everything we keep about a member, in full, for the member alone (A2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from applications.api.filings import answer
from applications.api.serializers.applications import ApplicationAnswerSerializer, TimelineEntrySerializer
from applications.api.serializers.attachments import AttachmentAnswerSerializer
from applications.models import Application
from applications.services.timeline import entry_of
from subsidy import clock
from subsidy.accounts.models import Member, MemberCorrection, MobileChange
from subsidy.audit.models import AuditRow


def export_of(member: Member) -> dict[str, Any]:
    """Return the member's data with every number complete."""
    applications = (
        Application.objects.of_member(member)
        .select_related("scheme", "certificate", "district", "consent", "office")
        .prefetch_related("events", "attachments")
    )
    return {
        "exported_at": clock.now().isoformat(),
        "member": _member(member),
        "consents": [_consent(consent) for consent in member.consents.order_by("id")],
        "applications": [_application(application) for application in applications],
        "corrections": [_correction(one) for one in member.corrections.order_by("id")],
        "mobile_changes": [_mobile_change(one) for one in member.mobile_changes.order_by("id")],
        "shown_to_staff": list(_shown(member)),
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "name": member.name,
        "resident_id": member.resident_id,
        "mobile": member.mobile,
        "mobile_verified_at": member.mobile_verified_at,
        "card_number": member.card_number,
        "employer": member.employer,
        "position": member.position,
        "district": member.district.code if member.district else None,
        "created_at": member.created_at,
        "updated_at": member.updated_at,
    }


def _shown(member: Member) -> Iterator[dict[str, Any]]:
    """Yield each time staff saw one of the member's numbers in full: when, which, why, and their role."""
    people = [member.pk, *member.merged_from.values_list("pk", flat=True)]
    rows = AuditRow.objects.filter(action="member.reveal", target__in=[f"member:{pk}" for pk in people])
    for row in rows.order_by("id"):
        yield {
            "shown_at": row.real_at,
            "field": row.data.get("field", ""),
            "roles": row.data.get("roles", []),
            "reason": row.data.get("reason", ""),
            "application": row.data.get("application", ""),
        }


def _correction(one: MemberCorrection) -> dict[str, Any]:
    return {
        "field": one.field,
        "value": one.value,
        "reason": one.reason,
        "outcome": one.outcome,
        "note": one.note,
        "requested_at": one.requested_at,
        "decided_at": one.decided_at,
    }


def _mobile_change(one: MobileChange) -> dict[str, Any]:
    return {
        "old_mobile": one.old_mobile,
        "new_tail": one.new_tail,
        "changed_at": one.changed_at,
        "by_staff": one.changed_by_id is not None,
        "reason": one.reason,
    }


def _consent(consent: Any) -> dict[str, Any]:
    return {
        "version": consent.version,
        "channel": consent.channel,
        "evidence": consent.evidence,
        "given_at": consent.given_at,
    }


def _application(application: Application) -> dict[str, Any]:
    entries = [asdict(entry_of(event)) for event in application.events.all()]
    return {
        **ApplicationAnswerSerializer(answer(application)).data,
        "name": application.name,
        "card_number": application.card_number,
        "timeline": TimelineEntrySerializer(entries, many=True).data,
        "attachments": AttachmentAnswerSerializer(application.attachments.all(), many=True).data,
    }
