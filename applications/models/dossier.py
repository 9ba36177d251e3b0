"""What stands behind an application: consent, pictures and the paper dossier."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from subsidy.accounts.models import Member
from subsidy.rules.terms import AttachmentKind, Channel


class Consent(models.Model):
    """知情同意: which text, by whom, through which door; never changed."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="consents", verbose_name="会员")
    version = models.CharField("文本版本", max_length=20)
    text_sha256 = models.CharField("文本指纹", max_length=64)
    channel = models.CharField("渠道", max_length=8, choices=Channel.choices())
    evidence = models.CharField("方式与凭据", max_length=200, blank=True)
    given_at = models.DateTimeField("同意时间")
    given_at_real = models.DateTimeField("真实时间")

    class Meta:
        verbose_name = verbose_name_plural = "知情同意"

    def __str__(self) -> str:
        return f"知情同意 {self.pk}"


class Attachment(models.Model):
    """A picture or PDF that passed the gate; its name on disk is random."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        "applications.Application", models.PROTECT, related_name="attachments", verbose_name="申报"
    )
    kind = models.CharField("内容", max_length=12, choices=AttachmentKind.choices())
    file = models.FileField("文件", upload_to="attachments/", max_length=200)
    content_type = models.CharField("类型", max_length=40)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("字节")
    width = models.PositiveIntegerField("宽", null=True)
    height = models.PositiveIntegerField("高", null=True)
    uploaded_at = models.DateTimeField("上传时间")
    superseded_at = models.DateTimeField("被替换时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "sha256"],
                name="attachment_same_file_once",
                violation_error_message="这张图片已经上传过。",
            )
        ]

    def __str__(self) -> str:
        return f"附件 {self.pk}"


class PaperDossier(models.Model):
    """纸质材料 of annex 1: when received and which of the four copies lie in it (F3)."""

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, related_name="dossier", verbose_name="申报"
    )
    received_on = models.DateField("接收日期")
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="收件人"
    )
    has_id_front = models.BooleanField("身份证正面复印件", default=False)
    has_id_back = models.BooleanField("身份证反面复印件", default=False)
    has_card = models.BooleanField("互助服务卡复印件", default=False)
    has_certificate = models.BooleanField("证书复印件", default=False)
    shelf_mark = models.CharField("存放位置", max_length=60, blank=True)
    registered_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "纸质材料"

    def __str__(self) -> str:
        return f"纸质材料 {self.pk}"
