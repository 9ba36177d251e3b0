"""Sealing: finished audit rows are hashed and chained, so that a later change shows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import connection, transaction

from subsidy import clock
from subsidy.audit.models import AuditSeal

SEAL_LOCK = 7_205_001
ROWS_PER_SEAL = 1_000
DIGEST_BYTES = 32

ROW_DIGEST = """
sha256(convert_to(jsonb_build_array(
    r.id, r.action, r.realm, r.actor_id, r.actor_label, r.target, host(r.ip), r.data, r.txid::text,
    (extract(epoch FROM r.business_at) * 1000000)::bigint, (extract(epoch FROM r.real_at) * 1000000)::bigint
)::text, 'UTF8'))
"""
NOT_SEALED = """
NOT EXISTS (
    SELECT 1 FROM audit_auditseal s WHERE s.first <= r.id AND s.last >= r.id AND r.id = ANY (s.row_ids)
)
"""
UNSEALED = f"""
SELECT r.id, {ROW_DIGEST} FROM audit_auditrow r
WHERE r.txid >= %(start)s::xid8 AND r.txid < %(end)s::xid8
AND r.txid IS DISTINCT FROM pg_current_xact_id_if_assigned() AND {NOT_SEALED}
ORDER BY r.id LIMIT {ROWS_PER_SEAL}
"""  # noqa: S608 - constants of this file
LAST_TRANSACTION_ID = 2**64 - 1


def seal() -> int:
    """Chain the committed rows that no seal covers yet; return how many were sealed.

    Every row older than the oldest running transaction is covered for good, so the next run starts there;
    younger committed rows are taken at once, and what a running transaction still holds comes in a later run.
    Only one sealer works at a time; a second one returns 0.
    """
    total = 0
    while sealed := _seal_some():
        total += sealed
        if sealed < ROWS_PER_SEAL:
            break
    return total


@transaction.atomic
def _seal_some() -> int:
    if not _one(f"SELECT pg_try_advisory_xact_lock({SEAL_LOCK})"):
        return 0
    last = AuditSeal.objects.order_by("-id").first()
    reached = last.horizon if last else 0
    oldest, end = _snapshot()
    rows = _unsealed(*_range(reached, end))
    if rows:
        _write(rows, last, horizon=reached if len(rows) == ROWS_PER_SEAL else oldest)
    return len(rows)


def _range(reached: int, end: int) -> tuple[int, int]:
    """Look at all rows when the horizon lies ahead: a backup of a server that had counted further."""
    return (reached, end) if reached <= end else (0, LAST_TRANSACTION_ID)


def _unsealed(start: int, end: int) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, {"start": str(start), "end": str(end)})
        return [(row_id, bytes(digest)) for row_id, digest in cursor.fetchall()]


def chain_digest(previous: str, horizon: int, row_ids: Sequence[int], row_digests: bytes) -> str:
    """Return the sha256 of one link over the link before it and its rows."""
    digest = hashlib.sha256(f"{previous}\n{horizon}\n{','.join(map(str, row_ids))}\n".encode())
    digest.update(row_digests)
    return digest.hexdigest()


def _write(rows: Sequence[tuple[int, bytes]], last: AuditSeal | None, *, horizon: int) -> None:
    row_ids = [row_id for row_id, _ in rows]
    row_digests = b"".join(digest for _, digest in rows)
    previous = last.sha256 if last else ""
    AuditSeal.objects.create(
        first=row_ids[0],
        last=row_ids[-1],
        count=len(rows),
        row_ids=row_ids,
        row_digests=row_digests,
        horizon=horizon,
        previous=previous,
        sha256=chain_digest(previous, horizon, row_ids, row_digests),
        sealed_at=clock.real_now(),
    )


def _snapshot() -> tuple[int, int]:
    """Return the oldest running transaction and the end of the current snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text FROM pg_current_snapshot() AS s"
        )
        oldest, end = cursor.fetchone()
    return int(oldest), int(end)


def _one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
