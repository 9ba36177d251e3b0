"""A little of everything that is encrypted, sealed or kept on disk, made by the services."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from applications.models import Attachment
from applications.services.attachments import attach
from subsidy.accounts.services import member_actor
from subsidy.rules.terms import AttachmentKind
from subsidy.uploads import accept
from tests import make
from tests.payouts.money import Desk, answer


def begun() -> None:
    """File, pay, answer and attach: members, applications, notices, registers, data keys, files."""
    desk = Desk.set_up()
    batch = desk.sent(2)
    desk.apply(answer(batch, "PAID").bytes())
    person = make.member()
    make.card_holder(person)
    make.result()
    with_picture(person)


def with_picture(person: make.Member | None = None) -> Attachment:
    """Attach a picture to a draft."""
    application = make.draft(person)
    stream = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(stream, "PNG")
    upload = accept(SimpleUploadedFile("certificate.png", stream.getvalue(), "image/png"))
    actor = member_actor(application.member)
    return attach(application, actor=actor, kind=AttachmentKind.CERTIFICATE, upload=upload)
