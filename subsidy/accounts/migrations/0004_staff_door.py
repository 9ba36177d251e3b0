"""The door of the staff: tries are counted in a table, sessions end by an epoch, second factors are sealed."""

from __future__ import annotations

import re
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from subsidy.crypto import seal_text

SEALED = re.compile(r"^[A-Za-z0-9_.-]{1,16}\$[A-Za-z0-9+/]+=*$")
CONTEXT = "mfa.authenticator.data"


def seal_second_factors(apps: Any, schema_editor: Any) -> None:
    """Encrypt what was bound before secrets were encrypted."""
    for row in apps.get_model("mfa", "Authenticator").objects.all():
        plain = {key: row.data[key] for key in ("secret", "seed") if key in row.data}
        open_ones = {key: text for key, text in plain.items() if not SEALED.match(text)}
        if open_ones:
            row.data |= {key: seal_text(text, CONTEXT) for key, text in open_ones.items()}
            row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_member_door"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffuser",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="登录期次"),
        ),
        migrations.AddField(
            model_name="staffuser",
            name="totp_step",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="最近用过的动态口令时段"),
        ),
        migrations.CreateModel(
            name="SignInTries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "door",
                    models.CharField(
                        choices=[("password", "密码"), ("second_factor", "动态口令或恢复码")],
                        max_length=15,
                        verbose_name="入口",
                    ),
                ),
                ("account_index", models.CharField(max_length=64, verbose_name="账号摘要")),
                ("browser_index", models.CharField(blank=True, max_length=64, verbose_name="浏览器摘要")),
                ("tries", models.PositiveIntegerField(verbose_name="连续尝试次数")),
                ("tried_at", models.DateTimeField(db_index=True, verbose_name="最近一次尝试时间")),
                ("locked_until", models.DateTimeField(blank=True, null=True, verbose_name="锁定至")),
                (
                    "staff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={
                "verbose_name": "登录尝试",
                "verbose_name_plural": "登录尝试",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("door", "account_index", "browser_index"),
                        name="signintries_counts_each_door_once",
                        violation_error_message="同一账号、同一浏览器在每个入口只计一行。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("door__in", ["password", "second_factor"])),
                        name="signintries_door_is_known",
                        violation_error_message="入口不在列表中。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tries__gte", 1)),
                        name="signintries_at_least_one_try",
                        violation_error_message="有记录就至少试过一次。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("locked_until__isnull", True),
                            ("locked_until__gt", models.F("tried_at")),
                            _connector="OR",
                        ),
                        name="signintries_lock_ends_after_the_try",
                        violation_error_message="锁定的结束时间必须晚于尝试时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account_index__regex", "^[0-9a-f]{64}$")),
                        name="signintries_account_index_is_a_digest",
                        violation_error_message="摘要必须是 64 位十六进制字符。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("browser_index", ""), ("browser_index__regex", "^[0-9a-f]{64}$"), _connector="OR"
                        ),
                        name="signintries_browser_is_unknown_or_a_digest",
                        violation_error_message="浏览器摘要为空，或为 64 位十六进制字符。",
                    ),
                ],
            },
        ),
        migrations.RunPython(seal_second_factors, migrations.RunPython.noop),
    ]
