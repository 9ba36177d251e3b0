"""Changes of a member's mobile number: who made them, why, and what the holder of the old number says."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.models.digests import DIGEST_LENGTH, digest_is_hex, digest_matches_ciphertext
from subsidy.accounts.models.member import Member
from subsidy.accounts.models.places import Office
from subsidy.accounts.models.staff import StaffUser
from subsidy.crypto import EncryptedTextField


class MobileChange(models.Model):
    """One change: by the member, or by staff who saw the person; the old number may object."""

    member = models.ForeignKey(
        Member, verbose_name="会员", on_delete=models.PROTECT, related_name="mobile_changes"
    )
    old_mobile = EncryptedTextField("原手机号", null=True, blank=True)
    old_mobile_index = models.CharField(
        "原手机号摘要", max_length=DIGEST_LENGTH, null=True, blank=True, editable=False
    )
    new_mobile_index = models.CharField("新手机号摘要", max_length=DIGEST_LENGTH, editable=False)
    new_tail = models.CharField("新手机号后四位", max_length=4)
    changed_by = models.ForeignKey(
        StaffUser,
        verbose_name="经办人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    office = models.ForeignKey(
        Office, verbose_name="经办机构", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("更换理由", max_length=200, blank=True)
    changed_at = models.DateTimeField("更换时间")
    objection = models.CharField("异议内容", max_length=500, blank=True)
    objected_at = models.DateTimeField("提出异议时间", null=True, blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        StaffUser,
        verbose_name="处理人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    settlement = models.CharField("处理结果", max_length=500, blank=True)
    is_reverted = models.BooleanField("已改回原手机号", default=False)

    class Meta:
        verbose_name = "手机号更换"
        verbose_name_plural = "手机号更换"
        ordering = ["-id"]
        indexes = [models.Index(fields=["old_mobile_index", "changed_at"], name="mobilechange_old_number")]
        constraints = [
            digest_matches_ciphertext("old_mobile", "old_mobile_index", model="mobilechange"),
            digest_is_hex("old_mobile_index", model="mobilechange"),
            digest_is_hex("new_mobile_index", model="mobilechange"),
            models.CheckConstraint(
                name="mobilechange_by_staff_has_reason",
                condition=Q(changed_by__isnull=True, reason="")
                | (Q(changed_by__isnull=False) & ~Q(reason="")),
                violation_error_message="工作人员更换手机号要写明理由；会员自己更换的没有理由。",
            ),
            models.CheckConstraint(
                name="mobilechange_objection_has_instant",
                condition=Q(objection="", objected_at__isnull=True)
                | (~Q(objection="") & Q(objected_at__isnull=False)),
                violation_error_message="异议要有内容和时间。",
            ),
            models.CheckConstraint(
                name="mobilechange_settled_is_complete",
                condition=Q(
                    settled_at__isnull=True, settled_by__isnull=True, settlement="", is_reverted=False
                )
                | (
                    Q(settled_at__isnull=False, settled_by__isnull=False, objected_at__isnull=False)
                    & ~Q(settlement="")
                ),
                violation_error_message="处理异议要有处理人、时间和处理结果。",
            ),
            models.CheckConstraint(
                name="mobilechange_settled_by_another",
                condition=Q(settled_by__isnull=True)
                | Q(changed_by__isnull=True)
                | ~Q(settled_by=F("changed_by")),
                violation_error_message="更换手机号的经办人不能自己处理异议。",
            ),
        ]

    def __str__(self) -> str:
        return f"手机号更换 {self.pk}"

    @property
    def is_open(self) -> bool:
        """Say whether an objection waits for an answer."""
        return self.objected_at is not None and self.settled_at is None
