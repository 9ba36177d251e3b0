"""The outbox: each message as it was rendered, and how its sending went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from subsidy.crypto import EncryptedTextField
from subsidy.notices.templates import NoticeTemplate
from subsidy.rules.terms import Term


class NoticeStatus(Term):
    """Where a message stands."""

    PENDING = "pending", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    EXPIRED = "expired", "已过期未发"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Sets of messages."""

    def due(self, instant: datetime) -> NoticeQuerySet:
        """Messages waiting for their turn, and those whose sender died after claiming them."""
        return self.filter(
            status__in=[NoticeStatus.PENDING.value, NoticeStatus.SENDING.value], next_attempt_at__lte=instant
        )


class Notice(models.Model):
    """One message to one member, known by id; number and text are encrypted, and emptied past their term."""

    template = models.CharField("模板", max_length=32, choices=NoticeTemplate.choices())
    member_id = models.BigIntegerField("会员编号")
    mobile = EncryptedTextField("手机号", null=True)
    body = EncryptedTextField("短信内容", null=True)
    status = models.CharField(
        "状态", max_length=10, choices=NoticeStatus.choices(), default=NoticeStatus.PENDING.value
    )
    attempts = models.PositiveSmallIntegerField("发送次数", default=0)
    next_attempt_at = models.DateTimeField("下次发送时间")
    useful_until = models.DateTimeField("有效期至")
    business_at = models.DateTimeField("业务时间")
    created_at = models.DateTimeField("生成时间")
    sent_at = models.DateTimeField("发送时间", null=True)
    reference = models.CharField("网关回执号", max_length=100, blank=True)
    last_error = models.CharField("最近错误", max_length=100, blank=True)

    objects: Any = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "短信通知"
        verbose_name_plural = "短信通知"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="notice_due",
                condition=models.Q(status__in=["pending", "sending"]),
            ),
            models.Index(fields=["member_id", "id"], name="notice_member"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in NoticeStatus]),
                name="notice_status_is_known",
                violation_error_message="短信状态不在范围内。",
            ),
            models.CheckConstraint(
                condition=models.Q(status="sent", sent_at__isnull=False)
                | (~models.Q(status="sent") & models.Q(sent_at__isnull=True)),
                name="notice_sent_has_instant",
                violation_error_message="已发送的短信必须有发送时间。",
            ),
            models.CheckConstraint(
                condition=models.Q(mobile__isnull=False, body__isnull=False)
                | models.Q(mobile__isnull=True, body__isnull=True, status__in=["sent", "failed", "expired"]),
                name="notice_emptied_when_done",
                violation_error_message="只有已办完的短信才能清空号码和内容，且须一并清空。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.template}"
