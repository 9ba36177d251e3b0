"""One small interface over xlsx and csv: a gate, rows by heading with addresses, text-only writing."""

from __future__ import annotations

from subsidy.spreadsheets.limits import Limits, plain_errors
from subsidy.spreadsheets.reading import Row, Table, faultless, open_table, read_content
from subsidy.spreadsheets.writing import WORKBOOK_TYPE, Sheet, write_workbook

__all__ = [
    "WORKBOOK_TYPE",
    "Limits",
    "Row",
    "Sheet",
    "Table",
    "faultless",
    "open_table",
    "plain_errors",
    "read_content",
    "write_workbook",
]
