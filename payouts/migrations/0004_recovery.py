"""A recovery is the whole amount of a paid line, and revokes its application in the same transaction."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from subsidy.triggers import rule

TABLE = "payouts_recovery"
PAID_IN_FULL = """(SELECT (l.status, l.amount) FROM payouts_payoutline l WHERE l.id = NEW.line_id)
    = ('paid'::varchar, NEW.amount)"""
REVOKED = """EXISTS (SELECT 1 FROM payouts_payoutline l JOIN applications_application a ON a.id = l.application_id
    WHERE l.id = NEW.line_id AND l.status = 'bounced' AND (a.payment, a.status) = ('recovered', 'revoked'))"""


class Migration(migrations.Migration):
    """What frees the person for the rightful payment (E7) is never half a recovery."""

    dependencies = [("payouts", "0003_holds_and_freezers"), ("applications", "0003_events_are_chained")]

    operations = [
        migrations.AlterField(
            model_name="payoutline",
            name="replaces",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="payouts.payoutline",
                verbose_name="重送自",
            ),
        ),
        migrations.RemoveConstraint(model_name="recovery", name="recovery_amount_is_positive"),
        rule(TABLE, "recovery_is_the_whole_paid_amount", fires="BEFORE INSERT", unless=PAID_IN_FULL),
        rule(TABLE, "recovery_revokes_the_application", fires="DEFERRED AFTER INSERT", unless=REVOKED),
    ]
