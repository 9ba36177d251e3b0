"""Messages that are done may be emptied of number and words, both together."""

from django.db import migrations, models

import subsidy.crypto


class Migration(migrations.Migration):
    """What was sent stays on record; to whom and in which words does not."""

    dependencies = [("notices", "0003_recovered")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="body",
            field=subsidy.crypto.EncryptedTextField(null=True, verbose_name="短信内容"),
        ),
        migrations.AlterField(
            model_name="notice",
            name="mobile",
            field=subsidy.crypto.EncryptedTextField(null=True, verbose_name="手机号"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("body__isnull", False), ("mobile__isnull", False))
                | models.Q(
                    ("body__isnull", True),
                    ("mobile__isnull", True),
                    ("status__in", ["sent", "failed", "expired"]),
                ),
                name="notice_emptied_when_done",
                violation_error_message="只有已办完的短信才能清空号码和内容，且须一并清空。",
            ),
        ),
    ]
