"""The application: one person's request for one grant of one scheme."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from applications.models.certificate import Certificate
from applications.models.dossier import Consent
from subsidy.accounts.models import District, Member, Office
from subsidy.crypto import EncryptedTextField
from subsidy.rules.identity import mask_card
from subsidy.rules.numbers import application_number
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus
from subsidy.schemes.models import Scheme

NOT_FILED = ["draft", "awaiting_confirmation", "withdrawn"]


def next_number(year: int) -> str:
    """Draw the next application number of the year, e.g. ZT2024-0000001-C."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('applications_application_running')")
        (running,) = cursor.fetchone()
    return application_number(year, running)


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications by who may see them and what they hold."""

    def of_member(self, member: Member) -> ApplicationQuerySet:
        """Return the member's own applications, newest first."""
        return self.filter(member=member).order_by("-id")

    def of_office(self, office: Office | None) -> ApplicationQuerySet:
        """Return what an office filed (hotline and stations see their own only)."""
        return self.filter(office=office) if office else self.none()

    def live(self) -> ApplicationQuerySet:
        """Return those that hold the one place of their person in the scheme (五（一）)."""
        return self.filter(status__in=["submitted", "returned", "approved"])


class Application(models.Model):
    """助推申报; `status` is written by transition(), `payment` by record_payment(), nothing else."""

    public_id = models.UUIDField("公开标识", default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("申报编号", max_length=20, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="applications", verbose_name="方案")
    ground = models.CharField("助推类别", max_length=12, choices=Ground.choices())
    channel = models.CharField("渠道", max_length=8, choices=Channel.choices())
    status = models.CharField(
        "状态", max_length=24, choices=ApplicationStatus.choices(), default=ApplicationStatus.DRAFT.value
    )
    payment = models.CharField(
        "发放", max_length=12, choices=PaymentStatus.choices(), default=PaymentStatus.NONE.value
    )
    version = models.PositiveIntegerField("版本", default=1)

    member = models.ForeignKey(Member, models.PROTECT, related_name="applications", verbose_name="会员")
    person_index = models.CharField(max_length=64, blank=True, editable=False)
    name = models.CharField("姓名", max_length=50, blank=True)
    card_number = EncryptedTextField("互助服务卡卡号", null=True)
    card_index = models.CharField(max_length=64, blank=True, editable=False)
    card_tail = models.CharField("卡号后四位", max_length=4, blank=True)
    employer = models.CharField("工作单位", max_length=200, blank=True)
    position = models.CharField("职务", max_length=200, blank=True)
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区"
    )
    certificate = models.OneToOneField(
        Certificate, models.PROTECT, null=True, related_name="application", verbose_name="证书"
    )
    certificate_key = models.CharField("证书键", max_length=200, blank=True, editable=False)

    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="+", verbose_name="知情同意")
    consent_evidence = models.CharField("同意方式与凭据", max_length=200, blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办人"
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", verbose_name="经办机构")
    received_on = models.DateField("材料接收日期", null=True, blank=True)
    staff_reason = models.CharField("经办理由", max_length=500, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="替换的申报"
    )

    award = models.PositiveIntegerField("标准金额（元）", null=True)
    award_label = models.CharField("标准", max_length=100, blank=True)
    amount = models.PositiveIntegerField("批准金额（元）", null=True)
    reasons = models.JSONField("规则结果", default=list)
    flag_count = models.PositiveSmallIntegerField("提示数", default=0)
    is_consistent = models.BooleanField("与登记库一致", default=False)

    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("更新时间")
    first_filed_at = models.DateTimeField("首次申报时间", null=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    review_due_at = models.DateTimeField("审核到期", null=True)
    returned_at = models.DateTimeField("退回时间", null=True)
    correction_due_at = models.DateTimeField("补正到期", null=True)
    decided_at = models.DateTimeField("审结时间", null=True)
    payable_from = models.DateTimeField("可发放时间", null=True)
    payout_due_at = models.DateTimeField("发放到期", null=True)
    paid_at = models.DateTimeField("到账时间", null=True)
    card_wanted_since = models.DateTimeField("等本人更正卡号起", null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申报"
        permissions = [("file_for_member", "可以代会员申报")]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "person_index"],
                condition=Q(status__in=["submitted", "returned", "approved"]),
                name="application_one_live_per_person_and_scheme",
                violation_error_message="本年度您已有一份申报，每人本年度只能享受一次资助（五（一））。",
            ),
            models.UniqueConstraint(
                fields=["certificate_key"],
                condition=Q(status="approved") & ~Q(certificate_key=""),
                name="application_certificate_approved_once",
                violation_error_message="这本证书已经通过过一次审核，不能再次通过。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_FILED)
                | Q(channel__in=["member"], filed_by__isnull=True)
                | Q(channel__in=["hotline", "station", "paper", "roster"], filed_by__isnull=False),
                name="application_assisted_has_operator",
                violation_error_message="代报要有经办人；会员自助申报没有经办人。",
            ),
            models.CheckConstraint(
                condition=~Q(status="awaiting_confirmation") | Q(channel="roster", filed_by__isnull=False),
                name="application_roster_has_operator_at_import",
                violation_error_message="大赛名册要有导入的经办人。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_FILED)
                | Q(channel__in=["member", "roster"])
                | ~Q(consent_evidence=""),
                name="application_assisted_has_consent_evidence",
                violation_error_message="代报要写明本人同意的方式和凭据。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_FILED) | Q(consent__isnull=False),
                name="application_filed_has_consent",
                violation_error_message="提交前要有知情同意。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_FILED)
                | Q(channel="paper", received_on__isnull=False)
                | (~Q(channel="paper") & Q(received_on__isnull=True)),
                name="application_paper_has_received_date",
                violation_error_message="纸质材料要有接收日期；其他渠道没有接收日期。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_FILED)
                | (
                    ~Q(person_index="")
                    & ~Q(name="")
                    & ~Q(card_index="")
                    & ~Q(certificate_key="")
                    & Q(certificate__isnull=False, submitted_at__isnull=False, first_filed_at__isnull=False)
                ),
                name="application_filed_is_complete",
                violation_error_message="提交的申报要有本人、收款卡和证书。",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | Q(amount__isnull=False, amount__gt=0, payable_from__isnull=False),
                name="application_approved_has_amount",
                violation_error_message="通过的申报要有金额。",
            ),
            models.CheckConstraint(
                condition=Q(payment="none") | Q(status__in=["approved", "revoked"]),
                name="application_payment_needs_approval",
                violation_error_message="没有通过的申报不能发放。",
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(review_due_at__isnull=False),
                name="application_submitted_has_due_date",
                violation_error_message="提交的申报要有审核到期时间。",
            ),
        ]
        indexes = [
            models.Index(
                fields=["review_due_at", "id"], condition=Q(status="submitted"), name="application_queue"
            ),
            models.Index(fields=["status", "review_due_at", "id"], name="application_status_due"),
            models.Index(fields=["submitted_at", "id"], name="application_submitted"),
            models.Index(
                fields=["payable_from", "id"], condition=Q(status="approved"), name="application_payable"
            ),
            models.Index(fields=["card_tail"], name="application_card_tail"),
            models.Index(fields=["card_index"], name="application_card"),
            models.Index(fields=["person_index"], name="application_person"),
            models.Index(fields=["certificate_key"], name="application_certificate"),
            models.Index(
                fields=["name", "id"], opclasses=["varchar_pattern_ops", "int8_ops"], name="application_name"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def masked_card(self) -> str:
        """Return the card as pages show it, from its last four digits alone."""
        return mask_card(self.card_number) if self.card_number else ""

    @property
    def is_live(self) -> bool:
        """Say whether this record holds its person's one place in the scheme."""
        return self.status in ("submitted", "returned", "approved")

    @property
    def is_editable(self) -> bool:
        """Say whether its owner may change the facts now."""
        return self.status in ("draft", "returned")

    def is_overdue(self, at: datetime) -> bool:
        """Say whether the review target has passed at the instant (四（二）)."""
        return self.status == "submitted" and self.review_due_at is not None and self.review_due_at < at
