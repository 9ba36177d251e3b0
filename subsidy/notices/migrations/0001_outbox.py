"""The outbox of messages to members."""

from __future__ import annotations

from django.db import migrations, models

import subsidy.crypto


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "template",
                    models.CharField(
                        choices=[
                            ("sign_in_code", "登录验证码"),
                            ("submitted", "申报已受理"),
                            ("filed_for_you", "他人代报告知"),
                            ("returned", "退回补正"),
                            ("approved", "审核通过"),
                            ("rejected", "审核未通过"),
                            ("withdrawn", "申报已撤回"),
                            ("paid", "已到账"),
                            ("payment_failed", "发放失败"),
                        ],
                        max_length=32,
                        verbose_name="模板",
                    ),
                ),
                ("member_id", models.BigIntegerField(verbose_name="会员编号")),
                ("mobile", subsidy.crypto.EncryptedTextField(verbose_name="手机号")),
                ("body", subsidy.crypto.EncryptedTextField(verbose_name="短信内容")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "待发送"),
                            ("sending", "发送中"),
                            ("sent", "已发送"),
                            ("failed", "发送失败"),
                            ("expired", "已过期未发"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="发送次数")),
                ("next_attempt_at", models.DateTimeField(verbose_name="下次发送时间")),
                ("useful_until", models.DateTimeField(verbose_name="有效期至")),
                ("business_at", models.DateTimeField(verbose_name="业务时间")),
                ("created_at", models.DateTimeField(verbose_name="生成时间")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="网关回执号")),
                ("last_error", models.CharField(blank=True, max_length=100, verbose_name="最近错误")),
            ],
            options={
                "verbose_name": "短信通知",
                "verbose_name_plural": "短信通知",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["pending", "sending"])),
                        fields=["next_attempt_at", "id"],
                        name="notice_due",
                    ),
                    models.Index(fields=["member_id", "id"], name="notice_member"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["pending", "sending", "sent", "failed", "expired"])
                        ),
                        name="notice_status_is_known",
                        violation_error_message="短信状态不在范围内。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("status", "sent")),
                            models.Q(models.Q(("status", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="notice_sent_has_instant",
                        violation_error_message="已发送的短信必须有发送时间。",
                    ),
                ],
            },
        ),
    ]
