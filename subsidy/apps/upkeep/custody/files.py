"""Do the stored files hold what their rows say: sealed payout and result files, and attachments on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress

from applications.models import Attachment
from payouts import envelope
from payouts.books import files as payout_files
from payouts.models import DataKey, ResultLine
from subsidy.apps.upkeep.custody.report import Report
from subsidy.crypto import Unreadable, open_data_key, unseal

FOLDER = "attachments"
NO_FILES = "MEDIA_ROOT 下一个附件也没有：附件目录没有恢复，或 MEDIA_ROOT 指错了地方。"
MISSING = "这些附件的文件不在 MEDIA_ROOT 下。请从附件备份中补回。"
ALTERED = "这些附件的内容与登记的 SHA-256 或大小不符。请从附件备份中换回。"
UNREADABLE_ROWS = "这些回盘明细的原文打不开：备份损坏，或有人改动过。"


def check_files(report: Report, limit: int | None) -> None:
    """Open every payout and result file, and compare attachments: sizes of all, hashes of a sample."""
    if _all_data_keys_open():  # otherwise the lost key is the finding, not each file under it
        found, opened = payout_files.findings()
        report.count("payout_files", opened)
        for finding in found:
            rows = [f"payouts.{row.kind}:{row.id}" for row in finding.rows]
            report.add(finding.check, f"{finding.message}。请换一份备份。", rows)
        _check_result_rows(report, limit)
    _check_attachments(report, limit)


def _all_data_keys_open() -> bool:
    with suppress(Unreadable):
        for wrapped in DataKey.objects.values_list("wrapped", flat=True):
            open_data_key(wrapped)
        return True
    return False


def _check_result_rows(report: Report, limit: int | None) -> None:
    rows = ResultLine.objects.select_related("file__key").defer("file__content")
    chosen = rows.order_by("?")[:limit] if limit is not None else rows.order_by("pk")
    wrong = []
    for row in chosen.iterator(chunk_size=2000):
        report.count("result_rows")
        try:
            key = open_data_key(row.file.key.wrapped)
            unseal(key, bytes(row.raw_text), envelope.of_row(row.file.sha256, row.row))
        except Unreadable:
            wrong.append(f"payouts.resultline:{row.pk}")
    if wrong:
        report.add("result-row", UNREADABLE_ROWS, wrong)


def _check_attachments(report: Report, limit: int | None) -> None:
    every = Attachment.objects.order_by("pk")
    hashed = None if limit is None else set(every.order_by("?").values_list("pk", flat=True)[:limit])
    missing, altered = list[str](), list[str]()
    for row in every.iterator(chunk_size=2000):
        report.count("attachments")
        name = f"applications.attachment:{row.pk}"
        if not row.file.storage.exists(str(row.file.name)):
            missing.append(name)
        elif not _is_as_registered(row, with_hash=hashed is None or row.pk in hashed):
            altered.append(name)
    if missing:
        total = report.checked["attachments"]
        report.add("attachment-missing", NO_FILES if len(missing) == total else MISSING, missing)
    if altered:
        report.add("attachment", ALTERED, altered)
    report.count("files_without_row", _files_without_row())


def _is_as_registered(row: Attachment, *, with_hash: bool) -> bool:
    if row.file.storage.size(str(row.file.name)) != row.size:
        return False
    return not with_hash or _sha256(row) == row.sha256


def _sha256(row: Attachment) -> str:
    digest = hashlib.sha256()
    with row.file.storage.open(str(row.file.name)) as stored:
        for chunk in stored.chunks():
            digest.update(chunk)
    return digest.hexdigest()


def _files_without_row() -> int:
    """Count files nobody refers to: filed after the database's copy was taken, and harmless."""
    known = set(Attachment.objects.values_list("file", flat=True))
    return sum(name not in known for name in _on_disk())


def _on_disk() -> Iterator[str]:
    storage = Attachment._meta.get_field("file").storage
    with suppress(FileNotFoundError):
        yield from (f"{FOLDER}/{name}" for name in storage.listdir(FOLDER)[1])
