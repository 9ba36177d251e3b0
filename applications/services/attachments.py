"""Pictures and PDF of an application: one current file of each kind, older ones kept."""

from __future__ import annotations

import secrets

from django.core.files.base import ContentFile
from django.db import transaction

from applications.models import Application, Attachment
from applications.services.drafts import EDITABLE
from applications.services.transitions import lock
from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, RuleRefused
from subsidy.rules.terms import AttachmentKind
from subsidy.uploads import CleanUpload

MOST = 20


def attach(
    application: Application, *, actor: Actor, kind: AttachmentKind, upload: CleanUpload
) -> Attachment:
    """Keep a file that passed the gate; the very same file again is the one already there.

    Raises Conflict once the application is filed, RuleRefused past the number of files.
    """
    with transaction.atomic():
        locked = lock(application)
        if locked.status not in EDITABLE:
            raise Conflict("申报提交后不能再加图片。要补充，请等退回补正，或先撤回。", code="WRONG_STATUS")
        files = list(locked.attachments.select_for_update(of=("self",)))
        same = next((one for one in files if one.kind == kind and one.sha256 == upload.sha256), None)
        if same is None and len(files) >= MOST:
            raise RuleRefused(f"一份申报最多上传 {MOST} 个文件。", code="TOO_MANY_FILES", field="file")
        _supersede(locked, kind, same)
        attachment = same or _store(locked, kind, upload)
        record(
            "application.attach",
            actor=actor,
            target=f"application:{locked.pk}",
            data={"attachment": attachment.pk, "kind": kind.value, "size": attachment.size},
        )
    return attachment


def _supersede(application: Application, kind: AttachmentKind, kept: Attachment | None) -> None:
    current = application.attachments.filter(kind=kind.value, superseded_at=None)
    others = current.exclude(pk=kept.pk) if kept else current
    others.update(superseded_at=clock.now())
    if kept is not None and kept.superseded_at is not None:
        kept.superseded_at = None
        kept.save(update_fields=["superseded_at"])


def _store(application: Application, kind: AttachmentKind, upload: CleanUpload) -> Attachment:
    """Write the file under a random name, then its row; a row that fails takes the file with it."""
    attachment = Attachment(
        application=application,
        kind=kind.value,
        content_type=upload.content_type,
        sha256=upload.sha256,
        size=len(upload.content),
        width=upload.width,
        height=upload.height,
        uploaded_at=clock.now(),
    )
    name = f"{secrets.token_hex(16)}.{upload.extension}"
    attachment.file.save(name, ContentFile(upload.content), save=False)
    try:
        attachment.save(force_insert=True)
    except Exception:
        attachment.file.delete(save=False)
        raise
    return attachment
