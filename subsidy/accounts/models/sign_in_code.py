"""One-time codes by which a member proves a mobile number."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.enums import CodePurpose
from subsidy.accounts.models.digests import DIGEST_LENGTH, digest_is_hex

MAX_TRIES = 5


class SignInCode(models.Model):
    """One code sent to one number for one browser; all times are real time."""

    purpose = models.CharField("用途", max_length=15, choices=CodePurpose.choices())
    mobile_index = models.CharField("手机号摘要", max_length=DIGEST_LENGTH)
    nonce_index = models.CharField("会话随机数摘要", max_length=DIGEST_LENGTH)
    code_index = models.CharField("验证码摘要", max_length=DIGEST_LENGTH)
    address = models.GenericIPAddressField("来源网络", null=True, blank=True)
    browser_index = models.CharField("已知浏览器摘要", max_length=DIGEST_LENGTH, blank=True)
    asked_for = models.BigIntegerField("为哪位会员", null=True, blank=True)
    created_at = models.DateTimeField("发出时间")
    expires_at = models.DateTimeField("失效时间")
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "登录验证码"
        verbose_name_plural = "登录验证码"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["mobile_index", "created_at"], name="signincode_mobile_recent"),
            models.Index(fields=["address", "created_at"], name="signincode_address_recent"),
            models.Index(
                fields=["asked_for", "created_at"],
                name="signincode_person_recent",
                condition=Q(asked_for__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="signincode_tries_are_limited",
                condition=Q(attempts__gte=0, attempts__lte=MAX_TRIES),
                violation_error_message="验证码最多试五次。",
            ),
            models.CheckConstraint(
                name="signincode_used_was_tried",
                condition=Q(used_at__isnull=True) | Q(attempts__gte=1),
                violation_error_message="使用过的验证码至少试过一次。",
            ),
            models.CheckConstraint(
                name="signincode_expires_after_sending",
                condition=Q(expires_at__gt=F("created_at")),
                violation_error_message="失效时间必须晚于发出时间。",
            ),
            models.CheckConstraint(
                name="signincode_purpose_is_known",
                condition=Q(purpose__in=[purpose.value for purpose in CodePurpose]),
                violation_error_message="验证码用途不在列表中。",
            ),
            digest_is_hex("mobile_index", model="signincode"),
            digest_is_hex("nonce_index", model="signincode"),
            digest_is_hex("code_index", model="signincode"),
        ]

    def __str__(self) -> str:
        return f"验证码 {self.pk}"
