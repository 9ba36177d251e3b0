"""Advisory locks by which parallel requests about one number, network or person take turns."""

from __future__ import annotations

from django.db import connection

ADDRESS, MOBILE, RESIDENT_ID, PERSON = 41, 42, 43, 44


def take_turn(space: int, key: str) -> None:
    """Wait for the lock of this key; it is held until the transaction ends.

    Whoever takes several asks for addresses first, then mobiles, then identity numbers, then persons.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an advisory lock is worth nothing outside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [space, key])
