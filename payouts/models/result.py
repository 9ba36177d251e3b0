"""What came back from the union-card system, and money taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payouts.models.batch import DataKey, PayoutBatch, PayoutLine
from subsidy.rules.workflow import LineStatus, ResultFileStatus, RowOutcome

STAFF = settings.AUTH_USER_MODEL


class ResultFile(models.Model):
    """回盘文件: imported by one person, applied by another; seen once unless it was sent back."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="results", verbose_name="批次")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    serial = models.CharField("回盘序号", max_length=20, blank=True)
    status = models.CharField(
        "状态", max_length=10, choices=ResultFileStatus.choices(), default=ResultFileStatus.STAGED.value
    )
    key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    content = models.BinaryField()
    line_count = models.PositiveIntegerField("行数")
    paid_total = models.PositiveBigIntegerField("到账金额（元）")
    imported_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+", verbose_name="导入人")
    imported_at = models.DateTimeField("导入时间")
    applied_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+", verbose_name="应用人")
    applied_at = models.DateTimeField("应用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "回盘文件"
        ordering = ["-id"]
        permissions = [
            ("import_resultfile", "可以导入回盘文件"),
            ("apply_resultfile", "可以应用回盘结果"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=~Q(status="discarded"),
                name="resultfile_sha256_once",
                violation_error_message="这个文件已经导入过。",
            ),
            models.CheckConstraint(
                condition=Q(applied_by__isnull=True) | ~Q(applied_by=F("imported_by")),
                name="resultfile_importer_is_not_applier",
                violation_error_message="导入人不能应用自己的回盘文件，请由另一人应用。",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", applied_by__isnull=False, applied_at__isnull=False)
                | (~Q(status="applied") & Q(applied_at__isnull=True)),
                name="resultfile_applied_has_applier",
                violation_error_message="已应用的回盘文件要有应用人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"回盘文件 {self.pk}"


class ResultLine(models.Model):
    """One row of an applied result file; its raw text is sealed; append-only."""

    file = models.ForeignKey(ResultFile, models.PROTECT, related_name="rows", verbose_name="回盘文件")
    row = models.PositiveIntegerField("行号")
    line = models.ForeignKey(PayoutLine, models.PROTECT, related_name="results", verbose_name="明细")
    outcome = models.CharField("比对", max_length=16, choices=RowOutcome.choices())
    result = models.CharField("结果", max_length=10, choices=LineStatus.choices())
    code = models.CharField("结果代码", max_length=20)
    raw_code = models.CharField("原代码", max_length=40)
    raw_text = models.BinaryField("原文")
    amount_fen = models.BigIntegerField("金额（分）")
    paid_at = models.DateTimeField("到账时间", null=True)
    is_settling = models.BooleanField("定终态", default=False)
    is_late_return = models.BooleanField("退汇", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "回盘明细"
        ordering = ["file_id", "row"]
        indexes = [
            models.Index(fields=["line"], condition=Q(outcome="contradicts"), name="resultline_contradicts")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "row"],
                name="resultline_row_once_per_file",
                violation_error_message="同一回盘文件里行号不能重复。",
            ),
            models.UniqueConstraint(
                fields=["file", "line"],
                name="resultline_line_once_per_file",
                violation_error_message="同一回盘文件里一条明细只能出现一次。",
            ),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(is_settling=True),
                name="resultline_one_settling_row_per_line",
                violation_error_message="这条明细已有终态。",
            ),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(is_late_return=True),
                name="resultline_one_late_return_per_line",
                violation_error_message="这条明细已登记过退汇。",
            ),
            models.CheckConstraint(
                condition=Q(is_settling=False)
                | Q(result__in=["paid", "failed"], outcome="matched", is_late_return=False),
                name="resultline_settles_only_when_matched",
                violation_error_message="只有相符的到账或失败才能定终态。",
            ),
        ]

    def __str__(self) -> str:
        return f"回盘明细 {self.pk}"


class Recovery(models.Model):
    """追回: the whole of a paid line taken back; stands only beside a revoked application (a trigger)."""

    line = models.OneToOneField(PayoutLine, models.PROTECT, related_name="recovery", verbose_name="明细")
    amount = models.PositiveIntegerField("金额（元）")
    reason = models.CharField("理由", max_length=500)
    recorded_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "追回"

    def __str__(self) -> str:
        return f"追回 {self.pk}"
