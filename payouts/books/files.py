"""Opening every stored file: bytes against their hash, and every line in them against the lines we hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from payouts import envelope
from payouts.books.contents import UNREADABLE, Contents, of_text, of_workbook
from payouts.books.findings import Finding, Row
from subsidy.crypto import Unreadable, open_data_key, unseal

FILES = """
SELECT f.id, f.name, f.format, f.content, f.size, f.sha256, f.line_count, f.total
FROM payouts_payoutfile f WHERE f.batch_id = %s ORDER BY f.part, f.format
"""
LINES = """
SELECT l.id, l.line_ref, l.amount, s.name, s.card_number FROM payouts_payoutline l
JOIN payouts_payoutsnapshot s ON s.line_id = l.id WHERE l.batch_id = %s ORDER BY l.serial
"""
BATCHES = """
SELECT b.id, b.number, b.status, b.line_count, b.total, b.card_hash_total, k.wrapped
FROM payouts_payoutbatch b JOIN payouts_datakey k ON k.id = b.key_id
WHERE b.frozen_at IS NOT NULL ORDER BY b.id
"""
RESULTS = """
SELECT f.id, f.name, f.sha256, f.content, k.wrapped
FROM payouts_resultfile f JOIN payouts_datakey k ON k.id = f.key_id ORDER BY f.id
"""
SENTENCES = {
    "file-bytes": "文件字节与登记的 SHA-256 或大小不一致",
    "file-lines": "文件里的明细与账上的明细不一致",
    "file-totals": "文件的首行、末行或登记的合计与逐行合计不一致",
    "manifest": "清单与批次或文件不一致",
    "card-hash": "卡号校验和与快照不一致",
    "snapshot": "姓名或卡号快照打不开",
    "result-bytes": "回盘文件字节与登记的 SHA-256 不一致",
}

Reader = Callable[[bytes], Contents]
READERS: dict[str, Reader] = {"txt": of_text, "xlsx": of_workbook}


class Batch(NamedTuple):
    """A frozen batch as stored."""

    id: int
    number: str
    status: str
    line_count: int
    total: int
    card_hash_total: str
    wrapped: str


class Stored(NamedTuple):
    """A payout file as stored."""

    id: int
    name: str
    format: str
    content: bytes
    size: int
    sha256: str
    line_count: int
    total: int


class Line(NamedTuple):
    """What a line must read like in its file."""

    id: int
    name: str
    card_number: str
    amount: int


@dataclass(slots=True)
class Faults:
    """The rows at fault by check."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, check: str, kind: str, pk: int, name: str) -> None:
        """Note one row."""
        row = Row(kind, pk, name)
        if row not in (known := self.rows.setdefault(check, [])):
            known.append(row)


def findings() -> tuple[list[Finding], int]:
    """Return what is wrong with the stored files, and how many were opened."""
    faults, opened = Faults(), 0
    for batch in list(_rows(BATCHES, Batch)):
        opened += _check_batch(batch, faults)
    for pk, name, sha256, content, wrapped in list(_rows(RESULTS, tuple)):
        opened += 1
        plain = _open(wrapped, content, envelope.of_result(sha256))
        if plain is None or hashlib.sha256(plain).hexdigest() != sha256:
            faults.add("result-bytes", "result", pk, name)
    return [Finding(check, SENTENCES[check], rows) for check, rows in faults.rows.items()], opened


def _rows(sql: str, shape: Any, *params: int) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for row in cursor.fetchall():
            yield tuple(row) if shape is tuple else shape(*row)


def _open(wrapped: str, sealed: bytes, context: str) -> bytes | None:
    try:
        return unseal(open_data_key(wrapped), sealed, context)
    except Unreadable:
        return None


def _check_batch(batch: Batch, faults: Faults) -> int:
    lines = _lines(batch, faults)
    cards = sum(int(line.card_number) for line in lines.values())
    if f"{cards % 10**12:012d}" != batch.card_hash_total:
        faults.add("card-hash", "batch", batch.id, batch.number)
    if batch.status not in ("exported", "settled"):
        return 0
    files = list(_rows(FILES, Stored, batch.id))
    for kind, read in READERS.items():
        _check_kind(batch, [file for file in files if file.format == kind], read, lines, faults)
    for file in files:
        if file.format == "json" and (content := _plain(batch, file, faults)) is not None:
            _check_manifest(batch, file, content, files, faults)
    return len(files)


def _check_kind(
    batch: Batch, files: list[Stored], read: Reader, lines: dict[str, Line], faults: Faults
) -> None:
    """Compare all parts of one format with the lines: each line stands in just one of them."""
    missing, is_whole = dict(lines), True
    for file in files:
        content = _plain(batch, file, faults)
        is_whole = is_whole and content is not None
        try:
            if content is not None:
                _check_lines(file, read(content), lines, missing, faults)
        except UNREADABLE:
            is_whole = False
            faults.add("file-lines", "file", file.id, file.name)
    if is_whole:
        for ref, line in missing.items():
            faults.add("file-lines", "line", line.id, ref)


def _plain(batch: Batch, file: Stored, faults: Faults) -> bytes | None:
    """Return the bytes as exported, or None, noted, when they are not what was registered."""
    content = _open(batch.wrapped, file.content, envelope.of_file(file.name))
    if content is None or (len(content), hashlib.sha256(content).hexdigest()) != (file.size, file.sha256):
        faults.add("file-bytes", "file", file.id, file.name)
        return None
    return content


def _lines(batch: Batch, faults: Faults) -> dict[str, Line]:
    found = dict[str, Line]()
    for pk, ref, amount, sealed_name, sealed_card in _rows(LINES, tuple, batch.id):
        name = _open(batch.wrapped, sealed_name, envelope.of_name(ref))
        card = _open(batch.wrapped, sealed_card, envelope.of_card(ref))
        if name is None or card is None:
            faults.add("snapshot", "line", pk, ref)
        found[ref] = Line(pk, (name or b"").decode(), (card or b"0").decode(), amount)
    return found


def _check_lines(
    file: Stored, found: Contents, lines: dict[str, Line], missing: dict[str, Line], faults: Faults
) -> None:
    total = 0
    for ref, name, card, amount in found.rows:
        total += int(amount.removesuffix(".00"))
        line = lines.get(ref)
        if line is None:
            faults.add("file-lines", "file", file.id, file.name)
        elif (name, card, amount) != (line.name, line.card_number, f"{line.amount}.00") or ref not in missing:
            faults.add("file-lines", "line", line.id, ref)
        missing.pop(ref, None)
    count = len(found.rows)
    stated = {*found.totals, (str(file.line_count), f"{file.total}.00")}
    if stated != {(str(count), f"{total}.00")}:
        faults.add("file-totals", "file", file.id, file.name)


def _check_manifest(batch: Batch, file: Stored, content: bytes, files: list[Stored], faults: Faults) -> None:
    said = json.loads(content)
    parts: dict[str, list[dict[str, Any]]] = {kind: [] for kind in READERS}
    for part in files:
        if part.format in parts:
            parts[part.format].append(
                {"file": part.name, "sha256": part.sha256, "lines": part.line_count, "total": part.total}
            )
    expected = {
        "batch": batch.number,
        "lines": batch.line_count,
        "total": batch.total,
        "card_hash_total": batch.card_hash_total,
        "parts": parts["txt"],
        "workbooks": parts["xlsx"],
    }
    if any(said.get(name) != value for name, value in expected.items()):
        faults.add("manifest", "file", file.id, file.name)
