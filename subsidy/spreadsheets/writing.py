"""Writing workbooks: every cell is text except amounts, and none is ever a formula."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from subsidy.spreadsheets.limits import refused

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT_FORMAT = "@"
AMOUNT_FORMAT = "0.00"
LONGEST = 32_767
NARROW, WIDE = 8, 40
WIDE_FORMS = frozenset({"W", "F", "A"})

Value = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write; `amounts` are the headings whose cells are numbers in yuan, 0.00."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]] = ()
    amounts: frozenset[str] = frozenset()
    widths: Sequence[int] = ()


def write_workbook(*sheets: Sheet) -> bytes:
    """Return the bytes of an xlsx workbook with these sheets; rows are streamed.

    Raises SubsidyError when a value cannot stand in a cell (control character, too long).
    """
    out = io.BytesIO()
    book = Workbook(write_only=True)
    try:
        for sheet in sheets:
            _write(book.create_sheet(sheet.title), sheet)
    except BaseException:
        _abandon(book)
        raise
    book.save(out)
    return out.getvalue()


def _write(worksheet: WriteOnlyWorksheet, sheet: Sheet) -> None:
    worksheet.freeze_panes = "A2"
    widths = sheet.widths or [_width(heading) for heading in sheet.headings]
    for column, (heading, width) in enumerate(zip(sheet.headings, widths, strict=True), 1):
        dimension = worksheet.column_dimensions[get_column_letter(column)]  # type: ignore[attr-defined]
        dimension.width = width
        dimension.number_format = AMOUNT_FORMAT if heading in sheet.amounts else TEXT_FORMAT
    worksheet.append([_heading(worksheet, heading) for heading in sheet.headings])
    is_amount = [heading in sheet.amounts for heading in sheet.headings]
    for row in sheet.rows:
        worksheet.append(
            [
                _amount(worksheet, value) if amount else _text(worksheet, value)
                for value, amount in zip(row, is_amount, strict=True)
            ]
        )


def _abandon(book: Workbook) -> None:
    """Leave no half-written sheet behind: openpyxl keeps each in a temporary file until it is saved."""
    for worksheet in book.worksheets:
        worksheet.close()
        worksheet._writer.cleanup()  # type: ignore[attr-defined]


def _heading(worksheet: WriteOnlyWorksheet, heading: str) -> Cell:
    cell = _text(worksheet, heading)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="center")
    return cell


def _text(worksheet: WriteOnlyWorksheet, value: Value) -> Cell:
    text = str(value)
    if len(text) > LONGEST or ILLEGAL_CHARACTERS_RE.search(text):
        raise refused("CELL_UNWRITABLE", "有一格内容含控制字符或过长，写不进表格。请先更正该条数据。")
    cell = WriteOnlyCell(worksheet, value=text)
    cell.data_type = "s"  # openpyxl would take a leading "=" for a formula
    cell.number_format = TEXT_FORMAT
    return cell


def _amount(worksheet: WriteOnlyWorksheet, value: Value) -> Cell:
    cell = WriteOnlyCell(worksheet, value=Decimal(value))  # type: ignore[arg-type]
    cell.number_format = AMOUNT_FORMAT
    return cell


def _width(heading: str) -> int:
    """Return a column's width in characters: a Chinese one takes two."""
    shown = sum(2 if unicodedata.east_asian_width(mark) in WIDE_FORMS else 1 for mark in heading)
    return min(max(shown + 4, NARROW), WIDE)
