"""Workbooks for tests, honest and hostile, made part by part; nothing here comes from outside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from subsidy.spreadsheets import Sheet, write_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
CONTENT_TYPES = (
    f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
RELS = (
    f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
BOOK_RELS = (
    f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
STRINGS = f'{DECLARATION}<sst xmlns="{MAIN}"><si><t>姓名</t></si><si><t>王建国</t></si></sst>'
HEADING = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'


def sheet_xml(rows: str, *, doctype: str = "") -> str:
    """Return a worksheet part around its rows."""
    return f'{DECLARATION}{doctype}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def text_row(number: int, *texts: str) -> str:
    """Return a row of text cells from column A."""
    cells = "".join(
        f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for place, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def packed(rows: str = HEADING, *, names: Sequence[str] = (), **parts: str | bytes) -> bytes:
    """Return a workbook; `parts` replace or add parts (`xl__styles_xml` is xl/styles.xml)."""
    all_parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": BOOK_RELS,
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": sheet_xml(rows),
    } | dict.fromkeys(names, "x")
    for name, part in parts.items():
        all_parts[PARTS[name]] = part
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in all_parts.items():
            archive.writestr(name, part)
    return out.getvalue()


PARTS = {
    "types": "[Content_Types].xml",
    "rels": "_rels/.rels",
    "book": "xl/workbook.xml",
    "book_rels": "xl/_rels/workbook.xml.rels",
    "strings": "xl/sharedStrings.xml",
    "sheet": "xl/worksheets/sheet1.xml",
    "sheet_rels": "xl/worksheets/_rels/sheet1.xml.rels",
    "styles": "xl/styles.xml",
}


def table(headings: Sequence[str], *rows: Sequence[str]) -> bytes:
    """Return an honest workbook of text cells."""
    return write_workbook(Sheet("名单", headings, rows))


def csv_text(headings: Sequence[str], *rows: Sequence[str]) -> str:
    """Return the same as csv."""
    return "\r\n".join(",".join(row) for row in (headings, *rows)) + "\r\n"
