"""Finance in the admin: each role sees its own buttons, and every step is a POST that a service judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from payouts.models import PayoutBatch, ResultFile
from payouts.services.downloading import plain_bytes
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.spreadsheets import WORKBOOK_TYPE
from tests import make
from tests.payouts.money import Desk, answer, text_file, unpacked
from tests.payouts.outside_reader import read_pack, workbook_result

BATCH, RESULT = "admin:payouts_payoutbatch", "admin:payouts_resultfile"


def client_of(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: StaffUser, name: str, *args: Any, status: int = 200) -> str:
    with clock.at(make.DAY):
        response = client_of(user).get(reverse(name, args=args))
    assert response.status_code == status
    return response.content.decode()


def post(user: StaffUser, name: str, *args: Any, status: int = 200, **data: Any) -> str:
    with clock.at(make.DAY):
        response = client_of(user).post(reverse(name, args=args), data, follow=True)
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.req("D1")
def test_a_maker_builds_a_batch_from_what_is_payable(desk: Desk) -> None:
    desk.approved(2)
    assert "把这 2 人编成批次" in page(desk.maker, f"{BATCH}_build")
    text = post(desk.maker, f"{BATCH}_build", scheme=desk.scheme.pk)
    assert "已建批次 ZT2024-B0001：2 人，2,000 元" in text


def test_building_with_nothing_payable_says_so(desk: Desk) -> None:
    assert "现在没有可以发放的申报" in page(desk.maker, f"{BATCH}_build")
    assert "现在没有可以发放的申报" in post(desk.maker, f"{BATCH}_build", scheme=desk.scheme.pk)
    assert not PayoutBatch.objects.exists()


@pytest.mark.req("P1")
def test_building_past_the_budget_ceiling_warns(desk: Desk) -> None:
    desk.approved(2)
    definition = desk.scheme.definition | {"budget_ceiling": 1500}
    rules = type(desk.scheme.rules).from_mapping(definition)
    type(desk.scheme).objects.filter(pk=desk.scheme.pk).update(
        definition=rules.to_mapping(), fingerprint=rules.fingerprint()
    )
    assert "会超出预算上限" in page(desk.maker, f"{BATCH}_build")


@pytest.mark.req("D2", "D3")
def test_the_whole_way_of_a_batch_through_the_pages(desk: Desk) -> None:
    batch = desk.built(2)
    assert "已冻结：2 人，2,000 元" in post(desk.maker, f"{BATCH}_freeze", batch.pk)
    assert "已批准" in post(desk.checker, f"{BATCH}_approve", batch.pk)
    assert "后台导出" in post(desk.maker, f"{BATCH}_export", batch.pk)
    desk.send(batch)
    upload = SimpleUploadedFile("回盘.txt", answer(batch, "CLOSED").bytes())
    assert "等财务复核应用" in post(desk.maker, f"{RESULT}_upload", file=upload)
    assert "应用回盘结果" in page(desk.checker, f"{BATCH}_change", batch.pk)
    text = post(desk.checker, f"{RESULT}_apply", ResultFile.objects.get().pk)
    assert "1 人到账 1,000 元，1 人失败 1,000 元" in text
    batch.refresh_from_db()
    assert batch.status == "settled"


BUTTONS = [
    ("built", "maker", "冻结批次", True),
    ("built", "checker", "冻结批次", False),
    ("frozen", "checker", "批准 1,000.00 元", True),
    ("frozen", "maker", "批准 1,000.00 元", False),
    ("ready", "maker", "导出送卡系统</button>", True),
    ("sent", "maker", "导入回盘文件", True),
    ("sent", "checker", "导入回盘文件", False),
]


@pytest.mark.parametrize(("state", "who", "button", "is_shown"), BUTTONS)
def test_a_button_is_shown_to_whoever_may_press_it(
    desk: Desk, state: str, who: str, button: str, is_shown: bool
) -> None:
    batch = getattr(desk, state)(1)
    assert (button in page(getattr(desk, who), f"{BATCH}_change", batch.pk)) is is_shown


def test_an_auditor_reads_a_batch_and_finds_no_button(desk: Desk) -> None:
    batch = desk.sent(1)
    text = page(make.staff(Role.AUDITOR), f"{BATCH}_change", batch.pk)
    assert text_file(batch).name in text
    assert 'class="btn btn-main"' not in text
    assert reverse(f"{BATCH}_download", args=[batch.pk, text_file(batch).pk]) not in text


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HOTLINE, Role.ADMINISTRATOR])
@pytest.mark.parametrize("name", ["payoutbatch", "payoutline", "resultfile", "recovery"])
def test_other_roles_do_not_see_money(desk: Desk, role: Role, name: str) -> None:
    assert page(make.staff(role), f"admin:payouts_{name}_changelist", status=403)


@pytest.mark.req("A1")
@pytest.mark.parametrize("deed", ["freeze", "approve", "export", "cancel"])
def test_other_roles_cannot_act_on_a_batch(desk: Desk, deed: str) -> None:
    batch = desk.built(1)
    post(desk.reviewer, f"{BATCH}_{deed}", batch.pk, status=403, note="x")
    batch.refresh_from_db()
    assert batch.status == "open"


@pytest.mark.parametrize("deed", ["freeze", "approve", "export", "cancel"])
def test_looking_never_acts(desk: Desk, deed: str) -> None:
    batch = desk.built(1)
    page(desk.maker, f"{BATCH}_{deed}", batch.pk, status=405)
    batch.refresh_from_db()
    assert batch.status == "open"


def test_a_refused_step_says_why_and_changes_nothing(desk: Desk) -> None:
    batch = desk.frozen(1)
    assert "批准批次要由“财务复核”办理" in post(desk.maker, f"{BATCH}_approve", batch.pk)
    batch.refresh_from_db()
    assert batch.status == "frozen"


def test_cancelling_without_a_reason_asks_for_it(desk: Desk) -> None:
    batch = desk.built(1)
    assert 'href="#id_note"' in post(desk.maker, f"{BATCH}_cancel", batch.pk, note="", status=422)
    assert "已取消" in post(desk.maker, f"{BATCH}_cancel", batch.pk, note="账户换行")


def test_lines_set_aside_at_freezing_are_named(desk: Desk) -> None:
    batch = desk.built(2)
    bad = batch.lines.earliest("serial")
    Application.objects.filter(pk=bad.application_id).update(card_number="1")
    text = post(desk.maker, f"{BATCH}_freeze", batch.pk)
    assert bad.line_ref in text
    assert "1 条不能发放已放回" in text


@pytest.mark.req("D2")
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [("txt", "text/plain"), ("xlsx", WORKBOOK_TYPE), ("json", "application/json")],
)
def test_a_file_is_downloaded_byte_for_byte_and_the_page_names_the_first(
    desk: Desk, suffix: str, kind: str
) -> None:
    file = desk.sent(1).files.get(format=suffix)
    with clock.at(make.DAY):
        response = client_of(desk.maker).post(reverse(f"{BATCH}_download", args=[file.batch_id, file.pk]))
    assert response.content == plain_bytes(file)
    assert response["Content-Disposition"] == f'attachment; filename="{file.name}"'
    assert response["Content-Type"].startswith(kind)
    assert "no-store" in response["Cache-Control"]
    assert AuditRow.objects.get(action="payout.download").actor_id == desk.maker.pk
    assert "6月18日 10:00 测试员" in page(desk.checker, f"{BATCH}_change", file.batch_id)


def test_a_file_of_another_batch_is_not_found(desk: Desk) -> None:
    file, other = text_file(desk.sent(1)), desk.sent(1)
    post(desk.maker, f"{BATCH}_download", other.pk, file.pk, status=404)
    assert not AuditRow.objects.filter(action="payout.download").exists()


@pytest.mark.req("D3")
def test_a_held_file_comes_back_with_the_exact_reason(desk: Desk) -> None:
    content = answer(desk.sent(2)).bytes().replace(b"T|2|2000.00", b"T|2|1000.00")
    upload = SimpleUploadedFile("a.txt", content)
    text = post(desk.maker, f"{RESULT}_upload", file=upload, status=422)
    assert "末行写到账 1000.00 元，逐行合计 2000.00 元。整个文件没有导入。" in text
    assert not ResultFile.objects.exists()


@pytest.mark.req("D3")
@pytest.mark.parametrize("fields", [{}, {"count": "2"}, {"count": "x", "paid": "1"}])
def test_an_upload_without_what_it_needs_names_the_field(desk: Desk, fields: dict[str, str]) -> None:
    upload = {"file": SimpleUploadedFile("a.txt", b"x")} if fields else {}
    assert "文件没有导入" in post(desk.maker, f"{RESULT}_upload", status=422, **fields, **upload)


@pytest.mark.req("D3")
def test_a_workbook_without_its_letter_is_asked_for_count_and_yuan(desk: Desk, tmp_path: Path) -> None:
    desk.sent(2)
    lines = read_pack(unpacked(PayoutBatch.objects.get(), tmp_path)).workbook
    content = workbook_result(lines, {lines[0].ref: "E107"})
    text = post(desk.maker, f"{RESULT}_upload", file=SimpleUploadedFile("a.xlsx", content), status=422)
    assert 'class="fold" open' in text
    assert 'href="#id_count"' in text
    upload = SimpleUploadedFile("a.xlsx", content)
    assert "等财务复核应用" in post(desk.maker, f"{RESULT}_upload", file=upload, count="2", paid="1000")


@pytest.mark.req("D3")
def test_the_preview_shows_counts_reasons_and_rows_set_aside(desk: Desk) -> None:
    batch = desk.sent(3)
    result = answer(batch, "E102", "PAID").with_row(1, amount="999.00")
    staged = desk.stage(result.bytes())
    text = page(desk.checker, f"{RESULT}_change", staged.pk)
    for words in ("户名不符", "会员改卡或确认卡号", "金额不同", result.rows[1][0], "1 人收到短信改卡"):
        assert words in text


def test_an_applied_file_shows_what_it_did(desk: Desk) -> None:
    applied = desk.apply(answer(desk.sent(3), "CLOSED", "PROCESSING").bytes())
    text = page(desk.maker, f"{RESULT}_change", applied.pk)
    assert "已销户" in text
    assert "应用回盘结果</button>" not in text


def test_the_importer_is_not_offered_to_apply_but_may_send_it_back(desk: Desk) -> None:
    staged = desk.stage(answer(desk.sent(1)).bytes())
    text = page(desk.maker, f"{RESULT}_change", staged.pk)
    assert "应用回盘结果</button>" not in text
    assert "要写明原因" in post(desk.maker, f"{RESULT}_discard", staged.pk)
    assert "账目没有变化" in post(desk.maker, f"{RESULT}_discard", staged.pk, note="发错了")
    staged.refresh_from_db()
    assert staged.status == "discarded"


@pytest.mark.req("A2")
def test_no_page_shows_a_full_card_number(desk: Desk) -> None:
    batch = desk.sent(1)
    staged = desk.stage(answer(batch, "PAID").with_row(0, card="6214999999999999").bytes())
    line = batch.lines.select_related("application").get()
    pages = [
        page(desk.checker, f"{BATCH}_change", batch.pk),
        page(desk.checker, f"{RESULT}_change", staged.pk),
        page(desk.checker, "admin:payouts_payoutline_change", line.pk),
        page(desk.checker, "admin:payouts_payoutline_changelist"),
    ]
    for text in pages:
        assert (line.application.card_number or "none") not in text
        assert "6214999999999999" not in text


@pytest.mark.parametrize("term", ["line_ref", "batch", "application"])
def test_lines_are_found_by_any_of_their_numbers(desk: Desk, term: str) -> None:
    line = desk.sent(1).lines.select_related("application", "batch").get()
    desk.built(1)
    number = {"line_ref": line.line_ref, "batch": line.batch.number, "application": line.application.number}
    with clock.at(make.DAY):
        url = reverse("admin:payouts_payoutline_changelist")
        response = client_of(desk.checker).get(url, {"q": number[term].lower()})
    assert list(response.context["cl"].result_list) == [line]


@pytest.mark.parametrize("name", ["payoutbatch", "payoutline", "resultfile"])
def test_a_list_asks_the_database_no_more_for_more_rows(desk: Desk, name: str) -> None:
    url, client = reverse(f"admin:payouts_{name}_changelist"), client_of(desk.checker)
    counts = []
    for _ in range(2):
        desk.apply(answer(desk.sent(2)).bytes())
        with (
            clock.at(make.DAY),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0]


@pytest.mark.req("A5")
def test_the_dashboard_of_finance_says_where_every_yuan_is(desk: Desk) -> None:
    desk.apply(answer(desk.sent(2), "CLOSED").bytes())
    desk.approved(1)
    text = page(desk.maker, "admin:index")
    assert "3 人，3,000 元" in text
    assert "有 1 人可以发放，共 1,000 元" in text
    assert "与已通过一致" in text


def test_the_checkers_dashboard_leads_to_what_waits_for_a_second_person(desk: Desk) -> None:
    desk.stage(answer(desk.sent(1)).bytes())
    assert "复核回盘结果" in page(desk.checker, "admin:index")
