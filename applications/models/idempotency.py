"""Keys that make a repeated POST give the first answer."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """One key of one actor on one route; written in the transaction of the work itself."""

    realm = models.CharField(max_length=8)
    actor_id = models.BigIntegerField()
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the parsed fields and file hashes")
    status_code = models.PositiveSmallIntegerField(null=True)
    target = models.CharField(max_length=64, blank=True, help_text="what the answer is rendered from again")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [
            models.UniqueConstraint(
                fields=["realm", "actor_id", "route", "key"],
                name="idempotencykey_once",
                violation_error_message="这个请求已经处理过。",
            )
        ]

    def __str__(self) -> str:
        return f"幂等键 {self.pk}"
