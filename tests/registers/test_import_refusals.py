"""Rows that cannot be taken: every fault by its address, and not one row imported."""

from __future__ import annotations

import pytest

from subsidy.accounts.services.places import load_districts
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.errors import RuleRefused, SubsidyError
from subsidy.registers.importing import Kind, error_workbook, preview, register_template, run
from subsidy.registers.importing.kinds import REGISTERS
from subsidy.registers.models import RegisterImport
from subsidy.spreadsheets import open_table
from tests import make, workbooks
from tests.registers.rosters import HEADINGS, certificate, holder, result, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.req("V4")]


@pytest.fixture(autouse=True)
def _districts() -> None:
    load_districts()


def refusal(kind: Kind, *rows: list[str]) -> RuleRefused:
    with pytest.raises(RuleRefused) as caught:
        run(kind, workbook(kind, *rows), "a.xlsx", actor=SYSTEM)
    return caught.value


def trade(**changes: str) -> list[str]:
    row = {"编码": "T1", "名称": "甲", "职业": "", "别名": "", "启用日期": "", "停用日期": ""}
    return list((row | changes).values())


BAD_CELLS = [
    (Kind.CARD_HOLDERS, holder(1, 姓名=""), "A2", "没有填写"),
    (Kind.CARD_HOLDERS, holder(1, 姓名="王|建国"), "A2", "间隔号"),
    (Kind.CARD_HOLDERS, holder(1, 姓名="\ufdfa" * 20), "A2", "无法比对"),
    (Kind.CARD_HOLDERS, holder(1, 证件号码=make.resident_id(1)[:17] + "x1"), "B2", "18 位"),
    (Kind.CARD_HOLDERS, holder(1, 证件号码="110102196002300003"), "B2", "真实的日期"),
    (Kind.CARD_HOLDERS, holder(1, 互助服务卡号="62140000"), "C2", "16 至 19 位"),
    (Kind.CARD_HOLDERS, holder(1, 互助服务卡号="6.2E+18"), "C2", "末尾数字"),
    (Kind.CARD_HOLDERS, holder(1, 手机号="12345"), "D2", "11 位"),
    (Kind.CARD_HOLDERS, holder(1, 所属工会="x" * 101), "E2", "100 个字"),
    (Kind.CARD_HOLDERS, holder(1, 所属区="海淀街道"), "F2", "区名"),
    (Kind.CARD_HOLDERS, holder(1, 状态="也许"), "G2", "有效"),
    (Kind.CERTIFICATES, certificate(1, 证书编号="x" * 41), "C2", "40"),
    (Kind.CERTIFICATES, certificate(1, 证书编号="- -"), "C2", "字母和数字"),
    (Kind.CERTIFICATES, certificate(1, 等级="六级"), "E2", "一级"),
    (Kind.CERTIFICATES, certificate(1, 颁证日期="2023-02-30"), "F2", "真实的日期"),
    (Kind.CERTIFICATES, certificate(1, 颁证日期="2023-9"), "F2", "YYYY-MM-DD"),
    (Kind.CERTIFICATES, certificate(1, 发证机构=""), "G2", "没有填写"),
    (Kind.COMPETITION, result(1, 组别="双人"), "C2", "个人"),
    (Kind.COMPETITION, result(1, 赛段="初赛"), "D2", "半决赛"),
    (Kind.COMPETITION, result(1, 名次="0"), "E2", "从 1 起"),
    (Kind.COMPETITION, result(1, 名次="一等奖"), "E2", "从 1 起"),
    (Kind.TRADES, trade(编码="x" * 41), "A2", "40 个字"),
    (Kind.TRADES, trade(名称="a|b"), "B2", "|"),
    (Kind.TRADES, trade(名称="\ufdfa" * 20), "B2", "200 个字"),
    (Kind.TRADES, trade(启用日期="昨天"), "E2", "YYYY-MM-DD"),
    (Kind.TRADES, trade(启用日期="2020-01-01", 停用日期="2019-01-01"), "A2", "停用日期早于"),
]


@pytest.mark.parametrize(("kind", "row", "address", "words"), BAD_CELLS)
def test_a_bad_cell_is_named_by_its_address_and_nothing_is_imported(
    kind: Kind, row: list[str], address: str, words: str
) -> None:
    error = refusal(kind, row)
    assert [fault.field for fault in error.errors] == [address]
    assert words in error.errors[0].message
    assert not REGISTERS[kind].model._default_manager.exists()


@pytest.mark.req("A2")
@pytest.mark.parametrize(("kind", "row", "address", "words"), BAD_CELLS)
def test_no_fault_repeats_what_the_cell_holds(kind: Kind, row: list[str], address: str, words: str) -> None:
    told = " ".join(fault.message for fault in refusal(kind, row).errors)
    assert not [cell for cell in row if len(cell) > 4 and cell in told]


def test_one_bad_row_among_good_ones_imports_none_and_leaves_no_trace() -> None:
    error = refusal(Kind.CARD_HOLDERS, holder(1), holder(2, 手机号="1"), holder(3))
    assert (error.code, error.status) == ("ROWS_REFUSED", 422)
    assert error.errors[0].field == "D3"
    assert not REGISTERS[Kind.CARD_HOLDERS].model._default_manager.exists()
    assert not RegisterImport.objects.exists()
    assert not AuditRow.objects.filter(action="register.imported").exists()


def test_a_file_put_right_can_be_imported_after_a_refusal() -> None:
    refusal(Kind.CARD_HOLDERS, holder(1, 所属区="西城区", 手机号="1"))
    outcome = run(Kind.CARD_HOLDERS, workbook(Kind.CARD_HOLDERS, holder(1)), "a.xlsx", actor=SYSTEM)
    assert outcome.counts.created == 1


def test_every_fault_of_every_row_is_told() -> None:
    rows = [holder(1, 姓名="", 手机号="1"), holder(2, 互助服务卡号="1")]
    assert [fault.field for fault in refusal(Kind.CARD_HOLDERS, *rows).errors] == ["A2", "D2", "C3"]


def test_only_the_first_thousand_faults_are_kept_and_all_are_counted() -> None:
    content = workbooks.csv_text(HEADINGS[Kind.TRADES], *([f"T{n}"] + [""] * 5 for n in range(1200)))
    seen = preview(Kind.TRADES, content.encode(), "a.csv")
    assert (len(seen.errors), seen.error_count) == (1000, 1200)
    assert "1200 处错误" in seen.sentence


@pytest.mark.parametrize(
    ("kind", "rows", "address"),
    [
        (Kind.CARD_HOLDERS, [holder(1), holder(1, 姓名="李建国")], "B3"),
        (Kind.CERTIFICATES, [certificate(1), certificate(1, 姓名="李建国")], "C3"),
        (Kind.COMPETITION, [result(1), result(1, 名次="2")], "G3"),
        (Kind.TRADES, [trade(), trade(名称="乙")], "A3"),
    ],
)
def test_the_same_row_twice_in_a_file_is_a_fault_that_names_the_first(
    kind: Kind, rows: list[list[str]], address: str
) -> None:
    fault = refusal(kind, *rows).errors[0]
    assert (fault.field, fault.code) == (address, "ROW_TWICE")
    assert "第 2 行" in fault.message


@pytest.mark.req("E4")
def test_one_competition_written_two_ways_in_a_file_is_the_same_row_twice() -> None:
    rows = [result(1, 届次="2023 年大赛"), result(1, 届次="2023年大赛", 名次="2")]
    assert refusal(Kind.COMPETITION, *rows).errors[0].code == "ROW_TWICE"


@pytest.mark.parametrize("kind", list(Kind))
def test_a_template_without_rows_is_refused(kind: Kind) -> None:
    with pytest.raises(SubsidyError, match="处错误") as caught:
        run(kind, register_template(kind), "a.xlsx", actor=SYSTEM)
    assert caught.value.errors[0].code == "NO_ROWS"


def test_a_missing_heading_refuses_the_file_before_any_row() -> None:
    content = workbooks.table(HEADINGS[Kind.CARD_HOLDERS][:-1], holder(1)[:-1])
    with pytest.raises(SubsidyError, match="状态") as caught:
        preview(Kind.CARD_HOLDERS, content, "a.xlsx")
    assert caught.value.code == "HEADING_MISSING"


def test_a_parser_that_fails_among_the_rows_undoes_the_whole_import() -> None:
    good = workbooks.csv_text(HEADINGS[Kind.TRADES], *(trade(编码=f"T{n}") for n in range(1500)))
    with pytest.raises(SubsidyError) as caught:
        run(Kind.TRADES, (good + '"open').encode(), "a.csv", actor=SYSTEM)
    assert caught.value.code == "WORKBOOK_UNREADABLE"
    assert not REGISTERS[Kind.TRADES].model._default_manager.exists()
    assert run(Kind.TRADES, good.encode(), "a.csv", actor=SYSTEM).counts.created == 1500


def test_faults_can_be_carried_away_as_a_workbook() -> None:
    error = refusal(Kind.CARD_HOLDERS, holder(1, 手机号="1"))
    rows = list(open_table(error_workbook(error.errors), "a.xlsx", required=["位置", "问题和办法", "代码"]))
    assert [(row["位置"], row["代码"]) for row in rows] == [("D2", "CELL_REFUSED")]
