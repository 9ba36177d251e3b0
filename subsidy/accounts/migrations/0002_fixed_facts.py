"""Triggers: a resident id is given once, a merged record stays merged, a code is used once."""

from __future__ import annotations

from django.db import migrations

from subsidy.triggers import rule


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people_and_places")]

    operations = [
        rule(
            "accounts_member",
            "member_resident_id_is_fixed",
            fires="BEFORE UPDATE OF resident_id_index",
            unless="OLD.resident_id_index IS NULL OR NEW.resident_id_index IS NOT DISTINCT FROM OLD.resident_id_index",
        ),
        rule(
            "accounts_member",
            "member_merge_is_final",
            fires="BEFORE UPDATE OF merged_into_id",
            unless="OLD.merged_into_id IS NULL OR NEW.merged_into_id IS NOT DISTINCT FROM OLD.merged_into_id",
        ),
        rule(
            "accounts_signincode",
            "signincode_is_used_once",
            fires="BEFORE UPDATE",
            unless="OLD.used_at IS NULL AND NEW.attempts >= OLD.attempts",
        ),
    ]
