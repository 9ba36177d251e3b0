"""Proving the books from the tables alone, by plain SQL that shares no code with the services."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from payouts.books import balance, cards, files, ledger
from payouts.books.findings import Books, Entry, Finding, Row

__all__ = ["Books", "Entry", "Finding", "Row", "verify"]


def verify(at: datetime) -> Books:
    """Read everything in one snapshot and return the balance and every finding."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        left, entries = balance.approved(), balance.standing(at)
        file_findings, opened = files.findings()
        found = [*balance.imbalance(left, entries), *ledger.findings(), *cards.findings(), *file_findings]
    return Books(left, entries, {"checks": len(ledger.CHECKS), "files": opened}, found)
