"""A batch, its lines as frozen, and the files that left the house."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models import Application
from subsidy.rules.terms import Term
from subsidy.rules.workflow import BatchStatus, LineStatus
from subsidy.schemes.models import Scheme

STAFF = settings.AUTH_USER_MODEL


class FileFormat(Term):
    """What kind of file a stored one is."""

    TEXT = "txt", "文本（GB18030）"
    WORKBOOK = "xlsx", "工作簿"
    MANIFEST = "json", "清单"


class DataKey(models.Model):
    """A wrapped data key; the one row of the envelope that may be rewritten (key rotation)."""

    wrapped = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = "数据密钥"

    def __str__(self) -> str:
        return f"数据密钥 {self.pk}"


class PayoutBatch(models.Model):
    """资金划拨批次: built by one person, approved by another."""

    number = models.CharField("批次号", max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="batches", verbose_name="方案")
    status = models.CharField(
        "状态", max_length=10, choices=BatchStatus.choices(), default=BatchStatus.OPEN.value
    )
    key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    line_count = models.PositiveIntegerField("人数", default=0)
    total = models.PositiveBigIntegerField("金额（元）", default=0)
    card_hash_total = models.CharField("卡号校验和", max_length=20, blank=True)
    scheme_fingerprint = models.CharField("方案指纹", max_length=64)
    built_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+", verbose_name="制单")
    built_at = models.DateTimeField("建批时间")
    frozen_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+", verbose_name="冻结")
    frozen_at = models.DateTimeField("冻结时间", null=True)
    approved_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+", verbose_name="复核")
    approved_at = models.DateTimeField("批准时间", null=True)
    exported_at = models.DateTimeField("导出时间", null=True)
    settled_at = models.DateTimeField("结清时间", null=True)
    cancelled_at = models.DateTimeField("取消时间", null=True)
    cancelled_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发放批次"
        ordering = ["-id"]
        permissions = [
            ("make_payoutbatch", "可以建批、冻结和导出"),
            ("check_payoutbatch", "可以复核批准"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("built_by")),
                name="payoutbatch_maker_is_not_approver",
                violation_error_message="制单人不能批准自己的批次，请由另一人复核。",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(frozen_by__isnull=True)
                | ~Q(approved_by=F("frozen_by")),
                name="payoutbatch_freezer_is_not_approver",
                violation_error_message="冻结人不能批准自己冻结的批次，请由另一人复核。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "frozen", "cancelled"])
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="payoutbatch_approved_by_somebody",
                violation_error_message="批准、导出和结清的批次要有复核人。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "cancelled"])
                | Q(frozen_at__isnull=False, line_count__gt=0, total__gt=0),
                name="payoutbatch_frozen_has_totals",
                violation_error_message="冻结的批次要有人数和金额。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["exported", "settled"]) | Q(exported_at__isnull=False),
                name="payoutbatch_exported_has_instant",
                violation_error_message="导出的批次要有导出时间。",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PayoutLine(models.Model):
    """明细: the one membership of an application in a batch."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="lines", verbose_name="批次")
    serial = models.PositiveIntegerField("序号")
    line_ref = models.CharField("明细号", max_length=24, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="lines", verbose_name="申报")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+")
    person_index = models.CharField(max_length=64, editable=False)
    amount = models.PositiveIntegerField("金额（元）")
    status = models.CharField(
        "状态", max_length=10, choices=LineStatus.choices(), default=LineStatus.OPEN.value
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="重送自"
    )
    unknown_since = models.DateTimeField("结果不明起", null=True)
    resend_requested_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    resend_approved_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    resend_note = models.CharField("重送说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        ordering = ["batch_id", "serial"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "serial"],
                name="payoutline_serial_once_per_batch",
                violation_error_message="同一批次里序号不能重复。",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=["open", "sent", "unknown", "paid"]),
                name="payoutline_one_live_per_application",
                violation_error_message="这份申报已有一条在途或已到账的明细。",
            ),
            models.UniqueConstraint(
                fields=["scheme", "person_index"],
                condition=Q(status__in=["open", "sent", "unknown", "paid"]),
                name="payoutline_one_live_per_person_and_scheme",
                violation_error_message="此人本年度已有一条在途或已到账的明细。",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payoutline_amount_is_positive",
                violation_error_message="金额要大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(resend_approved_by__isnull=True)
                | Q(resend_requested_by__isnull=False) & ~Q(resend_approved_by=F("resend_requested_by")),
                name="payoutline_resend_needs_two_people",
                violation_error_message="重送结果不明的明细要两个人：提出和批准不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return self.line_ref


class PayoutSnapshot(models.Model):
    """Name and card of a line as frozen, sealed under the batch's data key; append-only."""

    line = models.OneToOneField(PayoutLine, models.PROTECT, primary_key=True, related_name="snapshot")
    name = models.BinaryField()
    card_number = models.BinaryField()
    card_tail = models.CharField("卡号后四位", max_length=4)

    class Meta:
        verbose_name = verbose_name_plural = "发放快照"

    def __str__(self) -> str:
        return f"发放快照 {self.pk}"


class PayoutFile(models.Model):
    """One exported file for ever: its sealed bytes, and the SHA-256 of the plain ones; append-only."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="files", verbose_name="批次")
    part = models.PositiveSmallIntegerField("分卷", help_text="0 为清单")
    format = models.CharField("格式", max_length=4, choices=FileFormat.choices())
    name = models.CharField("文件名", max_length=60, unique=True)
    content = models.BinaryField()
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField("SHA-256", max_length=64)
    line_count = models.PositiveIntegerField("行数")
    total = models.PositiveBigIntegerField("金额（元）")
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = verbose_name_plural = "发放文件"
        ordering = ["part", "format"]
        permissions = [("download_payoutfile", "可以下载发放文件")]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "part", "format"],
                name="payoutfile_part_once_per_batch",
                violation_error_message="这一批的这一分卷已有同格式的文件。",
            )
        ]

    def __str__(self) -> str:
        return self.name
