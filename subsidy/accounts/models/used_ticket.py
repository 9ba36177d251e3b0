"""Sign-in tickets of the union's app that have been redeemed: each works once."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.models.digests import DIGEST_LENGTH, digest_is_hex


class UsedTicket(models.Model):
    """One redeemed ticket, known by the digest of its id; all times are real time."""

    ticket_index = models.CharField("票据摘要", max_length=DIGEST_LENGTH, unique=True)
    used_at = models.DateTimeField("使用时间")
    expires_at = models.DateTimeField("失效时间", db_index=True)

    class Meta:
        verbose_name = "已用登录票据"
        verbose_name_plural = "已用登录票据"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="usedticket_was_valid_when_used",
                condition=Q(expires_at__gt=F("used_at")),
                violation_error_message="过期的登录票据不能使用。",
            ),
            digest_is_hex("ticket_index", model="usedticket"),
        ]

    def __str__(self) -> str:
        return f"已用登录票据 {self.pk}"
