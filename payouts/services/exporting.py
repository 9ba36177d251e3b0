"""Writing the files of an approved batch, once: the bytes are kept and never made again (D2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from payouts import envelope, queue
from payouts.formats import default_txt, default_xlsx, manifest
from payouts.formats.shapes import Part, PayLine, in_parts, parts_of
from payouts.models import PayoutBatch, PayoutFile, PayoutLine
from payouts.models.batch import FileFormat
from payouts.services.duties import lock_batch, require_role, require_status, target
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.services import record
from subsidy.crypto import open_data_key, seal, unseal
from subsidy.errors import Conflict
from subsidy.rules.workflow import BatchStatus, LineStatus

CHUNK = 2_000
REMARK = "{year}年职工职业发展助推金"
DONE = (BatchStatus.EXPORTED.value, BatchStatus.SETTLED.value)


def export_batch(batch: PayoutBatch, *, maker: StaffUser, ip: str = "") -> None:
    """Ask for the files of an approved batch; a batch that has them stays as it is.

    An approved batch is to be exported: the worker does it at once, the sweep at the latest.
    """
    require_role(maker, Role.FINANCE_MAKER, act="导出批次")
    with transaction.atomic():
        locked = lock_batch(batch.pk)
        if locked.status in DONE:
            return
        require_status(locked, BatchStatus.APPROVED, act="导出")
        data = {"batch": locked.number}
        record("payout.export_asked", actor=staff_actor(maker, ip), target=target(locked), data=data)
        transaction.on_commit(lambda: queue.hint_export(locked.pk), robust=True)


def write_files(batch_id: int, *, actor: Actor = SYSTEM) -> bool:
    """Write parts and manifest of an approved batch and mark its lines sent; return whether it was done now.

    Safe to repeat and to run twice at once: whoever comes second finds the batch exported.
    """
    with transaction.atomic():
        batch = lock_batch(batch_id)
        if batch.status != BatchStatus.APPROVED.value:
            return False
        made_at = clock.now()
        files = [_store_part(batch, part) for part in _parts(batch, made_at)]
        lines = sum(text.line_count for text, _ in files)
        total = sum(text.total for text, _ in files)
        if (lines, total) != (batch.line_count, batch.total):
            raise Conflict(f"批次 {batch.number} 的文件合计与冻结时不一致，没有导出。", code="TOTALS_DIFFER")
        _store_manifest(batch, files)
        PayoutLine.objects.filter(batch=batch, status=LineStatus.OPEN.value).update(
            status=LineStatus.SENT.value
        )
        batch.status, batch.exported_at = BatchStatus.EXPORTED.value, made_at
        batch.save(update_fields=["status", "exported_at"])
        data = {"batch": batch.number, "files": batch.files.count(), "lines": lines, "total": total}
        record("payout.export", actor=actor, target=target(batch), data=data)
    return True


def _parts(batch: PayoutBatch, made_at: datetime) -> Iterator[Part]:
    parts = parts_of(batch.line_count)
    for number, lines in enumerate(in_parts(_lines(batch)), 1):
        yield Part(batch.number, number, parts, made_at, lines)


def _lines(batch: PayoutBatch) -> Iterator[PayLine]:
    key, remark = open_data_key(batch.key.wrapped), REMARK.format(year=batch.scheme.year)
    rows = (
        PayoutLine.objects.filter(batch=batch, status=LineStatus.OPEN.value, snapshot__isnull=False)
        .order_by("serial")
        .values_list("line_ref", "snapshot__name", "snapshot__card_number", "amount")
    )
    for ref, name, card, amount in rows.iterator(chunk_size=CHUNK):
        yield PayLine(
            ref,
            unseal(key, bytes(name), envelope.of_name(ref)).decode(),
            unseal(key, bytes(card), envelope.of_card(ref)).decode(),
            amount,
            remark,
        )


def _store_part(batch: PayoutBatch, part: Part) -> tuple[PayoutFile, PayoutFile]:
    totals = len(part.lines), part.total
    made = [
        (FileFormat.TEXT, default_txt.SUFFIX, default_txt.write(part)),
        (FileFormat.WORKBOOK, default_xlsx.SUFFIX, default_xlsx.write(part)),
    ]
    text, workbook = (
        _store(batch, part.part, kind, f"{part.stem}.{suffix}", content, totals, part.created_at)
        for kind, suffix, content in made
    )
    return text, workbook


def _store_manifest(batch: PayoutBatch, files: Sequence[tuple[PayoutFile, PayoutFile]]) -> None:
    approver = batch.approved_by
    content = manifest.write(
        manifest.Manifest(
            batch.number,
            batch.scheme.year,
            batch.scheme_fingerprint,
            batch.line_count,
            batch.total,
            batch.card_hash_total,
            batch.built_by.get_username(),
            approver.get_username() if approver else "",
            [_named(text) for text, _ in files],
            [_named(workbook) for _, workbook in files],
        )
    )
    name, totals = manifest.name_of(batch.number), (batch.line_count, batch.total)
    _store(batch, 0, FileFormat.MANIFEST, name, content, totals, files[0][0].made_at)


def _named(file: PayoutFile) -> manifest.ManifestPart:
    return manifest.ManifestPart(file.name, file.sha256, file.line_count, file.total)


def _store(
    batch: PayoutBatch,
    part: int,
    kind: FileFormat,
    name: str,
    content: bytes,
    totals: tuple[int, int],
    made_at: datetime,
) -> PayoutFile:
    return PayoutFile.objects.create(
        batch=batch,
        part=part,
        format=kind.value,
        name=name,
        content=seal(open_data_key(batch.key.wrapped), content, envelope.of_file(name)),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        line_count=totals[0],
        total=totals[1],
        made_at=made_at,
    )
