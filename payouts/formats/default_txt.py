"""The default text layout: GB18030, CRLF, fields between bars, header and trailer with totals."""

from __future__ import annotations

from collections.abc import Sequence

from payouts.formats import text
from payouts.formats.shapes import ParsedResult, Part, ResultHeader, ResultRow, Totals

SUFFIX = "txt"
NEWLINE = "\r\n"
HEADER_FIELDS = ("H", "批次号", "回盘序号", "行数", "到账金额", "生成时间")
ROW_FIELDS = ("D", "明细号", "卡号", "金额", "结果代码", "结果说明", "到账时间")
TRAILER_FIELDS = ("T", "行数", "到账金额")
MAX_ROWS = 999_000


def write(part: Part) -> bytes:
    """Return the exact bytes of one payout file; raises ValueError for a value the layout cannot hold."""
    count, total = str(len(part.lines)), text.yuan(part.total)
    head = ["H", part.batch_number, str(part.part), str(part.parts), count, total]
    rows = [[*head, text.instant(part.created_at)]]
    for line in part.lines:
        text.require_writable(line)
        rows.append(["D", line.line_ref, line.name, line.card_number, text.yuan(line.amount), line.remark])
    rows.append(["T", count, total])
    return "".join("|".join(row) + NEWLINE for row in rows).encode("gb18030", "strict")


def read(content: bytes) -> ParsedResult:
    """Read a result file; raises SubsidyError naming the line for anything that is not the layout."""
    lines = _lines(content)
    header = _header(lines) if lines[0][:2] == "H|" else None
    trailer = _trailer(lines) if lines[-1][:2] == "T|" else None
    if (header is None) != (trailer is None):
        missing = "首行（H）" if header is None else "末行（T）"
        raise text.held(f"文件缺少{missing}，可能不完整。请向卡系统重新索取。")
    first, last = (1, len(lines) - 1) if header else (0, len(lines))
    rows = tuple(_row(line, number) for number, line in enumerate(lines[first:last], first + 1))
    if not rows:
        raise text.held("文件里没有明细行。请核对文件。")
    return ParsedResult(header, rows, trailer)


def _lines(content: bytes) -> list[str]:
    body = text.decode(content).removesuffix("\n").removesuffix("\r")
    if not body:
        raise text.held("文件是空的。请核对文件。")
    lines = [line.removesuffix("\r") for line in body.split("\n")]
    if len(lines) > MAX_ROWS + 2:
        raise text.held(f"文件超过 {MAX_ROWS} 行。请核对文件。")
    for number, line in enumerate(lines, 1):
        if text.has_control(line):
            raise text.unreadable(number, "含有控制字符。请核对文件。")
    return lines


def _fields(line: str, number: int, names: Sequence[str]) -> dict[str, str]:
    values = line.split("|")
    if values[0] != names[0]:
        raise text.unreadable(number, f"不以“{names[0]}|”开头。请核对文件。")
    if len(values) != len(names):
        raise text.unreadable(number, f"有 {len(values)} 列，应为 {len(names)} 列。请核对文件。")
    found = dict(zip(names, values, strict=True))
    text.check_lengths(found, number)
    return found


def _header(lines: Sequence[str]) -> ResultHeader:
    found = _fields(lines[0], 1, HEADER_FIELDS)
    return ResultHeader(
        found["批次号"],
        found["回盘序号"],
        text.read_count(found["行数"], 1, "行数"),
        text.read_fen(found["到账金额"], 1, "到账金额"),
        text.read_instant(found["生成时间"], 1, "生成时间"),
    )


def _trailer(lines: Sequence[str]) -> Totals:
    found = _fields(lines[-1], len(lines), TRAILER_FIELDS)
    count = text.read_count(found["行数"], len(lines), "行数")
    return Totals(count, text.read_fen(found["到账金额"], len(lines), "到账金额"))


def _row(line: str, number: int) -> ResultRow:
    found = _fields(line, number, ROW_FIELDS)
    return ResultRow(
        number,
        found["明细号"],
        found["卡号"],
        text.read_fen(found["金额"], number, "金额"),
        found["结果代码"],
        found["结果说明"],
        text.read_instant(found["到账时间"], number, "到账时间"),
        line,
    )
