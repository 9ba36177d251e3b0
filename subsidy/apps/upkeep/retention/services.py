"""Clearing what is past its term: safe to repeat, a chunk at a time, recorded with counts alone."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from applications.services import expiring
from subsidy import clock
from subsidy.apps.upkeep.retention import files, rows
from subsidy.apps.upkeep.retention.terms import TERMS
from subsidy.audit.actors import SYSTEM
from subsidy.audit.services import record
from subsidy.notices import retention as outbox

LOCK: Final = 61_000_001


def purge(*, dry_run: bool = False) -> dict[str, int]:
    """Clear what is past its term, or count it; return how many of each kind.

    Sessions, codes and messages are judged by real time, drafts by the business clock of their scheme.
    Two runs at once are harmless: the second finds nothing to do.
    """
    found = _counted() if dry_run else _cleared()
    if not dry_run and any(found.values()):
        with transaction.atomic():
            record("data.purge", actor=SYSTEM, data={name: count for name, count in found.items() if count})
    return found


def _counted() -> dict[str, int]:
    now = clock.real_now()
    found = {name: rows.count(name, now - TERMS[name].lasts) for name in rows.EXPIRED}
    found["codes_sent"] = outbox.readable(now - TERMS["codes_sent"].lasts, secret=True).count()
    found["notices"] = outbox.readable(now - TERMS["notices"].lasts).count()
    found["drafts"] = expiring.never_filed(clock.now() - TERMS["drafts"].lasts).count()
    found["orphans"] = sum(1 for _ in files.orphans(now - TERMS["orphans"].lasts))
    return found


def _cleared() -> dict[str, int]:
    now = clock.real_now()
    if not _is_ours():
        return dict.fromkeys(TERMS, 0)
    try:
        found = {name: rows.delete(name, now - TERMS[name].lasts) for name in rows.EXPIRED}
        found["codes_sent"] = outbox.forget(now - TERMS["codes_sent"].lasts, secret=True)
        found["notices"] = outbox.forget(now - TERMS["notices"].lasts)
        found["drafts"] = expiring.clear_never_filed(clock.now() - TERMS["drafts"].lasts)
        found["orphans"] = files.delete(now - TERMS["orphans"].lasts)
        return found
    finally:
        _ask("SELECT pg_advisory_unlock(%s)")


def _is_ours() -> bool:
    """Take the one lock of this work without waiting: whoever finds it taken leaves it to the other."""
    return _ask("SELECT pg_try_advisory_lock(%s)")


def _ask(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOCK])
        return bool(cursor.fetchone()[0])
