"""Requests of members to correct their name or identity number."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from subsidy.accounts.enums import CorrectionField, CorrectionOutcome
from subsidy.accounts.models.digests import DIGEST_LENGTH, digest_is_hex
from subsidy.accounts.models.member import Member
from subsidy.accounts.models.staff import StaffUser
from subsidy.crypto import EncryptedTextField
from subsidy.rules.identity import mask_name, mask_resident_id


class MemberCorrection(models.Model):
    """One request: what should stand in the record, why, and what became of it."""

    member = models.ForeignKey(
        Member, verbose_name="会员", on_delete=models.PROTECT, related_name="corrections"
    )
    field = models.CharField("更正内容", max_length=11, choices=CorrectionField.choices())
    value = EncryptedTextField("更正为")
    value_index = models.CharField("更正值摘要", max_length=DIGEST_LENGTH, editable=False)
    reason = models.CharField("理由", max_length=200)
    requested_at = models.DateTimeField("提出时间")
    outcome = models.CharField(
        "结果", max_length=7, choices=CorrectionOutcome.choices(), default=CorrectionOutcome.OPEN.value
    )
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        StaffUser,
        verbose_name="经办人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "资料更正"
        verbose_name_plural = "资料更正"
        ordering = ["-id"]
        constraints = [
            digest_is_hex("value_index", model="membercorrection"),
            models.UniqueConstraint(
                fields=["member", "field"],
                condition=Q(outcome=CorrectionOutcome.OPEN.value),
                name="membercorrection_one_open_per_field",
                violation_error_message="这一项已有一份没有办完的更正申请。",
            ),
            models.CheckConstraint(
                name="membercorrection_field_is_known",
                condition=Q(field__in=[field.value for field in CorrectionField]),
                violation_error_message="更正内容不在列表中。",
            ),
            models.CheckConstraint(
                name="membercorrection_reason_is_given",
                condition=~Q(reason=""),
                violation_error_message="更正申请要写明理由。",
            ),
            models.CheckConstraint(
                name="membercorrection_decided_is_complete",
                condition=Q(
                    outcome=CorrectionOutcome.OPEN.value,
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    note="",
                )
                | (
                    Q(outcome__in=[CorrectionOutcome.GRANTED.value, CorrectionOutcome.REFUSED.value])
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(note="")
                ),
                violation_error_message="办结的更正申请要有经办人、时间和说明。",
            ),
        ]

    def __str__(self) -> str:
        return f"资料更正 {self.pk}"

    @property
    def is_open(self) -> bool:
        """Say whether nobody has decided yet."""
        return self.outcome == CorrectionOutcome.OPEN.value

    @property
    def shown_value(self) -> str:
        """Return the asked value as lists show it."""
        masks = {CorrectionField.NAME.value: mask_name, CorrectionField.RESIDENT_ID.value: mask_resident_id}
        return masks[self.field](self.value)
