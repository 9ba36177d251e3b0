"""No two accounts differ in the case of their names alone: staff sign in in any case."""

from __future__ import annotations

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_duties_never_meet"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="staffuser",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"),
                name="staffuser_username_is_unique_in_any_case",
                violation_error_message="这个工号已被使用（不分大小写），请换一个。",
            ),
        ),
    ]
