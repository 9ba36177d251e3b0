"""The registers against which a reviewer compares an application (V2, V4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from subsidy.accounts.models import District
from subsidy.crypto import EncryptedTextField


class RegisterImport(models.Model):
    """One run of an importer: which file, by whom, how many rows."""

    kind = models.CharField("登记库", max_length=20)
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    row_count = models.PositiveIntegerField("行数")
    row_errors = models.JSONField("行错误", default=list)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="导入人", related_name="+"
    )
    imported_at = models.DateTimeField("导入时间")

    class Meta:
        verbose_name = verbose_name_plural = "登记库导入"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                name="registerimport_file_once",
                violation_error_message="这个文件已经导入过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.pk}"


class CardHolder(models.Model):
    """互助服务卡持卡人 as the union-card system knows them."""

    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField(max_length=50, editable=False)
    resident_id = EncryptedTextField("证件号码")
    resident_id_index = models.CharField(max_length=64, unique=True, editable=False)
    card_number = EncryptedTextField("互助服务卡号")
    card_index = models.CharField(max_length=64, db_index=True, editable=False)
    card_tail = models.CharField("卡号后四位", max_length=4)
    mobile = EncryptedTextField("手机号", null=True)
    mobile_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    union_name = models.CharField("所属工会", max_length=100, blank=True)
    district = models.ForeignKey(District, models.PROTECT, null=True, verbose_name="所属区", related_name="+")
    active = models.BooleanField("有效", default=True)
    source = models.ForeignKey(RegisterImport, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "互助服务卡持卡人"

    def __str__(self) -> str:
        return f"持卡人 {self.pk}"


class IssuedCertificate(models.Model):
    """已发证书 as the certifying centre reports them."""

    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField(max_length=50, editable=False)
    resident_id_index = models.CharField(max_length=64, db_index=True, editable=False)
    number = models.CharField("证书编号", max_length=40)
    number_key = models.CharField(max_length=40, unique=True, editable=False)
    trade = models.CharField("工种", max_length=100)
    level = models.CharField("等级", max_length=10)
    issued_on = models.DateField("颁证日期")
    awarding_body = models.CharField("发证机构", max_length=200)
    source = models.ForeignKey(RegisterImport, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "已发证书"

    def __str__(self) -> str:
        return f"发证登记 {self.pk}"


class CompetitionResult(models.Model):
    """大赛名次; equal ranks are real, so only the person is unique in a trade (E4)."""

    edition = models.CharField("届次", max_length=100)
    trade = models.CharField("工种", max_length=100)
    is_team = models.BooleanField("团体", default=False)
    round = models.CharField("赛段", max_length=20)
    rank = models.PositiveSmallIntegerField("名次")
    name = models.CharField("姓名", max_length=50)
    resident_id = EncryptedTextField("证件号码")
    resident_id_index = models.CharField(max_length=64, db_index=True, editable=False)
    mobile = EncryptedTextField("手机号", null=True)
    employer = models.CharField("工作单位", max_length=200, blank=True)
    source = models.ForeignKey(RegisterImport, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "大赛名单"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "trade", "round", "is_team", "resident_id_index"],
                name="competitionresult_person_once_per_trade",
                violation_error_message="同一届次、工种、赛段里这个人已经有一个名次。",
            )
        ]

    def __str__(self) -> str:
        return f"大赛成绩 {self.pk}"


class NamedEntry(models.Model):
    """A name in a catalogue with its code, aliases and days of validity."""

    code = models.CharField("编码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=200)
    name_key = models.CharField(max_length=200, db_index=True, editable=False)
    aliases = models.JSONField("别名", default=list, blank=True)
    search_key = models.TextField(editable=False, help_text="名称与别名折叠后的检索文本")
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Trade(NamedEntry):
    """工种 of the occupational catalogue, retired ones included (F1)."""

    occupation = models.CharField("职业", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "工种"


class AwardingBody(NamedEntry):
    """评价机构 filed with the city's or the ministry's centre (E2)."""

    filed_with = models.CharField("备案部门", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "评价机构"
