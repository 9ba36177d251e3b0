"""The default workbook layout: sheet 1 the columns of the text, sheet 2 its totals."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

from payouts.formats import text
from payouts.formats.codes import is_known
from payouts.formats.shapes import ParsedResult, Part, ResultRow
from subsidy.errors import SubsidyError
from subsidy.spreadsheets import Row, Sheet, faultless, open_table, write_workbook

SUFFIX = "xlsx"
LINE_FIELDS = ("明细号", "姓名", "卡号", "金额", "备注")
TOTAL_FIELDS = ("批次号", "第几份", "共几份", "行数", "金额合计", "生成时间")
RESULT_FIELDS = ("明细号", "卡号", "金额", "结果代码", "结果说明", "到账时间")
AMOUNTS = frozenset({"金额", "金额合计"})
LINE_WIDTHS = (26, 16, 24, 12, 32)
TOTAL_WIDTHS = (18, 10, 10, 10, 16, 28)
CODE_DIGITS = 4
MAGICS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins, and one that has a password or is too old: its reader says so."""
EPOCH = (1980, 1, 1, 0, 0, 0)
PROPERTIES = "docProps/core.xml"
INSTANT = re.compile(r"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def write(part: Part) -> bytes:
    """Return the bytes of one payout workbook, always the same; raises ValueError like the text."""
    rows = []
    for line in part.lines:
        text.require_writable(line)
        rows.append((line.line_ref, line.name, line.card_number, line.amount, line.remark))
    totals = (part.batch_number, part.part, part.parts, len(part.lines), part.total)
    content = write_workbook(
        Sheet("明细", LINE_FIELDS, rows, AMOUNTS, LINE_WIDTHS),
        Sheet("合计", TOTAL_FIELDS, [(*totals, text.instant(part.created_at))], AMOUNTS, TOTAL_WIDTHS),
    )
    return _without_clock(content, part.created_at)


def read(content: bytes) -> ParsedResult:
    """Read sheet 1 of a result workbook; it has no header or trailer, so count and total are typed.

    Raises SubsidyError naming the cell or the row for anything that is not the layout.
    """
    try:
        table = open_table(content, f"result.{SUFFIX}", required=RESULT_FIELDS)
        rows = tuple(map(_row, faultless(table)))
    except SubsidyError as error:
        raise text.held_because(error) from error
    if not rows:
        raise text.held("文件里没有明细行。请核对文件。")
    return ParsedResult(None, rows, None)


def _row(row: Row) -> ResultRow:
    found = {name: row[name] for name in RESULT_FIELDS}
    text.check_lengths(found, row.number)
    _check_code(row)
    return ResultRow(
        row.number,
        found["明细号"],
        found["卡号"],
        text.read_fen(found["金额"], row.number, "金额"),
        found["结果代码"],
        found["结果说明"],
        text.read_instant(found["到账时间"], row.number, "到账时间"),
        "|".join(found.values()),
    )


def _check_code(row: Row) -> None:
    """Refuse 0 where 0000 was meant: a program that takes a code for a number drops its zeros unseen."""
    code = row["结果代码"]
    if code.isdecimal() and not is_known(code) and is_known(code.zfill(CODE_DIGITS)):
        where = f"单元格 {row.address('结果代码')}（结果代码）"
        raise text.held(f"{where}像是被存成了数值，前面的 0 已丢失。请把该列设为“文本”后重新录入。")


def _without_clock(content: bytes, made_at: datetime) -> bytes:
    """Put the batch's instant where the writing program put the machine's, in parts and archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _parts(content, made_at):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, part)
    return out.getvalue()


def _parts(content: bytes, made_at: datetime) -> Iterator[tuple[str, bytes]]:
    instant = f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            if name == PROPERTIES:
                part = INSTANT.sub(rf"\g<1>{instant}", part.decode()).encode()
            yield name, part
