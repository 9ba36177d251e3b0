"""A card system's own reader and writer, made from docs/payout-files.md alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook

LINE_HEADINGS = ("明细号", "姓名", "卡号", "金额", "备注")
RESULT_HEADINGS = ("明细号", "卡号", "金额", "结果代码", "结果说明", "到账时间")
WHEN = "2024-06-18T11:00:00+08:00"
PART_LINES = 1_000


class Line(NamedTuple):
    """One line as both formats give it; `amount` in text, two decimals."""

    ref: str
    name: str
    card: str
    amount: str
    remark: str


class Pack(NamedTuple):
    """A batch as it came: what the manifest says, and the lines of either format."""

    manifest: dict[str, Any]
    text: list[Line]
    workbook: list[Line]


def read_pack(folder: Path) -> Pack:
    """Read the files of one batch from a folder and check every hash and sum; ValueError says which."""
    (path,) = folder.glob("*.manifest.json")
    manifest = json.loads(path.read_bytes())
    text = [line for part in manifest["parts"] for line in _text_part(folder, part, manifest)]
    workbook = [line for part in manifest["workbooks"] for line in _workbook_part(folder, part, manifest)]
    _same("两种格式", text, workbook)
    _same("总行数", len(text), manifest["lines"])
    _same("总金额", _sum(text), Decimal(manifest["total"]))
    cards = str(sum(int(line.card) for line in text))[-12:].zfill(12)
    _same("卡号校验和", cards, manifest["card_hash_total"])
    for line in text:
        _same("校验码", line.ref[-1], check_character(line.ref[:-1]))
    return Pack(manifest, text, workbook)


def check_character(text: str) -> str:
    """Return the ISO 7064 MOD 11-2 character over the digits of a text."""
    product = 0
    for digit in filter(str.isdigit, text):
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


def text_result(batch: str, lines: Sequence[Line], codes: Mapping[str, str]) -> bytes:
    """Write a result file in text; every line is paid but for the codes given by reference."""
    rows = [["D", *row] for row in _result_rows(lines, codes)]
    sums = [str(len(rows)), f"{paid_yuan(lines, codes)}.00"]
    file = [["H", batch, "1", *sums, WHEN], *rows, ["T", *sums]]
    return "".join("|".join(row) + "\r\n" for row in file).encode("gb18030")


def workbook_result(lines: Sequence[Line], codes: Mapping[str, str]) -> bytes:
    """Write a result file as a workbook; count and yuan go by letter."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("回盘")
    sheet.append(RESULT_HEADINGS)
    for ref, card, amount, *rest in _result_rows(lines, codes):
        sheet.append([ref, card, float(amount), *rest])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def paid_yuan(lines: Iterable[Line], codes: Mapping[str, str]) -> int:
    """Return the yuan that a result says were paid."""
    return int(_sum(line for line in lines if line.ref not in codes))


def _result_rows(lines: Iterable[Line], codes: Mapping[str, str]) -> list[list[str]]:
    rows = []
    for line in lines:
        code = codes.get(line.ref, "0000")
        rows.append([line.ref, line.card, line.amount, code, "", WHEN if code == "0000" else ""])
    return rows


def _text_part(folder: Path, part: dict[str, Any], manifest: dict[str, Any]) -> list[Line]:
    content = _checked(folder, part)
    rows = [row.split("|") for row in content.decode("gb18030").removesuffix("\r\n").split("\r\n")]
    head, body, tail = rows[0], rows[1:-1], rows[-1]
    _same("行首", [head[0], tail[0], *{row[0] for row in body}], ["H", "T", "D"])
    lines = [Line(*row[1:]) for row in body]
    _same("首行", head[1], manifest["batch"])
    _same("末行", tail[1:], head[4:6])
    _check_sums(lines, part, *tail[1:])
    return lines


def _workbook_part(folder: Path, part: dict[str, Any], manifest: dict[str, Any]) -> list[Line]:
    book = load_workbook(BytesIO(_checked(folder, part)))
    body, totals = book.worksheets
    headings, *rows = body.iter_rows()
    _same("列名", tuple(cell.value for cell in headings), LINE_HEADINGS)
    for row in rows:
        _same("单元格类型", [cell.data_type for cell in row], ["s", "s", "s", "n", "s"])
    lines = [
        Line(*(_amount(cell.value) if cell.column == 4 else str(cell.value) for cell in row)) for row in rows
    ]
    named, said = totals.iter_rows(values_only=True)
    found = dict(zip(named, said, strict=True))
    _same("批次号", found["批次号"], manifest["batch"])
    _check_sums(lines, part, str(found["行数"]), _amount(found["金额合计"]))
    return lines


def _amount(value: object) -> str:
    return f"{value:.2f}"


def _checked(folder: Path, part: dict[str, Any]) -> bytes:
    content = (folder / part["file"]).read_bytes()
    _same(part["file"], hashlib.sha256(content).hexdigest(), part["sha256"])
    return content


def _check_sums(lines: Sequence[Line], part: dict[str, Any], count: str, total: str) -> None:
    if len(lines) > PART_LINES:
        raise ValueError(f"{part['file']}: {len(lines)}")
    _same("行数", [len(lines), part["lines"]], [int(count)] * 2)
    _same("金额", [_sum(lines), Decimal(part["total"])], [Decimal(total)] * 2)


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((Decimal(line.amount) for line in lines), Decimal(0))


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise ValueError(f"{what}: {found!r} ≠ {expected!r}")
