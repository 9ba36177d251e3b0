"""Reading one sheet: which headings it has, and its rows by heading with the address of every fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import PurePath
from typing import IO, Any

from openpyxl.utils import get_column_letter

from subsidy.errors import FieldError, Malformed
from subsidy.personal import mask_numbers
from subsidy.rules.folding import fold_name
from subsidy.spreadsheets.cells import Fault, text_of
from subsidy.spreadsheets.grids import csv_grid, xlsx_grid
from subsidy.spreadsheets.limits import Limits, plain_errors, refused, too_large

XLSX, CSV = "xlsx", "csv"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row: text by heading, absent and empty cells as ""; a cell at fault is empty and in `problems`."""

    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]
    problems: tuple[FieldError, ...] = ()

    def __getitem__(self, heading: str) -> str:
        return self.cells.get(heading, "")

    def address(self, heading: str) -> str:
        """Return where the cell stands, e.g. C5."""
        return f"{get_column_letter(self.columns[heading])}{self.number}"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that passed the gate; iterating reads its rows, once."""

    sha256: str
    columns: Mapping[str, int]
    grid: Iterator[Sequence[object]]
    """What follows the heading row."""

    def __iter__(self) -> Iterator[Row]:
        for number, values in enumerate(self.grid, 2):
            row = _read_row(number, values, self.columns)
            if row.problems or any(row.cells.values()):
                yield row


def read_content(file: IO[bytes] | Any, limits: Limits | None = None) -> bytes:
    """Read an uploaded or opened file, never more of it than the limit allows."""
    limits = limits or Limits()
    content = file.read(limits.size + 1)
    if len(content) > limits.size:
        raise too_large(limits.size)
    return bytes(content)


def open_table(
    content: bytes,
    file_name: str,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    limits: Limits | None = None,
) -> Table:
    """Pass a file through the gate and find its headings in row 1 of the first sheet, in any order.

    Headings are compared folded and without a remark in brackets. Raises SubsidyError in one sentence.
    """
    limits = limits or Limits()
    kind = _kind(content, file_name, limits)
    grid = _grid(content, kind, limits)
    columns = _columns(next(grid, ()), required, optional)
    return Table(sha256(content).hexdigest(), columns, grid)


def faultless(rows: Iterable[Row]) -> Iterator[Row]:
    """Pass rows on; the first cell at fault refuses the whole file."""
    for row in rows:
        if row.problems:
            fault = row.problems[0]
            raise Malformed(fault.message, code=fault.code, errors=row.problems)
        yield row


def _kind(content: bytes, file_name: str, limits: Limits) -> str:
    if not content:
        raise refused("WORKBOOK_EMPTY", "上传的文件是空的，请重新选择文件。")
    if len(content) > limits.size:
        raise too_large(limits.size)
    suffix = PurePath(file_name).suffix.lower()
    if content.startswith(OLE_MAGIC) or suffix == ".xls":
        sentence = "文件设有密码或是旧版 .xls，请取消密码，另存为 .xlsx 再上传。"
        raise refused("WORKBOOK_KIND", sentence)
    if suffix not in {".xlsx", ".csv"}:
        raise refused("WORKBOOK_KIND", "只接受 .xlsx 或 .csv 文件，请另存为这两种格式再上传。")
    is_zip = content.startswith(b"PK\x03\x04")
    if is_zip != (suffix == ".xlsx"):
        raise refused("WORKBOOK_KIND", f"文件内容不是 {suffix}，请用 Excel 或 WPS 另存后再上传。")
    return suffix[1:]


def _grid(content: bytes, kind: str, limits: Limits) -> Iterator[Sequence[object]]:
    grid = xlsx_grid(content, limits) if kind == XLSX else csv_grid(content, limits)
    while True:
        with plain_errors():
            chunk = list(islice(grid, CHUNK))
        if not chunk:
            return
        yield from chunk


def _columns(first: Sequence[object], required: Sequence[str], optional: Sequence[str]) -> dict[str, int]:
    known = {_key(heading): heading for heading in (*required, *optional)}
    columns: dict[str, int] = {}
    for column, value in enumerate(first, 1):
        written = _heading(column, value)
        if not written:
            continue
        heading = known.get(_key(written))
        address = f"{get_column_letter(column)}1"
        if heading is None:
            names = "、".join(known.values())
            sentence = f"单元格 {address} 的列名“{mask_numbers(written[:40])}”不认识。可用的列名：{names}。"
            raise refused("HEADING_UNKNOWN", sentence, field=address)
        if heading in columns:
            raise refused("HEADING_TWICE", f"列名“{heading}”出现了两次（{address}）。", field=address)
        columns[heading] = column
    missing = [heading for heading in required if heading not in columns]
    if missing:
        sentence = f"第 1 行缺少列名：{'、'.join(missing)}。请按模板补上。"
        raise refused("HEADING_MISSING", sentence)
    return columns


def _heading(column: int, value: object) -> str:
    try:
        return text_of(value)
    except Fault as fault:
        address = f"{get_column_letter(column)}1"
        raise refused(fault.code, f"单元格 {address} {fault}", field=address) from fault


def _key(heading: str) -> str:
    """Fold a heading; a remark in brackets, as in 组别（个人/团体）, does not count."""
    return fold_name(heading).partition("(")[0]


def _read_row(number: int, values: Sequence[object], columns: Mapping[str, int]) -> Row:
    cells: dict[str, str] = {}
    problems: list[FieldError] = []
    for heading, column in columns.items():
        try:
            cells[heading] = text_of(values[column - 1]) if column <= len(values) else ""
        except Fault as fault:
            address = f"{get_column_letter(column)}{number}"
            problems.append(FieldError(address, fault.code, f"单元格 {address}（{heading}）{fault}"))
    problems.extend(_strays(number, values, columns))
    return Row(number, cells, columns, tuple(problems))


def _strays(number: int, values: Sequence[object], columns: Mapping[str, int]) -> Iterator[FieldError]:
    """Yield a fault for each filled cell that stands under no heading: what it means is unknown."""
    if len(values) <= len(columns):
        return
    named = set(columns.values())
    for column, value in enumerate(values, 1):
        if column not in named and value not in (None, "") and str(value).strip():
            address = f"{get_column_letter(column)}{number}"
            yield FieldError(
                address, "NO_HEADING", f"单元格 {address} 有内容但该列没有列名。请补列名或清空。"
            )
