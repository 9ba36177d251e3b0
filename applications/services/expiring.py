"""Clearing drafts that were never filed: what was typed goes, that there was a draft stays on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from applications.models import Application, Attachment, Certificate
from applications.services.transitions import Step, lock, note_event, transition
from subsidy.audit.actors import SYSTEM
from subsidy.rules.workflow import ApplicationStatus

CHUNK: Final = 100
NOTE: Final = "方案截止后一直没有提交，系统按保留期限清空了草稿。"
EMPTY: Final[dict[str, Any]] = {
    "name": "",
    "person_index": "",
    "card_number": None,
    "card_index": "",
    "card_tail": "",
    "employer": "",
    "position": "",
    "district": None,
    "certificate": None,
    "certificate_key": "",
    "consent_evidence": "",
    "staff_reason": "",
}


def never_filed(closed_before: datetime) -> QuerySet[Application]:
    """Return drafts, and drafts taken back, of schemes closed before the instant that still hold something.

    Nothing that was ever filed, prepared from a roster or received on paper is among them.
    """
    unfiled = Application.objects.filter(first_filed_at=None, submitted_at=None, dossier=None)
    unfiled = unfiled.filter(status__in=["draft", "withdrawn"], scheme__closes_at__lt=closed_before)
    holding = Q(certificate__isnull=False) | Q(attachments__isnull=False) | Q(card_number__isnull=False)
    return unfiled.exclude(channel="roster").filter(holding | Q(status="draft") | ~Q(name="")).distinct()


def clear_never_filed(closed_before: datetime) -> int:
    """Clear them one by one, each in a transaction of its own; return how many."""
    done = 0
    while ids := list(never_filed(closed_before).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        done += sum(_clear(pk, closed_before) for pk in ids)
    return done


@transaction.atomic
def _clear(pk: int, closed_before: datetime) -> bool:
    """Empty one draft; whatever became of it since it was listed is looked at anew under the lock."""
    locked = lock(Application.objects.get(pk=pk))
    if not never_filed(closed_before).filter(pk=pk).exists():
        return False
    certificate_id, files = locked.certificate_id, list(locked.attachments.all())
    for name, value in EMPTY.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(EMPTY))
    step = Step("purge", SYSTEM, note=NOTE)
    if locked.status == ApplicationStatus.DRAFT:
        transition(locked, ApplicationStatus.WITHDRAWN, step)
    else:
        note_event(locked, step)
    Attachment.objects.filter(pk__in=[one.pk for one in files]).delete()
    if certificate_id is not None:
        Certificate.objects.filter(pk=certificate_id).delete()
    transaction.on_commit(lambda: _delete_files(files), robust=True)
    return True


def _delete_files(attachments: list[Attachment]) -> None:
    for attachment in attachments:
        attachment.file.storage.delete(str(attachment.file))
