"""Taking in a result file: held whole unless its structure and totals are right, and only once (D3)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePath

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from payouts import envelope
from payouts.formats import results
from payouts.formats.codes import Code, read_code
from payouts.formats.shapes import ParsedResult, ResultRow, Totals
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from payouts.services.duties import lock_batch, require_role
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.services import record
from subsidy.crypto import seal
from subsidy.errors import Conflict, Malformed, RuleRefused, SubsidyError
from subsidy.rules.numbers import parse_line_ref
from subsidy.rules.workflow import BatchStatus, ResultFileStatus

MAX_BYTES = 64 * 1024 * 1024
NAMED = 5
ANSWERABLE = (BatchStatus.EXPORTED.value, BatchStatus.SETTLED.value)


def stage_result(
    content: bytes, name: str, *, importer: StaffUser, typed: Totals | None = None, ip: str = ""
) -> ResultFile:
    """Keep a result file for another person to apply.

    Raises Conflict for a file staged or applied before; Malformed or RuleRefused, naming the reason, for one
    that is held whole. `typed` are count and total read off a cover letter: asked for when there is no
    header.
    """
    require_role(importer, Role.FINANCE_MAKER, act="导入回盘文件")
    result, batch = check_result(content, typed=typed)
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            return _keep(content, name, sha256, result, lock_batch(batch.pk), importer, ip)
    except IntegrityError as error:
        if "sha256" not in str(error):
            raise
        raise _seen(_alike(sha256).get()) from error


def check_result(content: bytes, *, typed: Totals | None = None) -> tuple[ParsedResult, PayoutBatch]:
    """Read a result file and find its batch, writing nothing; raises what `stage_result` raises."""
    if len(content) > MAX_BYTES:
        raise Malformed(
            f"文件超过 {MAX_BYTES // 1024 // 1024} MB，没有导入。", code="RESULT_TOO_LARGE", field="file"
        )
    seen = _alike(hashlib.sha256(content).hexdigest()).first()
    if seen:
        raise _seen(seen)
    result = results.read(content)
    _check_totals(result, typed)
    batch = _batch_of(result)
    _check_references(result.rows, batch)
    return result, batch


def paid_fen(rows: Sequence[ResultRow]) -> int:
    """Return what the file says was paid, recomputed from its lines, in fen."""
    return sum(row.amount_fen for row in rows if read_code(row.raw_code).code is Code.PAID)


def held(sentence: str, code: str, *, field: str = "file") -> SubsidyError:
    """Return the refusal of a whole file."""
    return RuleRefused(f"{sentence}整个文件没有导入。", code=code, field=field)


def _keep(
    content: bytes,
    name: str,
    sha256: str,
    result: ParsedResult,
    batch: PayoutBatch,
    importer: StaffUser,
    ip: str,
) -> ResultFile:
    key = envelope.new_key()
    file = ResultFile.objects.create(
        batch=batch,
        name=_clean_name(name),
        sha256=sha256,
        serial=result.header.serial if result.header else "",
        key=key.row,
        content=seal(key.raw, content, envelope.of_result(sha256)),
        line_count=len(result.rows),
        paid_total=paid_fen(result.rows) // 100,
        imported_by=importer,
        imported_at=clock.now(),
    )
    data = {"batch": batch.number, "sha256": sha256, "lines": file.line_count, "paid": file.paid_total}
    record("payout.result_stage", actor=staff_actor(importer, ip), target=f"result-file:{file.pk}", data=data)
    return file


def _alike(sha256: str) -> QuerySet[ResultFile]:
    """Return the file of the same bytes that counts; one that was sent back does not."""
    return ResultFile.objects.filter(sha256=sha256).exclude(status=ResultFileStatus.DISCARDED.value)


def _clean_name(name: str) -> str:
    plain = PurePath(name.replace("\\", "/")).name
    return "".join(mark for mark in plain if mark.isprintable())[-120:] or "result.txt"


def _seen(file: ResultFile) -> SubsidyError:
    status, when = ResultFileStatus(file.status).label, clock_text(file)
    return Conflict(
        f"这个文件已经导入过（{when}，{file.name}，{status}），没有重复登记，账目没有变化。",
        code="RESULT_SEEN",
        ids=[file.pk],
    )


def clock_text(file: ResultFile) -> str:
    """Write when a file was imported, in Beijing time."""
    moment = file.imported_at.astimezone(clock.SHANGHAI)
    return f"{moment.year} 年 {moment.month} 月 {moment.day} 日 {moment:%H:%M}"


def _check_totals(result: ParsedResult, typed: Totals | None) -> None:
    counted = Totals(len(result.rows), paid_fen(result.rows))
    header = result.header
    claims = {
        "首行": Totals(header.line_count, header.paid_fen) if header else None,
        "末行": result.trailer,
        "您填写的合计": typed,
    }
    if not any(claims.values()):
        sentence = "文件没有首行和末行，请填写行数和到账金额再导入。"
        raise held(sentence, "TOTALS_MISSING", field="count")
    for where, claim in claims.items():
        if claim is None:
            continue
        if claim.line_count != counted.line_count:
            raise held(f"{where}写 {claim.line_count} 行，实际 {counted.line_count} 行。", "COUNT_DIFFERS")
        if claim.paid_fen != counted.paid_fen:
            said, real = _yuan(claim.paid_fen), _yuan(counted.paid_fen)
            raise held(f"{where}写到账 {said} 元，逐行合计 {real} 元。", "TOTAL_DIFFERS")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _batch_of(result: ParsedResult) -> PayoutBatch:
    first = parse_line_ref(result.rows[0].line_ref)
    number = result.header.batch_number if result.header else first.batch_number if first else ""
    batch = PayoutBatch.objects.filter(number=number).first()
    if batch is None:
        raise held(f"没有批次“{number}”。请核对文件是不是发给本单位的。", "BATCH_UNKNOWN")
    if batch.status not in ANSWERABLE:
        label = BatchStatus(batch.status).label
        raise held(f"批次 {number} 现在是“{label}”，还没有送出，不会有回盘。", "BATCH_NOT_SENT")
    return batch


def _check_references(rows: Sequence[ResultRow], batch: PayoutBatch) -> None:
    # A line set aside before the batch was frozen has no snapshot: it was never sent.
    sent = PayoutLine.objects.filter(batch=batch, snapshot__isnull=False)
    known = set(sent.values_list("line_ref", flat=True))
    seen: set[str] = set()
    faults: dict[str, list[int]] = {}
    for row in rows:
        if fault := _fault(row.line_ref, batch.number, known, seen):
            faults.setdefault(fault, []).append(row.row)
        seen.add(row.line_ref)
    if faults:
        raise held("".join(f"{_rows(found)}{fault}。" for fault, found in faults.items()), "REFERENCE_WRONG")


def _fault(ref: str, batch_number: str, known: set[str], seen: set[str]) -> str:
    parsed = parse_line_ref(ref)
    if parsed is None:
        return "的明细号校验码不对"
    if parsed.batch_number != batch_number:
        return f"的明细号不属于批次 {batch_number}"
    if ref not in known:
        return "的明细号不在这个批次送出的明细中"
    return "的明细号在文件中重复出现" if ref in seen else ""


def _rows(found: Sequence[int]) -> str:
    named = "、".join(map(str, found[:NAMED]))
    return f"第 {named} 行" if len(found) <= NAMED else f"第 {named} 等 {len(found)} 行"
