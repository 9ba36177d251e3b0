"""What an exported file says, read from its bytes alone: its rows and every total it states."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import NamedTuple
from zipfile import BadZipFile

import openpyxl

UNREADABLE = (ValueError, LookupError, BadZipFile, OSError)
"""What reading raises of bytes that somebody with the keys wrote anew; the check names the file."""


class Said(NamedTuple):
    """One row of a payout file; `amount` as text with two decimals."""

    line_ref: str
    name: str
    card_number: str
    amount: str


class Contents(NamedTuple):
    """The rows, and each (lines, total) that the file states of itself."""

    rows: Sequence[Said]
    totals: Sequence[tuple[str, str]]


def of_text(content: bytes) -> Contents:
    """Read the text layout."""
    rows = [row.split("|") for row in content.decode("gb18030").split("\r\n")[:-1]]
    said = [Said(ref, name, card, amount) for _, ref, name, card, amount, _ in rows[1:-1]]
    return Contents(said, [(rows[0][4], rows[0][5]), (rows[-1][1], rows[-1][2])])


def of_workbook(content: bytes) -> Contents:
    """Read the workbook layout; a cell that is no plain text or number is read as what it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    lines, totals = ([*sheet.iter_rows(min_row=2, values_only=True)] for sheet in book.worksheets)
    said = [Said(str(ref), str(name), str(card), _yuan(amount)) for ref, name, card, amount, _ in lines]
    return Contents(said, [(str(row[3]), _yuan(row[4])) for row in totals])


def _yuan(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else str(value)
