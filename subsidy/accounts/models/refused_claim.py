"""Refused claims of identity numbers: what the limits of the sign-up page count."""

from __future__ import annotations

from django.db import models


class RefusedClaim(models.Model):
    """Somebody named an identity number that is on another record; all times are real time."""

    member_id = models.BigIntegerField("会员编号")
    address = models.GenericIPAddressField("来源网络", null=True, blank=True)
    refused_at = models.DateTimeField("拒绝时间")

    class Meta:
        verbose_name = "被拒绝的证件登记"
        verbose_name_plural = "被拒绝的证件登记"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["member_id", "refused_at"], name="refusedclaim_member_recent"),
            models.Index(fields=["address", "refused_at"], name="refusedclaim_address_recent"),
        ]

    def __str__(self) -> str:
        return f"被拒绝的证件登记 {self.pk}"
