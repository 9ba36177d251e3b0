"""Payout workbooks, and results that come back as one: held, set aside and reported as text is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from payouts.formats import default_xlsx, results
from payouts.formats.shapes import Part, PayLine, Totals
from payouts.models import PayoutBatch, ResultFile, ResultLine
from payouts.services import apply_result, dry_run, stage_result
from subsidy import clock
from subsidy.clock import SHANGHAI
from subsidy.errors import Conflict, SubsidyError
from subsidy.rules.numbers import line_ref
from tests import make
from tests.payouts.money import Desk, answer
from tests.payouts.test_formats import LINES, PART
from tests.workbooks import packed, sheet_xml, text_row

HEADINGS = ("明细号", "卡号", "金额", "结果代码", "结果说明", "到账时间")


def workbook(*rows: Sequence[Any], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """Return a result workbook whose cells are what they are: text, numbers, dates."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("回盘")
    for row in (headings, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(batch: PayoutBatch, *codes: str) -> list[list[Any]]:
    """Return the result rows of a batch with amounts as numbers."""
    return [[ref, card, float(amount), *rest] for ref, card, amount, *rest in answer(batch, *codes).rows]


def stage(desk: Desk, content: bytes, *, count: int, paid: int, name: str = "回盘.xlsx") -> ResultFile:
    with clock.at(make.DAY):
        return stage_result(content, name, importer=desk.maker, typed=Totals(count, paid * 100))


@pytest.mark.req("D2")
def test_the_workbook_has_the_columns_of_the_text_all_text_but_the_amount() -> None:
    book = openpyxl.load_workbook(io.BytesIO(default_xlsx.write(PART)))
    lines, totals = book.worksheets
    assert [[cell.value for cell in row] for row in lines.iter_rows()] == [
        ["明细号", "姓名", "卡号", "金额", "备注"],
        *[[line.line_ref, line.name, line.card_number, line.amount, line.remark] for line in LINES],
    ]
    assert {tuple(cell.data_type for cell in row) for row in lines.iter_rows(min_row=2)} == {tuple("sssns")}
    assert {row[3].number_format for row in lines.iter_rows(min_row=2)} == {"0.00"}
    said = list(totals.iter_rows(min_row=2, values_only=True))
    assert said == [("ZT2024-B0007", "1", "1", "3", 3800, "2024-06-18T10:00:30+08:00")]


@pytest.mark.req("D2")
def test_no_cell_of_a_workbook_is_ever_a_formula() -> None:
    line = PayLine(LINES[0].line_ref, "=1+1", "6214000000000012", 2000, "@SUM(A1)")
    content = default_xlsx.write(Part("ZT2024-B0007", 1, 1, PART.created_at, (line,)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]
    assert not any(re.search(rb"<f[ />]", sheet) for sheet in sheets)
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["B2"].data_type == "s"


@pytest.mark.req("D2")
def test_the_same_part_gives_the_same_bytes_whenever_it_is_written() -> None:
    content = default_xlsx.write(PART)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = archive.read("docProps/core.xml").decode()
    assert re.findall(r">([^<]*)</dcterms:", properties) == ["2024-06-18T02:00:30Z"] * 2
    assert default_xlsx.write(PART) == content


@pytest.mark.req("D2")
def test_a_workbook_refuses_what_the_text_cannot_carry() -> None:
    line = PayLine(LINES[0].line_ref, "王|建国", "6214000000000012", 2000, "助推金")
    with pytest.raises(ValueError, match=LINES[0].line_ref):
        default_xlsx.write(Part("ZT2024-B0007", 1, 1, PART.created_at, (line,)))


@pytest.mark.req("D3")
def test_a_workbook_says_the_same_as_the_text_whatever_the_order_of_its_columns() -> None:
    row = ("ZT2024-B0007-000001-4", "6214000000000012", 2000, "0000", "成功", datetime(2024, 6, 18, 11))
    found = results.read(workbook(row[::-1], headings=HEADINGS[::-1]))
    (read,) = found.rows
    assert (found.header, found.trailer) == (None, None)
    assert (read.row, read.line_ref, read.card_number) == (2, row[0], row[1])
    assert (read.amount_fen, read.raw_code, read.text) == (200_000, "0000", "成功")
    assert read.paid_at == datetime(2024, 6, 18, 11, tzinfo=SHANGHAI)


GOOD = ("ZT2024-B0007-000001-4", "6214000000000012", 2000, "PAID", "成功", "")


def but(column: int, value: object) -> bytes:
    """Return a workbook with one cell changed."""
    return workbook((*GOOD[:column], value, *GOOD[column + 1 :]))


HELD: list[tuple[str, bytes, str]] = [
    ("card typed as a number", but(1, 6214000000000012), "单元格 B2（卡号）里的长号码被存成了数值"),
    ("card in scientific notation", but(1, "6.214E+15"), "单元格 B2（卡号）里的长号码被存成了数值"),
    ("code that lost its zeros", but(3, 0), "单元格 D2（结果代码）像是被存成了数值，前面的 0 已丢失"),
    ("formula", but(4, "=1+1"), "单元格 E2 是公式"),
    ("third decimal", but(2, 1000.001), "第 2 行的金额不是至多两位小数"),
    ("negative amount", but(2, -1000), "第 2 行的金额不是"),
    ("bad date", but(5, "昨天"), "第 2 行的到账时间不是日期时间"),
    ("truth value", but(3, True), "单元格 D2（结果代码）的内容不是文字、数字或日期"),
    ("long code", but(3, "X" * 41), "第 2 行的结果代码超过 40 个字"),
    ("unknown column", workbook(GOOD, headings=(*HEADINGS[:5], "入账日")), "列名“入账日”不认识"),
    ("missing column", workbook(GOOD[:5], headings=HEADINGS[:5]), "缺少列名：到账时间"),
    ("cell without a heading", workbook((*GOOD, "x")), "单元格 G2 有内容但该列没有列名"),
    ("no rows", workbook(), "没有明细行"),
    ("broken", b"PK\x03\x04 no workbook", "打不开或已损坏"),
    ("password or old", b"\xd0\xcf\x11\xe0" + bytes(600), "设有密码或是旧版 .xls"),
    ("entities", packed(sheet=sheet_xml(text_row(1, *HEADINGS), doctype="<!DOCTYPE x>")), "DTD"),
]


@pytest.mark.req("D3")
@pytest.mark.parametrize(("content", "reason"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_a_workbook_at_fault_is_held_whole_and_the_reason_names_the_cell(content: bytes, reason: str) -> None:
    with pytest.raises(SubsidyError, match=re.escape(reason)) as refused:
        results.read(content)
    assert refused.value.message.endswith("整个文件没有导入。")
    assert refused.value.field == "file"


@pytest.mark.req("D3")
def test_the_totals_of_a_workbook_are_typed_and_checked(desk: Desk) -> None:
    content = workbook(*rows_of(desk.sent(2), "CLOSED"))
    with pytest.raises(SubsidyError, match="请填写行数和到账金额"):
        desk.stage(content, "回盘.xlsx")
    with pytest.raises(SubsidyError, match="您填写的合计写 3 行，实际 2 行"):
        stage(desk, content, count=3, paid=1000)
    with pytest.raises(SubsidyError, match="您填写的合计写到账 2000"):
        stage(desk, content, count=2, paid=2000)
    assert not ResultFile.objects.exists()
    assert stage(desk, content, count=2, paid=1000).line_count == 2


@pytest.mark.req("D3")
@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("ZT2024-B0001-000002-A", "第 3 行的明细号校验码不对"),
        (line_ref("ZT2024-B0009", 1), "第 3 行的明细号不属于批次"),
        (line_ref("ZT2024-B0001", 9), "第 3 行的明细号不在这个批次"),
        (line_ref("ZT2024-B0001", 1), "第 3 行的明细号在文件中重复出现"),
    ],
)
def test_a_reference_at_fault_holds_a_workbook_too(desk: Desk, ref: str, reason: str) -> None:
    first, second = rows_of(desk.sent(2))
    with pytest.raises(SubsidyError, match=reason):
        stage(desk, workbook(first, (ref, *second[1:])), count=2, paid=2000)
    assert not ResultFile.objects.exists()


@pytest.mark.req("D3")
def test_rows_of_a_workbook_are_set_aside_one_by_one_and_the_rest_applied(desk: Desk) -> None:
    batch = desk.sent(5)
    rows = rows_of(batch)
    rows[0][2] = 999.0
    rows[1][1] = "6214000000000000"
    rows[2][3] = "Z77"
    content = workbook(*rows[:4])
    found = dry_run(content, typed=Totals(4, 299_900))
    counts = (found.amount_differs, found.card_differs, found.unknown, found.paid, found.missing)
    assert [tally.count for tally in counts] == [1, 1, 1, 1, 1]
    with clock.at(make.DAY):
        apply_result(stage(desk, content, count=4, paid=2999), applier=desk.checker)
    assert list(batch.lines.order_by("serial").values_list("status", flat=True)) == [
        "sent",
        "sent",
        "unknown",
        "paid",
        "sent",
    ]
    assert list(ResultLine.objects.order_by("row").values_list("row", "outcome")) == [
        (2, "amount_differs"),
        (3, "card_differs"),
        (4, "matched"),
        (5, "matched"),
    ]


@pytest.mark.req("D3")
def test_the_same_workbook_again_is_a_no_op_that_says_so(desk: Desk) -> None:
    content = workbook(*rows_of(desk.sent(1)))
    stage(desk, content, count=1, paid=1000)
    with pytest.raises(Conflict, match="已经导入过"):
        stage(desk, content, count=1, paid=1000, name="另一个名字.txt")
    assert ResultFile.objects.count() == 1


@pytest.mark.req("D3")
def test_text_and_workbook_answer_one_batch_between_them(desk: Desk) -> None:
    batch = desk.sent(2)
    desk.apply(answer(batch, "PAID", "PROCESSING").bytes())
    second = rows_of(batch)[1]
    with clock.at(make.DAY):
        staged = stage(desk, workbook(second), count=1, paid=int(Decimal(second[2])))
        apply_result(staged, applier=desk.checker)
    batch.refresh_from_db()
    assert batch.status == "settled"
