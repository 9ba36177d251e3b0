"""Migration operations for the rules that PostgreSQL itself keeps."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.migrations.operations import RunSQL


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on a table (needs audit's refuse_change())."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """,
        f"""
        DROP TRIGGER {table}_append_only ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )


def kept(table: str) -> RunSQL:
    """Refuse DELETE on a table whose rows may change but never vanish."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        """,
        f"DROP TRIGGER {table}_kept ON {table};",
    )


def fixed(table: str, columns: Iterable[str], *, when: str = "true") -> RunSQL:
    """Refuse a change of the named columns while the condition holds for the old row."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW
            WHEN (({when}) AND ({changed})) EXECUTE FUNCTION refuse_change();
        """,
        f"DROP TRIGGER {table}_fixed ON {table};",
    )


def steps(table: str, column: str, pairs: Iterable[tuple[str, str]]) -> RunSQL:
    """Let a state column move only along the given pairs."""
    allowed = ", ".join(f"('{source}', '{target}')" for source, target in pairs)
    name = f"{table}_{column}_steps"
    return RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.{column}, NEW.{column}) NOT IN ({allowed}) THEN
                RAISE EXCEPTION '{name}: % to % is not a step', OLD.{column}, NEW.{column}
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {name} BEFORE UPDATE OF {column} ON {table} FOR EACH ROW
            WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


def rule(table: str, name: str, *, fires: str, unless: str, when: str = "") -> RunSQL:
    """Refuse a row unless the SQL condition over NEW and OLD holds.

    `fires` is the head of the trigger, e.g. "BEFORE INSERT"; "DEFERRED" in front waits for the commit.
    """
    deferred = fires.startswith("DEFERRED ")
    head = f"{fires.removeprefix('DEFERRED ')} ON {table}"
    kind = "CONSTRAINT TRIGGER" if deferred else "TRIGGER"
    tail = "DEFERRABLE INITIALLY DEFERRED " if deferred else ""
    guard = f"WHEN ({when}) " if when else ""
    return RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT ({unless}) THEN
                RAISE EXCEPTION '{name}: refused for {table} %', NEW.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        END $$;
        CREATE {kind} {name} {head} {tail}FOR EACH ROW {guard}EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )
