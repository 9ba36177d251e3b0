"""Checking the audit log against its seals and naming what was altered, lost, moved or slipped in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from subsidy.audit.models import AuditSeal
from subsidy.audit.sealer import DIGEST_BYTES, NOT_SEALED, ROW_DIGEST, chain_digest

DIGESTS = f"SELECT r.id, {ROW_DIGEST} FROM audit_auditrow r WHERE r.id = ANY (%s)"  # noqa: S608
SLIPPED_IN = f"""
SELECT r.id FROM audit_auditrow r WHERE r.txid < %s::xid8 AND {NOT_SEALED} ORDER BY r.id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: its kind, "row 12" or "seal 3", and a sentence."""

    kind: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found; `head` is the digest to keep outside the house."""

    rows: int
    seals: int
    head: str
    findings: list[Finding]


def verify(*, known_head: str = "") -> Verdict:
    """Walk the whole chain; a head noted earlier must still be one of its links."""
    rows, seals, previous, horizon = 0, 0, "", 0
    findings: list[Finding] = []
    heads = {""}
    for seal in AuditSeal.objects.order_by("id").iterator(chunk_size=50):
        findings += [*_check_link(seal, previous), *_check_rows(seal)]
        previous, horizon = seal.sha256, seal.horizon
        heads.add(seal.sha256)
        rows, seals = rows + seal.count, seals + 1
    findings += _slipped_in(horizon)
    if known_head not in heads:
        findings.append(
            Finding("truncated", f"head {known_head}", "记下的封存摘要已不在链上，链尾可能被截断")
        )
    return Verdict(rows, seals, previous, findings)


def _check_link(seal: AuditSeal, previous: str) -> Iterator[Finding]:
    if seal.previous != previous:
        yield Finding("broken", f"seal {seal.pk}", "与前一封存不相接，中间有封存缺失或次序被改")
    if seal.sha256 != chain_digest(seal.previous, seal.horizon, seal.row_ids, bytes(seal.row_digests)):
        yield Finding("altered", f"seal {seal.pk}", "封存内容与其摘要不符")
    if (seal.first, seal.last, seal.count) != (min(seal.row_ids), max(seal.row_ids), len(seal.row_ids)):
        yield Finding("altered", f"seal {seal.pk}", "封存的起止编号或条数与内容不符")


def _check_rows(seal: AuditSeal) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(DIGESTS, [seal.row_ids])
        found = {row_id: bytes(digest) for row_id, digest in cursor.fetchall()}
    sealed = bytes(seal.row_digests)
    for index, row_id in enumerate(seal.row_ids):
        digest = sealed[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES]
        if row_id not in found:
            yield Finding("missing", f"row {row_id}", "已封存的记录不见了")
        elif found[row_id] != digest:
            yield Finding("altered", f"row {row_id}", "记录与封存时不同")


def _slipped_in(horizon: int) -> list[Finding]:
    """Rows that claim to be older than the last seal although no seal holds them."""
    with connection.cursor() as cursor:
        cursor.execute(SLIPPED_IN, [str(horizon)])
        return [
            Finding("inserted", f"row {row_id}", "记录早于最近一次封存，却不在任何封存里")
            for (row_id,) in cursor.fetchall()
        ]
