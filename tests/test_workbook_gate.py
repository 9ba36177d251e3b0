"""The gate before workbooks: hostile, broken and over-heavy files are refused in one Chinese sentence."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from subsidy.errors import SubsidyError
from subsidy.spreadsheets import Limits, open_table
from tests import workbooks as w

ROOT = Path(__file__).resolve().parent.parent
BOMB_MB = 20
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def read(content: bytes, name: str = "名单.xlsx", limits: Limits | None = None) -> list[str]:
    return [row["姓名"] for row in open_table(content, name, required=["姓名"], limits=limits)]


def refusal(content: bytes, name: str = "名单.xlsx", limits: Limits | None = None) -> SubsidyError:
    with pytest.raises(SubsidyError) as caught:
        read(content, name, limits)
    return caught.value


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

HOSTILE = {
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
    "not a zip": (lambda: b"hello", "WORKBOOK_KIND"),
    "an old or locked workbook": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "WORKBOOK_KIND"),
    "an empty file": (lambda: b"", "WORKBOOK_EMPTY"),
}


@pytest.mark.req("V4")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_in_one_sentence(case: str) -> None:
    make, code = HOSTILE[case]
    error = refusal(make())
    assert error.code == code, error.message
    assert error.message.endswith("。")
    assert "Error" not in error.message
    assert error.errors[0].field


def test_the_same_parts_without_a_fault_pass() -> None:
    rows = w.HEADING + w.text_row(2, "王建国") + '<row r="3"><c r="A3" t="s"><v>1</v></c></row>'
    assert read(w.packed(rows)) == ["王建国", "王建国"]


def test_a_hyperlink_typed_in_a_cell_is_no_external_link() -> None:
    link = OUTSIDE.replace("attachedTemplate", "hyperlink")
    assert read(w.packed(w.HEADING + w.text_row(2, "王"), sheet_rels=link)) == ["王"]


def test_a_formula_is_named_by_its_address() -> None:
    error = refusal(cell('<c r="A2"><f>1+1</f></c>'))
    assert "A2" in error.message
    assert error.errors[0].field == "A2"


def test_a_file_over_the_callers_weight_is_refused_with_413() -> None:
    error = refusal(w.packed(), limits=Limits(size=100))
    assert (error.status, error.code) == (413, "WORKBOOK_TOO_LARGE")


def test_rows_are_counted_without_the_heading() -> None:
    content = w.table(["姓名"], ["甲甲"], ["乙乙"])
    assert read(content, limits=Limits(rows=2)) == ["甲甲", "乙乙"]
    assert refusal(content, limits=Limits(rows=1)).code == "WORKBOOK_TOO_MANY_ROWS"


@pytest.mark.parametrize("name", ["名单.xlsm", "名单.xls", "名单.et", "名单", "名单.csv"])
def test_a_workbook_by_another_name_is_refused(name: str) -> None:
    assert refusal(w.packed(), name).code == "WORKBOOK_KIND"


def test_csv_by_the_name_of_a_workbook_is_refused() -> None:
    assert refusal("姓名\n王\n".encode(), "名单.xlsx").code == "WORKBOOK_KIND"


PARSE_ALL = """
import resource, sys, tests.test_workbook_gate as gate
codes = [gate.refusal(make()).code == code for make, code in gate.HOSTILE.values()]
print(len(codes), all(codes), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_all_hostile_workbooks_together_stay_under_512_megabytes() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PARSE_ALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "subsidy.settings"},
    )
    count, all_refused, megabytes = run.stdout.split()
    assert (int(count), all_refused) == (len(HOSTILE), "True"), run.stderr
    assert int(megabytes) < 512


def test_a_process_that_switches_defusedxml_off_does_not_start() -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"OPENPYXL_DEFUSEDXML": "False", "DJANGO_SETTINGS_MODULE": "subsidy.settings"},
    )
    assert run.returncode != 0
    assert "defusedxml" in run.stderr
