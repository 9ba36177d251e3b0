"""Pictures and PDF of an application, for its member and for the office that filed it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api.openapi import IDEMPOTENCY_KEY, answers
from applications.api.serializers.attachments import AttachmentAnswerSerializer, AttachmentSerializer
from applications.api.staff import CallerThrottle, UploadThrottle
from applications.api.views.applications import READ, WRITE
from applications.api.views.callers import CallerView
from applications.models import Attachment
from applications.services.attachments import attach
from applications.services.idempotency import HEADER, Outcome, read_key, run_once
from subsidy.errors import NotFound
from subsidy.rules.terms import AttachmentKind
from subsidy.uploads import MAX_BYTES, accept

SANDBOX = "default-src 'none'; sandbox"
AROUND_THE_FILE = 64 * 1024


class AttachmentsView(CallerView):
    """The files of one application."""

    parser_classes = [MultiPartParser]
    throttle_classes = [CallerThrottle, UploadThrottle]
    largest_body = MAX_BYTES + AROUND_THE_FILE

    @extend_schema(
        operation_id="applications_attachments_list",
        responses=answers({200: AttachmentAnswerSerializer(many=True)}, *READ),
        tags=["attachments"],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """附件."""
        files = self.case(id).attachments.all()
        return Response(AttachmentAnswerSerializer(files, many=True).data)

    @extend_schema(
        operation_id="applications_attachments_create",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": AttachmentSerializer},
        responses=answers({201: AttachmentAnswerSerializer}, *WRITE),
        tags=["attachments"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """上传图片或 PDF."""
        application = self.case(id)
        serializer = AttachmentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        kind = serializer.validated_data.get("kind", AttachmentKind.CERTIFICATE)
        upload = accept(serializer.validated_data["file"])
        key = read_key(
            request.headers.get(HEADER, ""),
            actor=self.actor,
            route=f"attachments:{id}",
            asked={"kind": kind.value},
            file_hashes=[upload.sha256],
        )

        def work() -> Outcome:
            kept = attach(application, actor=self.actor, kind=kind, upload=upload)
            return Outcome(201, str(kept.public_id))

        outcome = run_once(key, work)
        kept = application.attachments.get(public_id=outcome.target)
        return Response(AttachmentAnswerSerializer(kept).data, status=outcome.status_code)


class AttachmentView(CallerView):
    """One file's bytes, shown where no script can run."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Answer whatever the caller accepts: an <img> asks for pictures, and problems stay JSON."""
        return JSONRenderer(), JSONRenderer.media_type

    @extend_schema(
        operation_id="applications_attachments_retrieve",
        responses=answers(
            {
                (200, media_type): OpenApiResponse(OpenApiTypes.BINARY)
                for media_type in ("image/jpeg", "image/png", "application/pdf")
            },
            *READ,
        ),
        tags=["attachments"],
    )
    def get(self, request: Request, id: UUID, attachment_id: UUID) -> FileResponse:
        """下载一个附件."""
        files = self.case(id).attachments
        attachment: Attachment | None = files.filter(public_id=attachment_id).first()
        if attachment is None:
            raise NotFound("没有找到这个附件，请核对后再试。")
        return file_response(attachment)


def file_response(attachment: Attachment) -> FileResponse:
    """Answer a stored file: its own type, never sniffed, never run, never cached by others."""
    answer = FileResponse(attachment.file.open("rb"), content_type=attachment.content_type)
    extension = str(attachment.file.name).rpartition(".")[2]
    answer["Content-Disposition"] = f'inline; filename="{attachment.kind}.{extension}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = SANDBOX
    answer["Cache-Control"] = "private, no-store"
    return answer
