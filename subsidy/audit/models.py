"""The append-only audit log and the seals that chain it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from subsidy.audit.actors import Realm


class TransactionIdField(models.Field):
    """A full 64-bit transaction id (xid8)."""

    description = "事务号"

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return str(value) if isinstance(value, int) else value


class CurrentTransaction(models.Func):
    """The id of the writing transaction, given by the database."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionIdField()


class AuditRow(models.Model):
    """One thing somebody did; written in the caller's transaction and never changed."""

    action = models.CharField("操作", max_length=64)
    realm = models.CharField("身份", max_length=8, choices=Realm.choices())
    actor_id = models.BigIntegerField("操作者编号", null=True)
    actor_label = models.CharField("操作者", max_length=150, blank=True)
    target = models.CharField("对象", max_length=120, blank=True)
    business_at = models.DateTimeField("业务时间")
    real_at = models.DateTimeField("实际时间")
    ip = models.GenericIPAddressField("来源地址", null=True)
    data = models.JSONField("内容（已脱敏）", default=dict, encoder=DjangoJSONEncoder)
    txid = TransactionIdField(
        "事务号", db_default=CurrentTransaction(output_field=TransactionIdField()), editable=False
    )

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["txid"], name="auditrow_txid"),
            models.Index(fields=["target", "id"], name="auditrow_target"),
            models.Index(fields=["realm", "actor_id", "id"], name="auditrow_actor"),
            models.Index(fields=["action", "id"], name="auditrow_action"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(realm__in=[realm.value for realm in Realm]),
                name="auditrow_realm_is_known",
                violation_error_message="审计记录的身份不在范围内。",
            ),
            models.CheckConstraint(
                condition=models.Q(realm="system") | models.Q(actor_id__isnull=False),
                name="auditrow_person_has_id",
                violation_error_message="会员和工作人员的审计记录必须有操作者编号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"


class AuditSeal(models.Model):
    """A link of the chain: which rows were sealed, the digest of each, and the link before."""

    first = models.BigIntegerField("首条编号")
    last = models.BigIntegerField("末条编号")
    count = models.PositiveIntegerField("条数")
    row_ids = ArrayField(models.BigIntegerField(), verbose_name="记录编号")
    row_digests = models.BinaryField("逐条摘要")
    horizon = TransactionIdField("封存到事务号", editable=False)
    previous = models.CharField("前一封存摘要", max_length=64, blank=True)
    sha256 = models.CharField("封存摘要", max_length=64)
    sealed_at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = "审计封存"
        verbose_name_plural = "审计封存"
        ordering = ["-id"]
        indexes = [models.Index(fields=["last", "first"], name="auditseal_range")]
        constraints = [
            models.UniqueConstraint(
                fields=["previous"],
                name="auditseal_chain_never_forks",
                violation_error_message="同一封存之后已有另一封存。",
            ),
            models.UniqueConstraint(
                fields=["sha256"], name="auditseal_digest_is_unique", violation_error_message="封存摘要重复。"
            ),
            models.CheckConstraint(
                condition=models.Q(count__gt=0) & models.Q(first__lte=models.F("last")),
                name="auditseal_covers_rows",
                violation_error_message="封存必须至少含一条记录。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.sha256[:12]}"
