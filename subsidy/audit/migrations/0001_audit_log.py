"""The audit log, its seals, and refuse_change(), the trigger function behind every append-only table."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.core.serializers.json
from django.db import migrations, models

import subsidy.audit.models
from subsidy.triggers import append_only

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(max_length=64, verbose_name="操作")),
                (
                    "realm",
                    models.CharField(
                        choices=[("member", "会员"), ("staff", "工作人员"), ("system", "系统")],
                        max_length=8,
                        verbose_name="身份",
                    ),
                ),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="操作者编号")),
                ("actor_label", models.CharField(blank=True, max_length=150, verbose_name="操作者")),
                ("target", models.CharField(blank=True, max_length=120, verbose_name="对象")),
                ("business_at", models.DateTimeField(verbose_name="业务时间")),
                ("real_at", models.DateTimeField(verbose_name="实际时间")),
                ("ip", models.GenericIPAddressField(null=True, verbose_name="来源地址")),
                (
                    "data",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="内容（已脱敏）",
                    ),
                ),
                (
                    "txid",
                    subsidy.audit.models.TransactionIdField(
                        db_default=subsidy.audit.models.CurrentTransaction(
                            output_field=subsidy.audit.models.TransactionIdField()
                        ),
                        editable=False,
                        verbose_name="事务号",
                    ),
                ),
            ],
            options={
                "verbose_name": "审计记录",
                "verbose_name_plural": "审计记录",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["txid"], name="auditrow_txid"),
                    models.Index(fields=["target", "id"], name="auditrow_target"),
                    models.Index(fields=["realm", "actor_id", "id"], name="auditrow_actor"),
                    models.Index(fields=["action", "id"], name="auditrow_action"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("realm__in", ["member", "staff", "system"])),
                        name="auditrow_realm_is_known",
                        violation_error_message="审计记录的身份不在范围内。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("realm", "system"), ("actor_id__isnull", False), _connector="OR"),
                        name="auditrow_person_has_id",
                        violation_error_message="会员和工作人员的审计记录必须有操作者编号。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.BigIntegerField(verbose_name="首条编号")),
                ("last", models.BigIntegerField(verbose_name="末条编号")),
                ("count", models.PositiveIntegerField(verbose_name="条数")),
                (
                    "row_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="记录编号"
                    ),
                ),
                ("row_digests", models.BinaryField(verbose_name="逐条摘要")),
                (
                    "horizon",
                    subsidy.audit.models.TransactionIdField(editable=False, verbose_name="封存到事务号"),
                ),
                ("previous", models.CharField(blank=True, max_length=64, verbose_name="前一封存摘要")),
                ("sha256", models.CharField(max_length=64, verbose_name="封存摘要")),
                ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
            ],
            options={
                "verbose_name": "审计封存",
                "verbose_name_plural": "审计封存",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["last", "first"], name="auditseal_range")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("previous",),
                        name="auditseal_chain_never_forks",
                        violation_error_message="同一封存之后已有另一封存。",
                    ),
                    models.UniqueConstraint(
                        fields=("sha256",),
                        name="auditseal_digest_is_unique",
                        violation_error_message="封存摘要重复。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__gt", 0), ("first__lte", models.F("last"))),
                        name="auditseal_covers_rows",
                        violation_error_message="封存必须至少含一条记录。",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION refuse_change();"),
        append_only("audit_auditrow"),
        append_only("audit_auditseal"),
    ]
