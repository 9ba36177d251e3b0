"""Pictures and PDF: as sent, and as answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from applications.api.fields import Named, TermField
from applications.api.serializers.base import StrictSerializer
from subsidy.rules.terms import AttachmentKind


class UploadedFile(Named, serializers.FileField):
    """One file; what is in it is judged by the gate."""

    default_error_messages = {
        "invalid": "{label}应以文件形式上传（multipart/form-data）。",
        "no_name": "{label}没有文件名，请重新选择。",
        "empty": "上传的文件是空的，请重新选择文件。",
    }


class AttachmentSerializer(StrictSerializer):
    """A file and what it shows (the certificate unless told otherwise)."""

    file = UploadedFile(label="文件", help_text="JPEG、PNG 或 PDF，不超过 10 MB")
    kind = TermField(AttachmentKind, label="内容", required=False)


class AttachmentAnswerSerializer(serializers.Serializer[Any]):
    """A stored file; its bytes are at its own address."""

    id = serializers.UUIDField(source="public_id")
    kind = TermField(AttachmentKind)
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    uploaded_at = serializers.DateTimeField()
    superseded_at = serializers.DateTimeField(allow_null=True)
