"""Wrong writes past every service: which rule of the database stops them, and whether it alone does."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection, transaction


def now_or_never() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refusal_of(wrong: Callable[[], None], *, dropping: tuple[str, str] | None = None) -> str:
    """Return the name of the rule that refused the write, or "" if it went through; undo it all.

    `dropping` names a rule and its table to be removed first: then nothing else may be in the way.
    """
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # rows are made inside; it is undone anyway
    try:
        with block:
            if dropping:
                without(*dropping)
            wrong()
            transaction.set_rollback(True)
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        return getattr(diagnosis, "constraint_name", None) or str(error)
    return ""


def without(constraint: str, table: str) -> None:
    """Drop a constraint, an index or a trigger, whichever bears the name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_constraint WHERE conname = %s AND contype <> 't'"
            " UNION ALL SELECT 2 FROM pg_class WHERE relname = %s AND relkind = 'i'",
            [constraint, constraint],
        )
        kinds = [row[0] for row in cursor.fetchall()]
        if 1 in kinds:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        elif 2 in kinds:
            cursor.execute(f'DROP INDEX "{constraint}"')
        else:
            cursor.execute(f'DROP TRIGGER "{constraint}" ON {table}')
