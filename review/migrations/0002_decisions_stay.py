"""A decision is never changed and never removed."""

from __future__ import annotations

from django.db import migrations

from subsidy.triggers import append_only


class Migration(migrations.Migration):
    """DESIGN list 4, for the decisions."""

    dependencies = [("review", "0001_review"), ("audit", "0001_audit_log")]

    operations = [append_only("review_decision")]
