"""The golden workbook of 2024: every row agrees, and a change of the plan or of a cell is noticed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from subsidy.errors import Malformed
from subsidy.rules.reasons import ReasonCode
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import Ground
from subsidy.schemes.policy_cases import PolicyCase, compare, read_cases, workbook_of
from subsidy.schemes.policy_words import CODES, GRADES, GROUNDS, GUIDE, HEADINGS, KNOWN, LEVELS, ROUNDS, SHEET
from subsidy.schemes.services import read_definition
from tests import make

WORKBOOK = Path(__file__).resolve().parents[2] / "subsidy" / "schemes" / "data" / "policy_cases_2024.xlsx"
DEFINITION = read_definition(make.SCHEME_FILE)
SCHEME = Scheme.from_mapping(DEFINITION)
CASES = read_cases(WORKBOOK)
NOT_LIMITED_IN_2024 = {ReasonCode.APPLICANT_CLASS_NOT_COVERED, ReasonCode.TRADE_NOT_COVERED}
Edit = Callable[[dict[str, Any]], Any]
Spoil = Callable[[Callable[[Worksheet], Any]], Path]


@pytest.mark.req("E2", "E3", "E4", "E5", "E6", "E8", "E9", "E10")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_rules_answer_as_the_plan_was_read(case: PolicyCase) -> None:
    assert compare(case, SCHEME).differences == ()


def test_the_workbook_of_a_year_is_found_by_its_year() -> None:
    assert workbook_of(2024) == WORKBOOK
    assert workbook_of(2023) is None


@pytest.mark.req("E9")
def test_the_workbook_holds_enough_rows_of_every_ground_and_reason() -> None:
    grounds = [case.claim.ground for case in CASES]
    assert len(CASES) >= 80
    assert min(grounds.count(ground) for ground in Ground) >= 20
    assert {code for case in CASES for code in case.codes} == set(ReasonCode) - NOT_LIMITED_IN_2024


def test_every_cell_is_text_except_the_amount() -> None:
    rows = list(load_workbook(WORKBOOK)[SHEET].iter_rows(min_row=2))
    cells = [cell for row in rows for cell in row if cell.value is not None]
    amount = HEADINGS.index("应得金额（元）") + 1
    assert {cell.data_type for cell in cells if cell.column != amount} == {"s"}
    assert {cell.data_type for cell in cells if cell.column == amount} == {"n"}
    assert {cell.number_format for row in rows for cell in row if cell.column != amount} == {"@"}


def test_the_second_sheet_explains_every_column_and_every_allowed_word() -> None:
    explained = "\n".join(
        str(value)
        for row in load_workbook(WORKBOOK)[GUIDE].iter_rows(values_only=True)
        for value in row
        if value
    )
    lines = set(explained.splitlines())
    assert {*HEADINGS, *KNOWN, *CODES} <= lines
    assert all(word in explained for word in [*GROUNDS, *LEVELS, *GRADES, *ROUNDS])


def award(amount: int) -> Edit:
    """Return an edit of the first award row of that amount."""
    return lambda plan: next(row for row in plan["awards"] if row["amount"] == amount).update(
        amount=amount + 1
    )


def fund_semi_final(plan: dict[str, Any]) -> None:
    """Let the first of the semi-final count, too."""
    plan["awards"].append(plan["awards"][5] | {"round": "semi_final"})
    plan["competitions"][0]["rounds"] = ["final", "semi_final"]


CHANGES: list[tuple[Edit, str]] = [
    (award(2000), "一级（高级技师），日期在期内"),
    (award(800), "三级（高级工），日期在期内"),
    (lambda plan: plan["awards"][4].update(amount=1001), "社会工作师参照二级"),
    (lambda plan: plan["awards"][6].update(rank_to=9), "决赛第 10 名参照二级"),
    (lambda plan: plan["awards"][6].update(rank_to=11), "决赛第 11 名不在资助范围"),
    (lambda plan: plan["awards"][0].update(clause="四（一）"), "一级（高级技师），日期在期内"),
    (
        lambda plan: plan.update(certificate_from=plan["certificate_from"].replace(day=2)),
        "颁证日期为期内第一天",
    ),
    (
        lambda plan: plan.update(certificate_to=plan["certificate_to"].replace(day=30)),
        "颁证日期为期内最后一天",
    ),
    (lambda plan: plan.update(opens_at=later(plan["opens_at"])), "申报开始的一刻"),
    (lambda plan: plan.update(closes_at=later(plan["closes_at"])), "11 月 1 日零点已经截止"),
    (lambda plan: plan["competitions"][0].update(aliases=[]), "赛事别名：2023 年度"),
    (fund_semi_final, "半决赛第 1 名不在资助范围"),
    (lambda plan: plan.update(home_province="12"), "编号省份为天津"),
    (lambda plan: plan.update(province_filing="0001"), "22 位编号，等级位为 1"),
    (lambda plan: plan["number_layouts"].pop(), "旧 16 位编号，第 11 位为等级"),
    (
        lambda plan: plan["grounds"]["social_work"].update(applicant_class="full_time_union_staff"),
        "不是专职工会社会工作者，2024 年不限身份",
    ),
    (lambda plan: plan["grounds"]["social_work"].update(issuing_authorities=[]), "签发单位为部里"),
]


def later(instant: datetime) -> datetime:
    """Return the instant one microsecond later."""
    return instant.replace(microsecond=1)


@pytest.mark.req("P1", "E9")
@pytest.mark.parametrize(("edit", "title"), CHANGES, ids=[title for _, title in CHANGES])
def test_a_changed_value_of_the_plan_makes_its_row_disagree(edit: Edit, title: str) -> None:
    plan = copy.deepcopy(DEFINITION)
    edit(plan)
    (case,) = [case for case in CASES if case.title == title]
    assert not compare(case, Scheme.from_mapping(plan)).agrees


def test_a_difference_says_what_was_expected_and_what_came_out() -> None:
    plan = copy.deepcopy(DEFINITION)
    award(800)(plan)
    (case,) = [case for case in CASES if case.title == "三级（高级工），日期在期内"]
    (difference,) = compare(case, Scheme.from_mapping(plan)).differences
    assert (difference.label, difference.expected, difference.actual) == ("应得金额（元）", "800", "801")


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """Return a way to make a copy of the workbook with something changed in its first sheet."""

    def changed(edit: Callable[[Worksheet], Any]) -> Path:
        book = load_workbook(WORKBOOK)
        edit(book[SHEET])
        path = tmp_path / "cases.xlsx"
        book.save(path)
        return path

    return changed


def put(sheet: Worksheet, heading: str, value: Any, row: int = 2) -> None:
    sheet.cell(row, HEADINGS.index(heading) + 1).value = value


@pytest.mark.parametrize(
    ("heading", "value", "cell", "words"),
    [
        ("序号", "甲", "A2", "须为不小于 1 的整数"),
        ("序号", "2", "A3", "与第 2 行重复"),
        ("情形说明", None, "B2", "不能为空"),
        ("类别", "技能", "C2", "只能写职业技能等级证书"),
        ("等级/级别/名次", "六级", "D2", "写的是“六级”"),
        ("团体", "否", "E2", "不用于职业技能等级证书"),
        ("颁证/批准日期", "2023-02-30", "J2", "须写成 2023-09-12"),
        ("首次取证日期", "去年", "K2", "须写成 2023-09-12"),
        ("申报时间", "2024-06-18 25:00:00", "M2", "须写成 2024-06-18 10:00:00"),
        ("已知情况", "持卡人；有卡", "N2", "“有卡”不认识"),
        ("已知情况", "持卡人；非持卡人", "N2", "重复或矛盾"),
        ("已知情况", "专职工会社会工作者", "N2", "只用于社会工作者"),
        ("应否符合", "对", "O2", "只能写是、否"),
        ("应得金额（元）", "=1000+1000", "P2", "须为不小于 0 的整数"),
        ("应得金额（元）", 800.5, "P2", "须为不小于 0 的整数"),
        ("应有理由代码", "LEVEL", "Q2", "“LEVEL”不认识"),
    ],
)
def test_a_bad_cell_is_named(spoil: Spoil, heading: str, value: Any, cell: str, words: str) -> None:
    with pytest.raises(Malformed, match=words) as refused:
        read_cases(spoil(lambda sheet: put(sheet, heading, value)))
    (error,) = refused.value.errors
    assert error.field == cell
    assert error.message.startswith(f"单元格 {cell}（{heading}）")


def test_every_bad_row_is_told_at_once(spoil: Spoil) -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, "类别", "技能", row=5)
        put(sheet, "应否符合", "对", row=9)

    with pytest.raises(Malformed, match="有 2 处需要修改") as refused:
        read_cases(spoil(edit))
    assert [error.field for error in refused.value.errors] == ["C5", "O9"]


@pytest.mark.parametrize("heading", ["赛事", "依据条款"])
def test_a_missing_column_is_named(spoil: Spoil, heading: str) -> None:
    with pytest.raises(Malformed, match=heading):
        read_cases(spoil(lambda sheet: put(sheet, heading, "别的", row=1)))


def test_a_row_that_a_clerk_adds_is_read_also_where_a_program_made_dates_of_text(spoil: Spoil) -> None:
    def edit(sheet: Worksheet) -> None:
        row = sheet.max_row + 1
        for heading in ("情形说明", "类别", "等级/级别/名次", "应否符合"):
            put(sheet, heading, sheet.cell(2, HEADINGS.index(heading) + 1).value, row)
        put(sheet, "序号", 900, row)
        put(sheet, "颁证/批准日期", datetime(2023, 9, 12), row)
        put(sheet, "申报时间", datetime(2024, 6, 18, 10), row)
        put(sheet, "应得金额（元）", 2000.0, row)
        put(sheet, "依据条款", "三（一）", row)

    added = read_cases(spoil(edit))[-1]
    assert added.serial == 900
    assert compare(added, SCHEME).agrees


def test_the_order_of_the_columns_is_free(spoil: Spoil) -> None:
    def edit(sheet: Worksheet) -> None:
        place = HEADINGS.index("情形说明") + 1
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, len(HEADINGS) + 1).value = sheet.cell(row, place).value
        sheet.delete_cols(place)

    assert read_cases(spoil(edit)) == CASES


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(Malformed, match="xlsx"):
        read_cases(path)
