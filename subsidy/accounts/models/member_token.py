"""Bearer tokens by which the union's app speaks for a signed-in member."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.models.digests import DIGEST_LENGTH, digest_is_hex
from subsidy.accounts.models.member import Member


class MemberToken(models.Model):
    """One token, kept as a digest only; all times are real time."""

    member = models.ForeignKey(Member, verbose_name="会员", on_delete=models.PROTECT, related_name="tokens")
    token_index = models.CharField("令牌摘要", max_length=DIGEST_LENGTH, unique=True)
    created_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("失效时间")
    revoked_at = models.DateTimeField("注销时间", null=True, blank=True)

    class Meta:
        verbose_name = "会员令牌"
        verbose_name_plural = "会员令牌"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="membertoken_expires_after_issue",
                condition=Q(expires_at__gt=F("created_at")),
                violation_error_message="失效时间必须晚于签发时间。",
            ),
            digest_is_hex("token_index", model="membertoken"),
        ]

    def __str__(self) -> str:
        return f"会员令牌 {self.pk}"
