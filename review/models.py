"""The queue, the lease on a case, and the decision that never changes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models import Application
from subsidy.rules.terms import Term


class Outcome(Term):
    """What a reviewer decided (V3)."""

    APPROVE = "approve", "通过"
    RETURN = "return", "退回补正"
    REJECT = "reject", "不予通过"
    REVOKE = "revoke", "撤销"
    UPHOLD = "uphold", "复核：维持原决定"
    OVERTURN = "overturn", "复核：改为通过"


class QueueItem(Application):
    """An application as the review queue shows it."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "待审队列"
        permissions = [
            ("decide_queueitem", "可以审核"),
            ("lead_queueitem", "可以越过阻断项、改派和复核"),
        ]


class Assignment(models.Model):
    """认领: a timed lease; an expired one counts for nothing."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="assignment")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审核员"
    )
    taken_at = models.DateTimeField("认领时间（真实）")
    expires_at = models.DateTimeField("有效至（真实）")

    class Meta:
        verbose_name = verbose_name_plural = "认领"
        indexes = [models.Index(fields=["reviewer", "expires_at"], name="assignment_reviewer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gte=F("taken_at")),
                name="assignment_expires_after_start",
                violation_error_message="认领的有效期要晚于认领时间。",
            )
        ]

    def __str__(self) -> str:
        return f"认领 {self.pk}"

    def is_held(self, at: datetime) -> bool:
        """Say whether the lease counts at the (real) instant."""
        return self.expires_at > at


class Decision(models.Model):
    """审核决定: one person, one outcome, on one version, with what was seen; append-only."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="decisions", verbose_name="申报"
    )
    outcome = models.CharField("决定", max_length=10, choices=Outcome.choices())
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审核员"
    )
    filed_by_id_copy = models.BigIntegerField("经办人编号", null=True)
    version_seen = models.PositiveIntegerField("依据版本")
    amount = models.PositiveIntegerField("金额（元）", null=True)
    reasons = models.JSONField("理由", default=list)
    facts = models.JSONField("依据", default=dict)
    remarks = models.JSONField("逐项意见", default=dict)
    note = models.CharField("说明", max_length=500, blank=True)
    scheme_fingerprint = models.CharField("方案指纹", max_length=64)
    decided_at = models.DateTimeField("决定时间")
    decided_at_real = models.DateTimeField("真实时间")

    class Meta:
        verbose_name = verbose_name_plural = "审核决定"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "version_seen"],
                name="decision_one_per_version",
                violation_error_message="这一版申报已经有决定。",
            ),
            models.CheckConstraint(
                condition=Q(filed_by_id_copy__isnull=True) | ~Q(reviewer=F("filed_by_id_copy")),
                name="decision_not_by_the_operator_who_filed",
                violation_error_message="经办人不能审核自己代报的申报。",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["approve", "overturn"]) | Q(amount__isnull=False, amount__gt=0),
                name="decision_approval_has_amount",
                violation_error_message="通过的决定要有金额。",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["reject", "return", "revoke"]) | ~Q(reasons=[]) | ~Q(note=""),
                name="decision_refusal_has_reason",
                violation_error_message="退回、不予通过和撤销要写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"审核决定 {self.pk}"
