"""Triggers: conflicting duties never meet in one person, and a superuser holds no duty but administration (A1).

Whoever changes `CONFLICTS` in `subsidy.accounts.roles` writes a migration that replaces the function; a test
tries every pair of roles against it.
"""

from __future__ import annotations

from django.db import migrations

from subsidy.triggers import rule

FILERS = ("hotline", "station", "intake")
REVIEWERS = ("reviewer", "review_lead")
FINANCE = ("finance_maker", "finance_checker")
DUTIES = (*FILERS, *REVIEWERS, *FINANCE)
PAIRS = (
    ("finance_maker", "finance_checker"),
    *((one, other) for one in REVIEWERS for other in FINANCE),
    *((one, other) for one in FILERS for other in (*REVIEWERS, *FINANCE)),
    *(("administrator", other) for other in DUTIES),
    *(("auditor", other) for other in (*DUTIES, "administrator")),
)
NAME = "staffuser_duties_never_meet"


def _texts(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


OTHERS = _texts((*DUTIES, "auditor"))
HOLDS_ANOTHER = f"""
    SELECT 1 FROM accounts_staffuser_groups held JOIN auth_group g ON g.id = held.group_id
    WHERE held.staffuser_id = NEW.id AND g.name IN ({OTHERS})
"""  # noqa: S608 - names of our own

# The person's row is locked first: of two transactions that give one duty each, the second waits and then
# sees what the first wrote. FOR NO KEY UPDATE lets the foreign key's own lock pass.
MEETING = f"""
CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    root boolean;
    given text;
    other text;
BEGIN
    SELECT is_superuser INTO root FROM accounts_staffuser WHERE id = NEW.staffuser_id FOR NO KEY UPDATE;
    SELECT name INTO given FROM auth_group WHERE id = NEW.group_id;
    SELECT g.name INTO other
        FROM accounts_staffuser_groups held JOIN auth_group g ON g.id = held.group_id
        WHERE held.staffuser_id = NEW.staffuser_id AND held.id <> NEW.id AND (
            (given, g.name) IN ({", ".join(f"({_texts(pair)})" for pair in PAIRS)})
            OR (g.name, given) IN ({", ".join(f"({_texts(pair)})" for pair in PAIRS)})
        ) LIMIT 1;
    IF other IS NULL AND root AND given IN ({OTHERS}) THEN
        other := 'superuser';
    END IF;
    IF other IS NOT NULL THEN
        RAISE EXCEPTION '{NAME}: % and % in user %', given, other, NEW.staffuser_id
            USING ERRCODE = 'check_violation', CONSTRAINT = '{NAME}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE ON accounts_staffuser_groups
    FOR EACH ROW EXECUTE FUNCTION {NAME}();
"""  # noqa: S608 - names of our own


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_staff_door")]

    operations = [
        migrations.RunSQL(
            MEETING, f"DROP TRIGGER {NAME} ON accounts_staffuser_groups; DROP FUNCTION {NAME}();"
        ),
        rule(
            "accounts_staffuser",
            "superuser_administers_only",
            fires="BEFORE UPDATE OF is_superuser",
            when="NEW.is_superuser",
            unless=f"NOT EXISTS ({HOLDS_ANOTHER})",
        ),
    ]
