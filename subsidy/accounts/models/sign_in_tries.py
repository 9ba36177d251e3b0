"""How often somebody failed at a door of the staff, counted per account and browser."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.models.digests import DIGEST_LENGTH, DIGEST_PATTERN, digest_is_hex
from subsidy.accounts.models.staff import StaffUser


class SignInTries(models.Model):
    """Tries since the last success at one door; all times are real time.

    A name that nobody bears is counted like any other, so that a lock tells nothing about it.
    """

    door = models.CharField("入口", max_length=15, choices=StaffDoor.choices())
    account_index = models.CharField("账号摘要", max_length=DIGEST_LENGTH)
    browser_index = models.CharField("浏览器摘要", max_length=DIGEST_LENGTH, blank=True)
    staff = models.ForeignKey(
        StaffUser, verbose_name="账号", on_delete=models.CASCADE, null=True, blank=True, related_name="tries"
    )
    tries = models.PositiveIntegerField("连续尝试次数")
    tried_at = models.DateTimeField("最近一次尝试时间", db_index=True)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)

    class Meta:
        verbose_name = "登录尝试"
        verbose_name_plural = "登录尝试"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="signintries_counts_each_door_once",
                fields=["door", "account_index", "browser_index"],
                violation_error_message="同一账号、同一浏览器在每个入口只计一行。",
            ),
            models.CheckConstraint(
                name="signintries_door_is_known",
                condition=Q(door__in=[door.value for door in StaffDoor]),
                violation_error_message="入口不在列表中。",
            ),
            models.CheckConstraint(
                name="signintries_at_least_one_try",
                condition=Q(tries__gte=1),
                violation_error_message="有记录就至少试过一次。",
            ),
            models.CheckConstraint(
                name="signintries_lock_ends_after_the_try",
                condition=Q(locked_until__isnull=True) | Q(locked_until__gt=F("tried_at")),
                violation_error_message="锁定的结束时间必须晚于尝试时间。",
            ),
            digest_is_hex("account_index", model="signintries"),
            models.CheckConstraint(
                name="signintries_browser_is_unknown_or_a_digest",
                condition=Q(browser_index="") | Q(browser_index__regex=DIGEST_PATTERN),
                violation_error_message="浏览器摘要为空，或为 64 位十六进制字符。",
            ),
        ]

    def __str__(self) -> str:
        return f"登录尝试 {self.pk}"
