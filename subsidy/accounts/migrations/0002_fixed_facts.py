"""Triggers: a resident id is given once, and a merged record stays merged."""

from __future__ import annotations

from django.db import migrations

CREATE = """
CREATE FUNCTION accounts_member_fixed_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.resident_id_index IS NOT NULL AND NEW.resident_id_index IS DISTINCT FROM OLD.resident_id_index THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'member_resident_id_is_fixed',
            TABLE = 'accounts_member',
            MESSAGE = 'member_resident_id_is_fixed: 证件号码登记后不得更改，请走更正申请。';
    END IF;
    IF OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'member_merge_is_final',
            TABLE = 'accounts_member',
            MESSAGE = 'member_merge_is_final: 已并入的档案不得再改去向。';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER member_fixed_facts BEFORE UPDATE OF resident_id_index, merged_into_id ON accounts_member
FOR EACH ROW EXECUTE FUNCTION accounts_member_fixed_facts();

CREATE FUNCTION accounts_signincode_single_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR NEW.attempts < OLD.attempts THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'signincode_is_used_once',
            TABLE = 'accounts_signincode',
            MESSAGE = 'signincode_is_used_once: 验证码只能使用一次，已试次数不得减少。';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER signincode_is_used_once BEFORE UPDATE ON accounts_signincode
FOR EACH ROW EXECUTE FUNCTION accounts_signincode_single_use();
"""

DROP = """
DROP TRIGGER signincode_is_used_once ON accounts_signincode;
DROP FUNCTION accounts_signincode_single_use();
DROP TRIGGER member_fixed_facts ON accounts_member;
DROP FUNCTION accounts_member_fixed_facts();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people_and_places")]

    operations = [migrations.RunSQL(CREATE, DROP)]
