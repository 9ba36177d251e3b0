"""A person who may receive the award, whether or not they ever sign in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.enums import Trust
from subsidy.accounts.models.digests import DIGEST_LENGTH, digest_is_hex, digest_matches_ciphertext
from subsidy.accounts.models.places import District
from subsidy.accounts.models.staff import StaffUser
from subsidy.crypto import EncryptedTextField, blind_index
from subsidy.rules.identity import mask_card, mask_mobile, mask_name, mask_resident_id, normalise_name


class MemberQuerySet(models.QuerySet["Member"]):
    """Sets of members."""

    def unmerged(self) -> MemberQuerySet:
        """Keep the records that stand for a person today."""
        return self.filter(merged_into__isnull=True)

    def verified(self) -> MemberQuerySet:
        """Keep those whose mobile answered a code."""
        return self.filter(mobile_verified_at__isnull=False)

    def unverified(self) -> MemberQuerySet:
        """Keep those who never signed in with their mobile."""
        return self.filter(mobile_verified_at__isnull=True)


class Member(models.Model):
    """A union member; numbers are encrypted and found by keyed digest."""

    public_id = models.UUIDField("公开编号", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("姓名", max_length=50, blank=True)
    name_key = models.CharField("姓名比对键", max_length=200, blank=True, editable=False)
    resident_id = EncryptedTextField("证件号码", null=True, blank=True)
    resident_id_index = models.CharField(
        "证件号码摘要", max_length=DIGEST_LENGTH, null=True, blank=True, editable=False
    )
    mobile = EncryptedTextField("手机号", null=True, blank=True)
    mobile_index = models.CharField(
        "手机号摘要", max_length=DIGEST_LENGTH, null=True, blank=True, editable=False
    )
    mobile_verified_at = models.DateTimeField("手机号验证时间", null=True, blank=True, editable=False)
    card_number = EncryptedTextField("互助服务卡号", null=True, blank=True)
    card_index = models.CharField(
        "互助服务卡号摘要", max_length=DIGEST_LENGTH, null=True, blank=True, editable=False
    )
    card_tail = models.CharField("卡号末四位", max_length=4, blank=True, editable=False)
    employer = models.CharField("工作单位", max_length=200, blank=True)
    position = models.CharField("职务", max_length=200, blank=True)
    district = models.ForeignKey(
        District,
        verbose_name="所在区",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
    )
    trust = models.CharField("核实程度", max_length=10, choices=Trust.choices(), default=Trust.NONE.value)
    session_epoch = models.PositiveIntegerField("登录世代", default=0, editable=False)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_from",
    )
    merged_at = models.DateTimeField("并入时间", null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        StaffUser,
        verbose_name="建档人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField("建档时间", editable=False)
    updated_at = models.DateTimeField("更新时间", editable=False)

    objects: ClassVar[models.Manager[Member]] = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "会员"
        verbose_name_plural = "会员"
        ordering = ["id"]
        permissions = [("reveal_member", "查看会员完整证件号、卡号和手机号")]
        indexes = [
            models.Index(fields=["mobile_index"], name="member_mobile_index"),
            models.Index(fields=["card_index"], name="member_card_index"),
            models.Index(fields=["name_key"], name="member_name_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["resident_id_index"],
                condition=Q(resident_id_index__isnull=False),
                name="member_one_per_resident_id",
                violation_error_message="该证件号码已有会员档案。",
            ),
            models.UniqueConstraint(
                fields=["mobile_index"],
                condition=Q(mobile_verified_at__isnull=False, merged_into__isnull=True),
                name="member_one_per_verified_mobile",
                violation_error_message="该手机号已由另一位会员验证。",
            ),
            digest_matches_ciphertext("resident_id", "resident_id_index", model="member"),
            digest_matches_ciphertext("mobile", "mobile_index", model="member"),
            digest_matches_ciphertext("card_number", "card_index", model="member"),
            digest_is_hex("resident_id_index", model="member"),
            digest_is_hex("mobile_index", model="member"),
            digest_is_hex("card_index", model="member"),
            models.CheckConstraint(
                name="member_verified_mobile_is_known",
                condition=Q(mobile_verified_at__isnull=True) | Q(mobile_index__isnull=False),
                violation_error_message="验证过的手机号必须登记在案。",
            ),
            models.CheckConstraint(
                name="member_card_tail_matches_presence",
                condition=Q(card_index__isnull=True, card_tail="")
                | Q(card_index__isnull=False, card_tail__regex=r"^[0-9]{4}$"),
                violation_error_message="卡号末四位必须与卡号同时登记。",
            ),
            models.CheckConstraint(
                name="member_name_has_its_key",
                condition=Q(name="", name_key="") | (~Q(name="") & ~Q(name_key="")),
                violation_error_message="姓名与比对键必须同时存在。",
            ),
            models.CheckConstraint(
                name="member_trust_is_known",
                condition=Q(trust__in=[trust.value for trust in Trust]),
                violation_error_message="核实程度不在列表中。",
            ),
            models.CheckConstraint(
                name="member_is_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                violation_error_message="档案不能并入自己。",
            ),
            models.CheckConstraint(
                name="member_merge_has_its_instant",
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False),
                violation_error_message="并入的档案必须记下时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"会员 {self.pk}"

    @property
    def is_merged(self) -> bool:
        """Say whether another record now stands for this person."""
        return self.merged_into_id is not None

    @property
    def is_identified(self) -> bool:
        """Say whether name and resident id are on record."""
        return bool(self.name) and self.resident_id_index is not None

    @property
    def masked_name(self) -> str:
        """Return the name as others may see it."""
        return mask_name(self.name)

    @property
    def masked_resident_id(self) -> str:
        """Return the identity number as pages show it."""
        return mask_resident_id(self.resident_id or "")

    @property
    def masked_mobile(self) -> str:
        """Return the mobile number as pages show it."""
        return mask_mobile(self.mobile or "")

    @property
    def masked_card(self) -> str:
        """Return the card number as pages show it."""
        return mask_card(self.card_number or "")

    def give_name(self, name: str) -> None:
        """Set the typed form and the key under which it is compared."""
        self.name, self.name_key = name, normalise_name(name)

    def give_resident_id(self, number: str) -> None:
        """Set a checked identity number and its digest; the database lets this happen once."""
        self.resident_id, self.resident_id_index = number, blind_index("resident_id", number)

    def give_mobile(self, number: str) -> None:
        """Set a checked mobile number and its digest."""
        self.mobile, self.mobile_index = number, blind_index("mobile", number)

    def give_card(self, number: str) -> None:
        """Set a checked card number, its digest and its tail."""
        self.card_number, self.card_index = number, blind_index("card", number)
        self.card_tail = number[-4:]
