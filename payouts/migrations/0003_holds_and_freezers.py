"""Who froze a batch is kept, and is not who approves it; a result file sent back may be imported anew."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations import RunSQL
from django.db.models import F, Q

from subsidy.triggers import fixed

FIXED = ["number", "scheme_id", "key_id", "built_by_id", "line_count", "total", "card_hash_total"]
BEFORE = fixed("payouts_payoutbatch", FIXED, when="OLD.status <> 'open'")


class Migration(migrations.Migration):
    """A contradiction is found by its index."""

    dependencies = [
        ("payouts", "0002_money_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="payoutbatch",
            name="frozen_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="冻结",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutbatch",
            constraint=models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(frozen_by__isnull=True)
                | ~Q(approved_by=F("frozen_by")),
                name="payoutbatch_freezer_is_not_approver",
                violation_error_message="冻结人不能批准自己冻结的批次，请由另一人复核。",
            ),
        ),
        RunSQL(BEFORE.reverse_sql, BEFORE.sql),
        fixed("payouts_payoutbatch", [*FIXED, "frozen_by_id"], when="OLD.status <> 'open'"),
        migrations.AlterField(
            model_name="resultfile",
            name="sha256",
            field=models.CharField(max_length=64, verbose_name="SHA-256"),
        ),
        migrations.AddConstraint(
            model_name="resultfile",
            constraint=models.UniqueConstraint(
                condition=~Q(status="discarded"),
                fields=["sha256"],
                name="resultfile_sha256_once",
                violation_error_message="这个文件已经导入过。",
            ),
        ),
        migrations.AddIndex(
            model_name="resultline",
            index=models.Index(
                condition=Q(outcome="contradicts"), fields=["line"], name="resultline_contradicts"
            ),
        ),
    ]
