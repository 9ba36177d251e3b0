"""The two kinds of file as bare rows of values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import openpyxl
from django.core.exceptions import ImproperlyConfigured
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from subsidy.spreadsheets.gate import check_workbook
from subsidy.spreadsheets.limits import Limits, refused, unreadable
from subsidy.spreadsheets.scan import too_many_columns, too_many_rows

ENCODINGS = ("utf-8-sig", "gb18030")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
CHUNK = 1024 * 1024

if not openpyxl.DEFUSEDXML:
    raise ImproperlyConfigured("表格解析需要 defusedxml：请安装依赖，且不要设置 OPENPYXL_DEFUSEDXML=False。")


def xlsx_grid(content: bytes, limits: Limits) -> Iterator[Sequence[object]]:
    """Yield the rows of the first sheet, streamed behind the gate."""
    check_workbook(content, limits)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        if not isinstance(sheet, ReadOnlyWorksheet):
            raise unreadable()
        sheet.reset_dimensions()  # some programs write a wrong extent, and rows past it would be lost
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()


def csv_grid(content: bytes, limits: Limits) -> Iterator[Sequence[object]]:
    """Yield the records of a csv file in UTF-8 or GB18030."""
    if b"\0" in content or content.startswith(WIDE_MARKS):
        raise refused("WORKBOOK_KIND", "文件不是 UTF-8 或 GB18030 编码的 .csv。请另存为 .xlsx 再上传。")
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=_encoding(content), newline="")
    for number, record in enumerate(csv.reader(stream, strict=True), 1):
        if number > limits.rows + 1:
            raise too_many_rows(limits)
        if len(record) > limits.columns:
            raise too_many_columns(limits)
        yield record


def _encoding(content: bytes) -> str:
    for encoding in ENCODINGS:
        stream = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
        try:
            while stream.read(CHUNK):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise refused("WORKBOOK_KIND", "文件不是 UTF-8 或 GB18030 编码的 .csv。请另存为 .xlsx 再上传。")
