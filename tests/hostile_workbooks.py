"""Workbooks that mean no good, each made by code, with the code of the refusal that meets it."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable

import openpyxl

from tests import workbooks as w

BOMB_MB = 20
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def cell(xml: str) -> bytes:
    return w.packed(w.HEADING + f'<row r="2">{xml}</row>')


def saved_by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["姓名"])
    book.active.append(["=1+1"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    return w.packed(strings=w.STRINGS.replace("王建国", " " * (BOMB_MB * 1024 * 1024)))


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    return content.replace(old, new)


def patched_size() -> bytes:
    """Return a bomb that tells a small size in its directory."""
    content = bomb()
    size = len((w.STRINGS.replace("王建国", " " * (BOMB_MB * 1024 * 1024))).encode())
    return content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def twice_named() -> bytes:
    out = io.BytesIO(w.packed())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("XL/worksheets/sheet1.xml", w.sheet_xml(w.HEADING))
    return out.getvalue()


def nested() -> bytes:
    """Return a workbook with another one where a picture should be."""
    out = io.BytesIO(w.packed())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/image1.png", w.packed())
    return out.getvalue()


def small_parts() -> bytes:
    """Return a workbook whose parts are each too small for the ratio to count, and too much together."""
    out = io.BytesIO(w.packed())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(60):
            archive.writestr(f"x/{number}.bin", bytes(1024 * 1024))
    return out.getvalue()


def locked_part() -> bytes:
    """Return a workbook whose first part says that it is encrypted."""
    content = bytearray(w.packed())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


SHEET = '<sheet name="x" sheetId="2" r:id="rId1"/>'
BINARY_TYPES = w.CONTENT_TYPES.replace(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.ms-excel.sheet.binary.main",
)
WRITER_TYPES = w.CONTENT_TYPES.replace("spreadsheetml.sheet.main", "wordprocessingml.document.main")
MACRO_TYPES = w.CONTENT_TYPES.replace(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
)
OUTSIDE = w.BOOK_RELS.replace(
    "</Relationships>",
    f'<Relationship Id="rId9" Type="{w.OFFICE}/attachedTemplate" Target="http://example.invalid/t" '
    'TargetMode="External"/></Relationships>',
)
STYLES = f'{w.DECLARATION}<styleSheet xmlns="{w.MAIN}">{"<x/>" * 120_000}</styleSheet>'
DEEP = w.sheet_xml("<row><c>" + "<is>" * 100 + "</is>" * 100 + "</c></row>")

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb by ratio": (bomb, "WORKBOOK_INFLATES"),
    "a bomb that lies about its size": (patched_size, "WORKBOOK_UNREADABLE"),
    "one cell at the far end": (
        lambda: w.packed(w.HEADING + '<row r="1048576"><c r="XFD1048576"/></row>'),
        "WORKBOOK_TOO_MANY_ROWS",
    ),
    "one cell in the last column": (lambda: cell('<c r="XFD2"><v>1</v></c>'), "WORKBOOK_TOO_MANY_COLUMNS"),
    "a row number that is none": (
        lambda: w.packed(w.HEADING + f'<row r="{"9" * 5000}"/>'),
        "WORKBOOK_UNREADABLE",
    ),
    "rows out of order": (
        lambda: w.packed(w.HEADING + w.text_row(3, "王") + w.text_row(2, "李")),
        "WORKBOOK_UNREADABLE",
    ),
    "a cell of another row": (lambda: cell('<c r="A9"><v>1</v></c>'), "WORKBOOK_UNREADABLE"),
    "the same cell twice": (lambda: cell('<c r="A2"/><c r="A2"/>'), "WORKBOOK_UNREADABLE"),
    "a row of thousands of cells": (lambda: cell("<c/>" * 5_000), "WORKBOOK_TOO_MANY_COLUMNS"),
    "a row of endless markup": (
        lambda: cell("<c r='A2' t='inlineStr'><is>" + "<r/>" * 30_000 + "</is></c>"),
        "WORKBOOK_INFLATES",
    ),
    "a text of three megabytes": (
        lambda: cell("<c r='A2' t='inlineStr'><is><t>" + os.urandom(1_500_000).hex() + "</t></is></c>"),
        "WORKBOOK_INFLATES",
    ),
    "too many shared texts": (
        lambda: w.packed(strings=f'<sst xmlns="{w.MAIN}">{"<si/>" * 200_001}</sst>'),
        "WORKBOOK_INFLATES",
    ),
    "a style part without end": (lambda: w.packed(styles=STYLES), "WORKBOOK_INFLATES"),
    "markup nested without end": (lambda: w.packed(sheet=DEEP), "WORKBOOK_UNREADABLE"),
    "rows under another root": (
        lambda: w.packed(sheet=w.sheet_xml(w.HEADING).replace("worksheet", "worksheets")),
        "WORKBOOK_UNREADABLE",
    ),
    "rows among the shared texts": (
        lambda: w.packed(strings=w.STRINGS.replace("<si>", w.HEADING + "<si>", 1)),
        "WORKBOOK_UNREADABLE",
    ),
    "an external entity": (
        lambda: w.packed(sheet=w.sheet_xml(w.text_row(1, "姓名"), doctype=XXE)),
        "WORKBOOK_ENTITIES",
    ),
    "an external entity in the shared texts": (
        lambda: w.packed(strings=XXE + w.STRINGS.removeprefix(w.DECLARATION)),
        "WORKBOOK_ENTITIES",
    ),
    "a billion laughs": (
        lambda: w.packed(sheet=w.sheet_xml(w.HEADING, doctype=LAUGHS + "]>")),
        "WORKBOOK_ENTITIES",
    ),
    "a billion laughs in UTF-16": (
        lambda: w.packed(book=(LAUGHS + "]>" + w.BOOK.removeprefix(w.DECLARATION)).encode("utf-16")),
        "WORKBOOK_ENTITIES",
    ),
    "a formula": (lambda: cell('<c r="A2"><f>1+1</f><v>2</v></c>'), "WORKBOOK_FORMULA"),
    "a formula as openpyxl saves it": (saved_by_openpyxl, "WORKBOOK_FORMULA"),
    "macros": (lambda: w.packed(names=["xl/vbaProject.bin"]), "WORKBOOK_ACTIVE"),
    "macros by content type": (lambda: w.packed(types=MACRO_TYPES), "WORKBOOK_ACTIVE"),
    "an external workbook": (
        lambda: w.packed(names=["xl/externalLinks/externalLink1.xml"]),
        "WORKBOOK_ACTIVE",
    ),
    "an outside template": (lambda: w.packed(book_rels=OUTSIDE), "WORKBOOK_ACTIVE"),
    "an embedded object": (lambda: w.packed(names=["xl/embeddings/oleObject1.bin"]), "WORKBOOK_ACTIVE"),
    "too many parts": (lambda: w.packed(names=[f"x/{n}.bin" for n in range(200)]), "WORKBOOK_INFLATES"),
    "two parts of one name": (twice_named, "WORKBOOK_UNREADABLE"),
    "a zip of something else": (
        lambda: w.packed().replace(b"[Content_Types].xml", b"[Content_Tapes].xml"),
        "WORKBOOK_UNREADABLE",
    ),
    "a truncated zip": (lambda: w.packed()[:-200], "WORKBOOK_UNREADABLE"),
    "a zip with a broken part": (lambda: w.packed(sheet=b"\0\1\2"), "WORKBOOK_UNREADABLE"),
    "no sheet at all": (
        lambda: w.packed(book=w.BOOK.replace('<sheet name="名单" sheetId="1" r:id="rId1"/>', "")),
        "WORKBOOK_UNREADABLE",
    ),
    "a control character in XML": (
        lambda: w.packed(w.HEADING + w.text_row(2, "王\x0b")),
        "WORKBOOK_UNREADABLE",
    ),
    "sixty megabytes in small parts": (small_parts, "WORKBOOK_INFLATES"),
    "a workbook within a workbook": (nested, "WORKBOOK_ACTIVE"),
    "a part that climbs out": (lambda: w.packed(names=["../../etc/cron.d/x"]), "WORKBOOK_ACTIVE"),
    "a part with a whole path": (lambda: w.packed(names=["/etc/cron.d/x"]), "WORKBOOK_ACTIVE"),
    "a part on another drive": (lambda: w.packed(names=["C:\\x.xml"]), "WORKBOOK_ACTIVE"),
    "merged cells": (
        lambda: w.packed(
            sheet=w.sheet_xml(w.HEADING + w.text_row(2, "王")).replace(
                "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
            )
        ),
        "WORKBOOK_MERGED",
    ),
    "a hidden first sheet": (
        lambda: w.packed(book=w.BOOK.replace('sheetId="1"', 'sheetId="1" state="veryHidden"')),
        "WORKBOOK_HIDDEN",
    ),
    "a thousand sheets": (
        lambda: w.packed(book=w.BOOK.replace("</sheets>", SHEET * 1000 + "</sheets>")),
        "WORKBOOK_TOO_MANY_SHEETS",
    ),
    "a binary workbook": (lambda: w.packed(types=BINARY_TYPES), "WORKBOOK_UNREADABLE"),
    "a document of another program": (lambda: w.packed(types=WRITER_TYPES), "WORKBOOK_UNREADABLE"),
    "a part under a password": (locked_part, "WORKBOOK_UNREADABLE"),
    "too many rows": (
        lambda: w.packed(w.HEADING + "".join(f'<row r="{n}"/>' for n in range(2, 20_003))),
        "WORKBOOK_TOO_MANY_ROWS",
    ),
    "an identity number typed as a number": (
        lambda: cell('<c r="A2"><v>110102199001012316</v></c>'),
        "NUMBER_ROUNDED",
    ),
    "a card number in scientific form": (
        lambda: cell('<c r="A2"><v>6.2148301E+18</v></c>'),
        "NUMBER_ROUNDED",
    ),
    "a card number in scientific form as text": (
        lambda: w.packed(w.HEADING + w.text_row(2, "6.2148301E+18")),
        "NUMBER_ROUNDED",
    ),
    "a formula typed as text": (lambda: w.packed(w.HEADING + w.text_row(2, "=1+1")), "WORKBOOK_FORMULA"),
    "a line break in a cell": (lambda: w.packed(w.HEADING + w.text_row(2, "王\n李")), "CONTROL_CHARACTER"),
    "a mark that turns the writing round": (
        lambda: w.packed(w.HEADING + w.text_row(2, "王\u202e李")),
        "CONTROL_CHARACTER",
    ),
    "no headings": (lambda: w.packed(w.text_row(1, "王建国")), "HEADING_UNKNOWN"),
    "an empty sheet": (lambda: w.packed(""), "HEADING_MISSING"),
    "the same heading twice": (lambda: w.packed(w.text_row(1, "姓名", "姓 名")), "HEADING_TWICE"),
    "something under no heading": (
        lambda: w.packed(w.HEADING + w.text_row(2, "王", "李")),
        "NO_HEADING",
    ),
    "not a zip": (lambda: b"hello", "WORKBOOK_KIND"),
    "an old or locked workbook": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "WORKBOOK_KIND"),
    "an empty file": (lambda: b"", "WORKBOOK_EMPTY"),
}
