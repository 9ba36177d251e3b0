"""The gate before workbooks: hostile, broken and over-heavy files are refused in one Chinese sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from subsidy.errors import SubsidyError
from subsidy.spreadsheets import Limits, faultless, open_table
from tests import workbooks as w
from tests.hostile_workbooks import HOSTILE, OUTSIDE, SHEET, cell

ROOT = Path(__file__).resolve().parent.parent


def read(content: bytes, name: str = "名单.xlsx", limits: Limits | None = None) -> list[str]:
    table = open_table(content, name, required=["姓名"], limits=limits)
    return [row["姓名"] for row in faultless(table)]


def refusal(content: bytes, name: str = "名单.xlsx", limits: Limits | None = None) -> SubsidyError:
    with pytest.raises(SubsidyError) as caught:
        read(content, name, limits)
    return caught.value


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


@pytest.mark.req("D3")
@pytest.mark.parametrize(
    "case",
    [
        "merged cells",
        "a formula",
        "an identity number typed as a number",
        "a card number in scientific form",
        "a line break in a cell",
    ],
)
def test_a_cell_at_fault_is_named_by_its_address(case: str) -> None:
    assert "A2" in refusal(HOSTILE[case][0]()).message


@pytest.mark.req("A2")
def test_a_first_row_of_data_is_not_read_back_in_full() -> None:
    error = refusal(w.packed(w.text_row(1, "110102199001012316")))
    assert "110102199001012316" not in error.message
    assert "2316" in error.message


def test_a_hidden_sheet_behind_the_first_changes_nothing() -> None:
    hidden = SHEET.replace("sheetId", 'state="hidden" sheetId')
    book = w.BOOK.replace("</sheets>", f"{hidden}</sheets>")
    assert read(w.packed(w.HEADING + w.text_row(2, "王"), book=book)) == ["王"]


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
import tests.test_workbook_gate as gate
from tests.memory import peak
codes = [gate.refusal(make()).code == code for make, code in gate.HOSTILE.values()]
print(len(codes), all(codes), peak())
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
