"""Sheets read by heading and written as text: what survives, what is refused, and at which address."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from subsidy.errors import SubsidyError
from subsidy.spreadsheets import Limits, Row, Sheet, faultless, open_table, read_content, write_workbook
from tests import workbooks as w

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = ("姓名", "卡号")
RARE = ("䶮㛃", "𬎆·买买提", "阿依古丽·买合木提", "\U00031350子")


def rows_of(content: bytes, name: str = "名单.xlsx", required: Sequence[str] = HEADINGS) -> list[Row]:
    return list(open_table(content, name, required=required))


def refusal(content: bytes, name: str = "名单.xlsx", required: Sequence[str] = HEADINGS) -> SubsidyError:
    with pytest.raises(SubsidyError) as caught:
        list(faultless(open_table(content, name, required=required)))
    return caught.value


def typed(*values: object, number_format: str = "") -> bytes:
    """Return a workbook whose second row holds these values as a program types them."""
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    book.active.append(values)
    if number_format:
        book.active["B2"].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.req("E11")
@pytest.mark.parametrize("name", RARE)
def test_rare_names_survive_writing_and_reading(name: str) -> None:
    assert rows_of(w.table(HEADINGS, [name, "6214"]))[0]["姓名"] == name


@pytest.mark.req("E11")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_utf8_with_and_without_mark_and_in_gb18030(encoding: str) -> None:
    content = w.csv_text(HEADINGS, *([name, "6214"] for name in RARE)).encode(encoding)
    assert [row["姓名"] for row in rows_of(content, "名单.csv")] == list(RARE)


def test_rows_come_by_heading_in_any_order_with_addresses() -> None:
    row = rows_of(w.table(["卡号", "姓名"], ["6214", "王建国"]))[0]
    assert (row["姓名"], row["卡号"]) == ("王建国", "6214")
    assert (row.address("姓名"), row.address("卡号")) == ("B2", "A2")


def test_headings_are_compared_folded_and_without_their_remark() -> None:
    content = w.table([" 姓 名 ", "组别（个人/团体）"], ["王建国", "个人"])
    assert rows_of(content, required=["姓名", "组别"])[0]["组别"] == "个人"


def test_empty_rows_are_passed_over_and_the_numbers_stay_those_of_the_sheet() -> None:
    rows = rows_of(w.table(HEADINGS, ["甲甲", "1"], ["", " "], ["乙乙", "2"]))
    assert [row.number for row in rows] == [2, 4]


def test_rows_missing_from_the_file_keep_the_numbers_of_the_sheet() -> None:
    content = w.packed(w.text_row(1, *HEADINGS) + w.text_row(7, "王建国", "6214"))
    assert rows_of(content)[0].address("卡号") == "B7"


def test_a_wrong_stated_extent_loses_no_row() -> None:
    xml = w.sheet_xml(w.text_row(1, *HEADINGS) + w.text_row(2, "王建国", "6214"))
    content = w.packed(sheet=xml.replace("<sheetData>", '<dimension ref="A1:A1"/><sheetData>'))
    assert rows_of(content)[0]["卡号"] == "6214"


def test_an_optional_heading_may_be_absent_and_reads_as_empty() -> None:
    table = open_table(w.table(["姓名"], ["甲甲"]), "a.xlsx", required=["姓名"], optional=["卡号"])
    assert [row["卡号"] for row in table] == [""]


@pytest.mark.parametrize(
    ("headings", "code", "word"),
    [
        (["姓名"], "HEADING_MISSING", "卡号"),
        (["姓名", "卡号", "姓　名"], "HEADING_TWICE", "C1"),
        (["姓名", "卡号", "备注"], "HEADING_UNKNOWN", "C1"),
        (["", "姓名"], "HEADING_MISSING", "卡号"),
    ],
)
@pytest.mark.parametrize("as_csv", [False, True])
def test_headings_that_do_not_fit_refuse_the_file(
    headings: list[str], code: str, word: str, as_csv: bool
) -> None:
    row = ["x"] * len(headings)
    content = w.csv_text(headings, row).encode() if as_csv else w.table(headings, row)
    error = refusal(content, "a.csv" if as_csv else "a.xlsx")
    assert error.code == code
    assert word in error.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13800000000, "13800000000"),
        (2.0, "2"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (date(2023, 9, 12), "2023-09-12"),
        (datetime(2023, 9, 12, 8, 30), "2023-09-12 08:30:00"),
        ("  王建国\n", "王建国"),
        (None, ""),
    ],
)
def test_a_typed_value_reads_as_its_text(value: object, text: str) -> None:
    assert rows_of(typed("王建国", value))[0]["卡号"] == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (6214000000000231, "NUMBER_ROUNDED"),
        (6.2e18, "NUMBER_ROUNDED"),
        (100000000000000, "NUMBER_ROUNDED"),
        ("6.2E+18", "NUMBER_ROUNDED"),
        (True, "CELL_TYPE"),
        ("王\n建国", "CONTROL_CHARACTER"),
        ("王\u202e建国", "CONTROL_CHARACTER"),
        ("x" * 2001, "CELL_TOO_LONG"),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_refused_with_its_address(value: object, code: str) -> None:
    error = refusal(typed("王建国", value))
    assert error.errors[0].code == code
    assert error.errors[0].field == "B2"
    assert error.message.startswith("单元格 B2（卡号）")


def test_a_date_past_the_calendar_is_refused_with_its_address() -> None:
    error = refusal(typed("王建国", 99999999, number_format="yyyy-mm-dd"))
    assert error.errors[0].field == "B2"


def test_fourteen_digits_typed_as_a_number_are_exact_and_pass() -> None:
    assert rows_of(typed("王建国", 99999999999999))[0]["卡号"] == "99999999999999"


@pytest.mark.parametrize(
    ("cell", "code"), [("=1+1", "WORKBOOK_FORMULA"), ("#N/A", "CELL_ERROR"), ("6.214E+15", "NUMBER_ROUNDED")]
)
def test_csv_cells_are_judged_like_those_of_a_workbook(cell: str, code: str) -> None:
    error = refusal(w.csv_text(HEADINGS, ["王建国", cell]).encode(), "名单.csv")
    assert (error.errors[0].code, error.errors[0].field) == (code, "B2")


@pytest.mark.parametrize(
    "content",
    [
        "姓名,卡号\n王\x00,1\n".encode(),
        "姓名,卡号\n王,1\n".encode("utf-16"),
        b"\xff\x81\x20\x30" + "姓名".encode(),
        '姓名,卡号\n"王,1\n'.encode(),
        ("姓名,卡号\n" + "x" * 200_000).encode(),
    ],
    ids=["nul", "utf-16", "no encoding", "open quote", "endless cell"],
)
def test_a_broken_csv_is_refused_in_one_sentence(content: bytes) -> None:
    error = refusal(content, "名单.csv")
    assert error.code in {"WORKBOOK_KIND", "WORKBOOK_UNREADABLE"}
    assert error.message.endswith("。")


def test_csv_rows_and_columns_have_limits() -> None:
    content = w.csv_text(HEADINGS, ["甲", "1"], ["乙", "2"]).encode()
    for limits, code in (
        (Limits(rows=1), "WORKBOOK_TOO_MANY_ROWS"),
        (Limits(columns=1), "WORKBOOK_TOO_MANY_COLUMNS"),
    ):
        with pytest.raises(SubsidyError) as caught:
            list(open_table(content, "a.csv", required=HEADINGS, limits=limits))
        assert caught.value.code == code


def test_a_filled_cell_under_no_heading_is_a_fault() -> None:
    assert refusal(w.table([*HEADINGS, ""], ["甲", "1", "备注"])).errors[0].field == "C2"


def test_every_fault_of_a_row_is_kept_beside_its_good_cells() -> None:
    row = rows_of(typed(1e20, "6214"))[0]
    assert [fault.field for fault in row.problems] == ["A2"]
    assert row["卡号"] == "6214"


def test_an_upload_is_never_read_past_its_limit() -> None:
    file = io.BytesIO(b"x" * 1000)
    with pytest.raises(SubsidyError) as caught:
        read_content(file, Limits(size=10))
    assert caught.value.status == 413
    assert file.tell() == 11


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "6214000000000231", "0012"])
def test_written_cells_are_text_and_never_formulas(text: str) -> None:
    content = write_workbook(Sheet("名单", HEADINGS, [[text, "x"]]))
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_amounts_are_written_as_numbers_with_two_decimals() -> None:
    sheet = Sheet("名单", ["姓名", "金额"], [["甲", Decimal("800.50")], ["乙", 2000]], frozenset({"金额"}))
    active = openpyxl.load_workbook(io.BytesIO(write_workbook(sheet))).active
    assert [(active[at].value, active[at].data_type, active[at].number_format) for at in ("B2", "B3")] == [
        (800.5, "n", "0.00"),
        (2000, "n", "0.00"),
    ]


@pytest.mark.parametrize("text", ["a\x0bb", "x" * 32_768])
def test_a_value_that_no_cell_can_hold_is_refused(text: str) -> None:
    with pytest.raises(SubsidyError, match="控制字符或过长"):
        write_workbook(Sheet("名单", HEADINGS, [[text, "x"]]))


def test_a_refused_workbook_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(SubsidyError):
        write_workbook(
            Sheet("一", HEADINGS, [["甲", "1"]]), Sheet("二", HEADINGS, [["甲", "1"], ["\x0b", "x"]])
        )
    assert list(tmp_path.iterdir()) == []


def test_an_error_among_the_rows_to_write_is_not_called_an_unreadable_file() -> None:
    with pytest.raises(ZeroDivisionError):
        write_workbook(Sheet("名单", ["a"], ([str(1 // n)] for n in (1, 0))))


READ_MANY = """
from subsidy.spreadsheets import Limits, Sheet, open_table, write_workbook
from tests.memory import peak

rows = ([f"王建{n}", f"{n:019d}"] for n in range(40_000))
content = write_workbook(Sheet("a", ["姓名", "卡号"], rows))
few = write_workbook(Sheet("a", ["姓名", "卡号"], [["甲", "1"]]))
list(open_table(few, "a.xlsx", required=["姓名"], optional=["卡号"]))
before = peak()
count = sum(1 for _ in open_table(content, "a.xlsx", required=["姓名", "卡号"], limits=Limits(rows=50_000)))
print(count, peak() - before)
"""


def test_reading_forty_thousand_rows_adds_little_memory() -> None:
    run = subprocess.run(
        [sys.executable, "-c", READ_MANY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "subsidy.settings"},
    )
    assert run.stdout, run.stderr
    count, megabytes = map(int, run.stdout.split())
    assert count == 40_000
    assert megabytes < 30
