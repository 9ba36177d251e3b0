"""What happened to an application: events, objections and the one appeal."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application
from subsidy.audit.actors import Realm
from subsidy.rules.terms import Term
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus


class AppealOutcome(Term):
    """How an appeal ended."""

    OPEN = "open", "待复核"
    UPHELD = "upheld", "维持原决定"
    OVERTURNED = "overturned", "改为通过"


class Event(models.Model):
    """One step of one application, append-only: all that a member may read about the case."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="events", verbose_name="申报")
    version = models.PositiveIntegerField("版本")
    action = models.CharField("事项", max_length=30)
    from_status = models.CharField("原状态", max_length=24, blank=True, choices=ApplicationStatus.choices())
    to_status = models.CharField("新状态", max_length=24, choices=ApplicationStatus.choices())
    from_payment = models.CharField("原发放", max_length=12, blank=True, choices=PaymentStatus.choices())
    to_payment = models.CharField("新发放", max_length=12, choices=PaymentStatus.choices())
    actor_realm = models.CharField("谁", max_length=8, choices=Realm.choices())
    actor_id = models.BigIntegerField("编号", null=True)
    business_at = models.DateTimeField("业务时间")
    real_at = models.DateTimeField("真实时间")
    reasons = models.JSONField("理由", default=list)
    remarks = models.JSONField("逐项意见", default=dict)
    note = models.CharField("说明", max_length=500, blank=True)
    deadline = models.DateTimeField("期限", null=True)
    data = models.JSONField("数据", default=dict)
    digest = models.CharField("链值", max_length=64, editable=False, db_default="")

    class Meta:
        verbose_name = verbose_name_plural = "经过"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "version"],
                name="event_one_per_version",
                violation_error_message="同一版本只能有一条经过。",
            ),
            models.CheckConstraint(
                condition=Q(actor_realm="system") | Q(actor_id__isnull=False),
                name="event_actor_is_named",
                violation_error_message="经过要写明是谁。",
            ),
        ]

    def __str__(self) -> str:
        return f"经过 {self.pk}"


class Objection(models.Model):
    """异议: a member says that somebody filed in their name (F2)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="objections")
    text = models.CharField("异议内容", max_length=500)
    raised_at = models.DateTimeField("提出时间")
    settled_at = models.DateTimeField("处理时间", null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settlement = models.CharField("处理结果", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(settled_at__isnull=True),
                name="objection_one_open_per_application",
                violation_error_message="这份申报已有一条未处理的异议。",
            )
        ]

    def __str__(self) -> str:
        return f"异议 {self.pk}"


class Appeal(models.Model):
    """复核申请: once for each application, decided by another reviewer (V3)."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="appeal")
    text = models.CharField("复核理由", max_length=500)
    raised_at = models.DateTimeField("提出时间")
    outcome = models.CharField("结果", max_length=12, choices=AppealOutcome.choices(), default="open")
    decided_at = models.DateTimeField("复核时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "复核申请"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="open", decided_at__isnull=True)
                | ~Q(outcome="open") & Q(decided_at__isnull=False),
                name="appeal_decided_has_instant",
                violation_error_message="已复核的申请要有复核时间。",
            )
        ]

    def __str__(self) -> str:
        return f"复核申请 {self.pk}"
