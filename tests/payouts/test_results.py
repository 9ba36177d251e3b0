"""Staging, comparing and applying result files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from applications.models import Application, Event
from payouts.formats.shapes import Totals
from payouts.models import PayoutLine, ResultFile, ResultLine
from payouts.services import apply_result, discard_result, dry_run, preview, stage_result
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, Malformed, SubsidyError
from subsidy.notices.models import Notice
from subsidy.rules.numbers import line_ref
from tests import make
from tests.payouts.money import Desk, Result, answer

pytestmark = pytest.mark.req("D3")

Change = Callable[[Result], Result]


def twice(result: Result) -> Result:
    """Write the first row again."""
    return replace(result, rows=(*result.rows, result.rows[0]))


def bad_check_character(result: Result) -> Result:
    """Change the last character of a reference."""
    ref = result.rows[0][0]
    return result.with_row(0, ref=ref[:-1] + ("0" if ref[-1] != "0" else "1"))


HELD: list[tuple[str, Change, str]] = [
    ("count in header", lambda r: replace(r, count="3"), "首行写 3 行，实际 2 行"),
    ("sum in header", lambda r: replace(r, paid="1999.00"), "首行写到账 1999.00 元，逐行合计 2000.00 元"),
    ("third decimal", lambda r: r.with_row(0, amount="1000.001"), "第 2 行的金额不是至多两位小数"),
    ("extra column", lambda r: r.with_row(0, text="a|b"), "第 2 行有 8 列，应为 7 列"),
    ("wrong check character", bad_check_character, "第 2 行的明细号校验码不对"),
    ("another batch", lambda r: r.with_row(0, ref=line_ref("ZT2024-B0009", 1)), "不属于批次 ZT2024-B0001"),
    (
        "not in the batch",
        lambda r: r.with_row(1, ref=line_ref("ZT2024-B0001", 9)),
        "第 3 行的明细号不在这个批次",
    ),
    ("twice", twice, "第 4 行的明细号在文件中重复出现"),
    ("unknown batch", lambda r: replace(r, batch="ZT2023-B0001"), "没有批次“ZT2023-B0001”"),
    ("bad date", lambda r: r.with_row(0, paid_at="昨天"), "第 2 行的到账时间不是日期时间"),
    ("no rows", lambda r: replace(r, rows=()), "没有明细行"),
]


@pytest.mark.parametrize(("change", "reason"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_a_file_at_fault_is_held_whole_with_its_reason(desk: Desk, change: Change, reason: str) -> None:
    batch = desk.sent(2)
    with pytest.raises(SubsidyError, match=reason) as refused:
        desk.stage(change(answer(batch)).bytes())
    assert refused.value.message.endswith("整个文件没有导入。")
    assert not ResultFile.objects.exists()
    assert set(batch.lines.values_list("status", flat=True)) == {"sent"}


def test_a_trailer_that_disagrees_holds_the_file(desk: Desk) -> None:
    content = answer(desk.sent(2)).bytes().replace(b"T|2|2000.00", b"T|2|1000.00")
    with pytest.raises(SubsidyError, match="末行写到账 1000"):
        desk.stage(content)


def test_a_file_cut_off_before_its_trailer_is_held(desk: Desk) -> None:
    content = answer(desk.sent(2)).bytes().rpartition(b"T|")[0]
    with pytest.raises(SubsidyError, match="缺少末行"):
        desk.stage(content)


def test_without_header_and_trailer_the_typed_totals_are_asked_for_and_checked(desk: Desk) -> None:
    lines = answer(desk.sent(2)).bytes().split(b"\r\n")
    content = b"\r\n".join(lines[1:3])
    with pytest.raises(SubsidyError, match="请填写行数和到账金额"):
        desk.stage(content)
    with pytest.raises(SubsidyError, match="您填写的合计写到账 20"):
        stage_result(content, "a.txt", importer=desk.maker, typed=Totals(2, 2000))
    assert stage_result(content, "a.txt", importer=desk.maker, typed=Totals(2, 200_000)).line_count == 2


def test_a_batch_that_was_not_sent_has_no_result(desk: Desk) -> None:
    batch = desk.ready(1)
    ref = batch.lines.get().line_ref
    result = Result(batch.number, ((ref, "6214000000000001", "1000.00", "PAID", "", ""),))
    with pytest.raises(SubsidyError, match="还没有送出"):
        desk.stage(result.bytes())


def test_a_line_set_aside_at_freezing_is_not_in_the_batch(desk: Desk) -> None:
    _, bad = desk.approved(2)
    Application.objects.filter(pk=bad.pk).update(card_number="1")
    batch = desk.again()
    aside = PayoutLine.objects.get(application=bad)
    row = (aside.line_ref, "1", "1000.00", "PAID", "", "")
    with pytest.raises(SubsidyError, match="不在这个批次送出的明细中"):
        desk.stage(Result(batch.number, (row,)).bytes())


def test_the_same_file_again_is_a_no_op_that_says_so(desk: Desk) -> None:
    content = answer(desk.sent(1)).bytes()
    desk.apply(content)
    with pytest.raises(Conflict, match=r"已经导入过.*已应用.*账目没有变化"):
        desk.stage(content, "换个名字.txt")
    assert ResultFile.objects.count() == 1


def test_only_a_maker_imports_and_only_a_checker_applies(desk: Desk) -> None:
    content = answer(desk.sent(1)).bytes()
    with pytest.raises(Forbidden, match="财务制单"):
        stage_result(content, "a.txt", importer=desk.checker)
    with pytest.raises(Forbidden, match="财务复核"):
        apply_result(desk.stage(content), applier=make.staff(Role.FINANCE_MAKER))


def test_the_importer_cannot_apply(desk: Desk) -> None:
    staged = desk.stage(answer(desk.sent(1)).bytes())
    desk.maker.groups.set([desk.checker.groups.get()])
    changed = type(desk.maker).objects.get(pk=desk.maker.pk)
    with pytest.raises(Forbidden, match="由另一人应用"):
        apply_result(staged, applier=changed)


def test_a_discarded_file_is_never_applied(desk: Desk) -> None:
    staged = desk.stage(answer(desk.sent(1)).bytes())
    discard_result(staged, by=desk.checker, note="发错了")
    with pytest.raises(Conflict, match="已退回"):
        apply_result(staged, applier=desk.checker)
    with pytest.raises(Conflict):
        discard_result(staged, by=desk.checker, note="发错了")


def test_sending_a_file_back_needs_a_reason(desk: Desk) -> None:
    staged = desk.stage(answer(desk.sent(1)).bytes())
    with pytest.raises(Malformed, match="原因"):
        discard_result(staged, by=desk.maker, note=" ")
    staged.refresh_from_db()
    assert staged.status == "staged"


@pytest.mark.req("D3")
def test_a_genuine_file_sent_back_may_be_imported_again_and_applied_once(desk: Desk) -> None:
    content = answer(desk.sent(1)).bytes()
    discard_result(desk.stage(content), by=desk.maker, note="看错了")
    assert desk.apply(content).status == "applied"
    with pytest.raises(Conflict, match="已经导入过"):
        desk.stage(content)


def test_a_dry_run_compares_and_writes_nothing(desk: Desk) -> None:
    found = dry_run(answer(desk.sent(2), "CLOSED").bytes())
    assert (found.paid.count, found.failed.count) == (1, 1)
    assert not ResultFile.objects.exists()


@pytest.mark.req("F7")
def test_a_paid_line_pays_the_application_and_tells_the_member(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch).bytes())
    line = batch.lines.select_related("application").get()
    batch.refresh_from_db()
    assert (line.status, line.application.payment, batch.status) == ("paid", "paid", "settled")
    assert line.application.paid_at is not None
    body = Notice.objects.get(template="paid").body
    assert line.application.number in body
    assert line.application.card_tail in body
    assert (line.application.card_number or "") not in body


@pytest.mark.req("D4", "F7")
def test_a_failed_line_tells_the_member_what_to_do(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, "CLOSED").bytes())
    line = batch.lines.select_related("application").get()
    assert (line.status, line.application.payment) == ("failed", "failed")
    assert line.application.card_wanted_since is not None
    event = Event.objects.filter(application=line.application).latest("version")
    assert event.action == "payment_failed"
    assert "销户" in event.note
    assert "登录" in event.note
    assert "已销户" in Notice.objects.get(template="payment_failed").body


@pytest.mark.req("D4")
@pytest.mark.parametrize("code", ["PROCESSING", "BANK_BUSY", "UNKNOWN", "Z77", ""])
def test_a_code_without_a_result_leaves_the_line_unknown_and_the_batch_open(desk: Desk, code: str) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, code).bytes())
    line, row = batch.lines.get(), ResultLine.objects.get()
    batch.refresh_from_db()
    assert (line.status, batch.status, row.raw_code) == ("unknown", "exported", code)
    assert line.unknown_since is not None
    assert line.application.payment == "in_payment"


def test_a_later_file_settles_what_was_unknown_or_missing(desk: Desk) -> None:
    batch = desk.sent(3)
    full = answer(batch, "PROCESSING")
    desk.apply(replace(full, rows=full.rows[:2]).bytes())
    assert preview(desk.stage(answer(batch, serial="2").bytes())).already_final.count == 1
    desk.apply(answer(batch, serial="3").bytes())
    batch.refresh_from_db()
    assert batch.status == "settled"


def test_missing_lines_are_reported_and_stay_sent(desk: Desk) -> None:
    batch = desk.sent(2)
    full = answer(batch)
    found = dry_run(replace(full, rows=full.rows[:1]).bytes())
    assert (found.missing.count, found.missing.yuan, found.paid.count) == (1, 1000, 1)


@pytest.mark.req("D4")
def test_a_late_return_is_recorded_on_top_of_the_payment(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch).bytes())
    desk.apply(answer(batch, "BOUNCED").bytes())
    line = batch.lines.select_related("application").get()
    rows = ResultLine.objects.order_by("id").values_list("result", "is_settling", "is_late_return")
    assert list(rows) == [("paid", True, False), ("bounced", False, True)]
    assert (line.status, line.application.payment) == ("bounced", "bounced")
    assert line.application.card_wanted_since is not None


@pytest.mark.parametrize(
    ("change", "outcome"),
    [({"amount": "999.00"}, "amount_differs"), ({"card": "6214000000000000"}, "card_differs")],
)
def test_a_row_that_differs_is_set_aside_and_the_rest_applied(
    desk: Desk, change: dict[str, str], outcome: str
) -> None:
    batch = desk.sent(2)
    desk.apply(answer(batch).with_row(0, **change).bytes())
    assert list(batch.lines.order_by("serial").values_list("status", flat=True)) == ["sent", "paid"]
    assert ResultLine.objects.get(row=2).outcome == outcome


@pytest.mark.parametrize(
    ("first", "then", "outcome"),
    [
        ("PAID", "CLOSED", "contradicts"),
        ("PAID", "PROCESSING", "contradicts"),
        ("CLOSED", "PAID", "contradicts"),
        ("CLOSED", "PROCESSING", "contradicts"),
        ("PAID", "PAID", "already_final"),
        ("CLOSED", "NAME_MISMATCH", "already_final"),
        ("CLOSED", "BOUNCED", "already_final"),
    ],
)
def test_a_final_line_keeps_its_state(desk: Desk, first: str, then: str, outcome: str) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, first).bytes())
    before = batch.lines.get().status
    desk.apply(answer(batch, then, serial="2").bytes())
    assert batch.lines.get().status == before
    assert ResultLine.objects.latest("id").outcome == outcome


@pytest.mark.req("D5", "A3")
def test_raw_text_is_kept_sealed_and_the_audit_row_carries_the_counts(desk: Desk) -> None:
    desk.apply(answer(desk.sent(2), "CLOSED").bytes())
    row = ResultLine.objects.first()
    assert row is not None
    assert b"CLOSED" not in bytes(row.raw_text)
    data = AuditRow.objects.get(action="payout.result_apply").data
    assert (data["paid"], data["failed"]) == ({"count": 1, "yuan": 1000}, {"count": 1, "yuan": 1000})


@pytest.mark.req("D4")
def test_after_a_corrected_card_the_second_batch_pays(desk: Desk) -> None:
    desk.apply(answer(desk.sent(1), "LIMIT").bytes())
    with clock.at(make.DAY):
        second = desk.again()
    desk.apply(answer(second).bytes())
    assert list(PayoutLine.objects.order_by("id").values_list("status", flat=True)) == ["failed", "paid"]
