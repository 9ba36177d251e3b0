"""What the member door stands on: known browsers, refused claims, tickets, changed numbers, corrections."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import subsidy.crypto
from subsidy.triggers import fixed, rule

FIXED = {
    "table": "accounts_member",
    "name": "member_resident_id_is_fixed",
    "fires": "BEFORE UPDATE OF resident_id_index",
}
GIVEN_ONCE = (
    "OLD.resident_id_index IS NULL OR NEW.resident_id_index IS NOT DISTINCT FROM OLD.resident_id_index"
)
GRANTED = """EXISTS (SELECT 1 FROM accounts_membercorrection c
    WHERE c.member_id = NEW.id AND c.field = 'resident_id' AND c.outcome = 'granted'
    AND c.value_index = NEW.resident_id_index)"""
once = rule(**FIXED, unless=GIVEN_ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_audit_log"),
        ("accounts", "0002_fixed_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        choices=[("name", "姓名"), ("resident_id", "证件号码")],
                        max_length=11,
                        verbose_name="更正内容",
                    ),
                ),
                ("value", subsidy.crypto.EncryptedTextField(verbose_name="更正为")),
                ("value_index", models.CharField(editable=False, max_length=64, verbose_name="更正值摘要")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("requested_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("open", "待办理"), ("granted", "已更正"), ("refused", "不予更正")],
                        default="open",
                        max_length=7,
                        verbose_name="结果",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="办结时间")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
            ],
            options={
                "verbose_name": "资料更正",
                "verbose_name_plural": "资料更正",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MobileChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "old_mobile",
                    subsidy.crypto.EncryptedTextField(blank=True, null=True, verbose_name="原手机号"),
                ),
                (
                    "old_mobile_index",
                    models.CharField(
                        blank=True, editable=False, max_length=64, null=True, verbose_name="原手机号摘要"
                    ),
                ),
                (
                    "new_mobile_index",
                    models.CharField(editable=False, max_length=64, verbose_name="新手机号摘要"),
                ),
                ("new_tail", models.CharField(max_length=4, verbose_name="新手机号后四位")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="更换理由")),
                ("changed_at", models.DateTimeField(verbose_name="更换时间")),
                ("objection", models.CharField(blank=True, max_length=500, verbose_name="异议内容")),
                ("objected_at", models.DateTimeField(blank=True, null=True, verbose_name="提出异议时间")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="处理时间")),
                ("settlement", models.CharField(blank=True, max_length=500, verbose_name="处理结果")),
                ("is_reverted", models.BooleanField(default=False, verbose_name="已改回原手机号")),
            ],
            options={
                "verbose_name": "手机号更换",
                "verbose_name_plural": "手机号更换",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RefusedClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("member_id", models.BigIntegerField(verbose_name="会员编号")),
                ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="来源网络")),
                ("refused_at", models.DateTimeField(verbose_name="拒绝时间")),
            ],
            options={
                "verbose_name": "被拒绝的证件登记",
                "verbose_name_plural": "被拒绝的证件登记",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="UsedTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ticket_index", models.CharField(max_length=64, unique=True, verbose_name="票据摘要")),
                ("used_at", models.DateTimeField(verbose_name="使用时间")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="失效时间")),
            ],
            options={
                "verbose_name": "已用登录票据",
                "verbose_name_plural": "已用登录票据",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="signincode",
            name="asked_for",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="为哪位会员"),
        ),
        migrations.AddField(
            model_name="signincode",
            name="browser_index",
            field=models.CharField(blank=True, max_length=64, verbose_name="已知浏览器摘要"),
        ),
        migrations.AlterField(
            model_name="signincode",
            name="address",
            field=models.GenericIPAddressField(blank=True, null=True, verbose_name="来源网络"),
        ),
        migrations.AddIndex(
            model_name="signincode",
            index=models.Index(
                condition=models.Q(("asked_for__isnull", False)),
                fields=["asked_for", "created_at"],
                name="signincode_person_recent",
            ),
        ),
        migrations.AddField(
            model_name="membercorrection",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经办人",
            ),
        ),
        migrations.AddField(
            model_name="membercorrection",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="accounts.member",
                verbose_name="会员",
            ),
        ),
        migrations.AddField(
            model_name="mobilechange",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经办人",
            ),
        ),
        migrations.AddField(
            model_name="mobilechange",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mobile_changes",
                to="accounts.member",
                verbose_name="会员",
            ),
        ),
        migrations.AddField(
            model_name="mobilechange",
            name="office",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.office",
                verbose_name="经办机构",
            ),
        ),
        migrations.AddField(
            model_name="mobilechange",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="处理人",
            ),
        ),
        migrations.AddIndex(
            model_name="refusedclaim",
            index=models.Index(fields=["member_id", "refused_at"], name="refusedclaim_member_recent"),
        ),
        migrations.AddIndex(
            model_name="refusedclaim",
            index=models.Index(fields=["address", "refused_at"], name="refusedclaim_address_recent"),
        ),
        migrations.AddConstraint(
            model_name="usedticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("used_at"))),
                name="usedticket_was_valid_when_used",
                violation_error_message="过期的登录票据不能使用。",
            ),
        ),
        migrations.AddConstraint(
            model_name="usedticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("ticket_index__regex", "^[0-9a-f]{64}$")),
                name="usedticket_ticket_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("value_index__regex", "^[0-9a-f]{64}$")),
                name="membercorrection_value_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercorrection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "open")),
                fields=("member", "field"),
                name="membercorrection_one_open_per_field",
                violation_error_message="这一项已有一份没有办完的更正申请。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("field__in", ["name", "resident_id"])),
                name="membercorrection_field_is_known",
                violation_error_message="更正内容不在列表中。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="membercorrection_reason_is_given",
                violation_error_message="更正申请要写明理由。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("note", ""),
                        ("outcome", "open"),
                    ),
                    models.Q(
                        ("outcome__in", ["granted", "refused"]),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="membercorrection_decided_is_complete",
                violation_error_message="办结的更正申请要有经办人、时间和说明。",
            ),
        ),
        migrations.AddIndex(
            model_name="mobilechange",
            index=models.Index(fields=["old_mobile_index", "changed_at"], name="mobilechange_old_number"),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("old_mobile__isnull", False), ("old_mobile_index__isnull", False)),
                    models.Q(("old_mobile__isnull", True), ("old_mobile_index__isnull", True)),
                    _connector="OR",
                ),
                name="mobilechange_old_mobile_has_its_digest",
                violation_error_message="加密字段与其摘要必须同时存在或同时为空。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("old_mobile_index__regex", "^[0-9a-f]{64}$")),
                name="mobilechange_old_mobile_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("new_mobile_index__regex", "^[0-9a-f]{64}$")),
                name="mobilechange_new_mobile_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changed_by__isnull", True), ("reason", "")),
                    models.Q(("changed_by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="mobilechange_by_staff_has_reason",
                violation_error_message="工作人员更换手机号要写明理由；会员自己更换的没有理由。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("objected_at__isnull", True), ("objection", "")),
                    models.Q(models.Q(("objection", ""), _negated=True), ("objected_at__isnull", False)),
                    _connector="OR",
                ),
                name="mobilechange_objection_has_instant",
                violation_error_message="异议要有内容和时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("is_reverted", False),
                        ("settled_at__isnull", True),
                        ("settled_by__isnull", True),
                        ("settlement", ""),
                    ),
                    models.Q(
                        ("objected_at__isnull", False),
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                        models.Q(("settlement", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="mobilechange_settled_is_complete",
                violation_error_message="处理异议要有处理人、时间和处理结果。",
            ),
        ),
        migrations.AddConstraint(
            model_name="mobilechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_by__isnull", True),
                    ("changed_by__isnull", True),
                    models.Q(("settled_by", models.F("changed_by")), _negated=True),
                    _connector="OR",
                ),
                name="mobilechange_settled_by_another",
                violation_error_message="更换手机号的经办人不能自己处理异议。",
            ),
        ),
        migrations.RunSQL(once.reverse_sql, once.sql),
        rule(**FIXED, unless=f"{GIVEN_ONCE} OR {GRANTED}"),
        fixed(
            "accounts_membercorrection",
            ["member_id", "field", "value_index", "outcome", "decided_at", "decided_by_id", "note"],
            when="OLD.outcome <> 'open'",
        ),
        fixed(
            "accounts_mobilechange",
            [
                "member_id",
                "old_mobile_index",
                "new_mobile_index",
                "changed_by_id",
                "office_id",
                "reason",
                "changed_at",
            ],
        ),
    ]
