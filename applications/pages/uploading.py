"""The picture of a certificate on its way in and on its way back to its owner."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from applications.models import Application, Attachment
from applications.pages.access import MemberRequest, member_required, own
from applications.services.attachments import attach
from subsidy.audit.actors import Actor
from subsidy.rules.terms import AttachmentKind
from subsidy.uploads import CleanUpload, accept

LOCKED_DOWN = "default-src 'none'; sandbox"


def sent_picture(request: MemberRequest) -> CleanUpload | None:
    """Return the picture that came with the form, through the gate; None without one."""
    file = request.FILES.get("picture")
    return accept(file) if file else None


def attach_picture(application: Application, upload: CleanUpload, *, actor: Actor) -> Attachment:
    """Keep the picture; an earlier one is superseded, not lost."""
    return attach(application, actor=actor, kind=AttachmentKind.CERTIFICATE, upload=upload)


@member_required
@require_safe
def attachment(request: MemberRequest, public_id: UUID, attachment_id: UUID) -> HttpResponseBase:
    """Show the owner their own picture or PDF, as nothing but that."""
    found = own(request, public_id).attachments.filter(public_id=attachment_id).first()
    if found is None:
        raise Http404
    response = FileResponse(found.file.open("rb"), content_type=found.content_type)
    response["Content-Disposition"] = f'inline; filename="certificate{Path(found.file.path).suffix}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = LOCKED_DOWN
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
