"""Writing the files of a batch, and handing them out."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from payouts import tasks
from payouts.models import PayoutFile
from payouts.services import cancel_batch, download, export_batch, write_files
from payouts.services.downloading import plain_bytes
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden
from tests import make
from tests.payouts.money import Desk, as_owner_without_triggers, run, text_file
from tests.racing import race


@pytest.mark.req("D2")
def test_an_approved_batch_becomes_text_workbook_and_manifest_and_its_lines_are_sent(desk: Desk) -> None:
    batch = desk.sent(2)
    assert list(batch.files.values_list("name", "line_count", "total")) == [
        ("ZT2024-B0001.manifest.json", 2, 2000),
        ("ZT2024-B0001-001.txt", 2, 2000),
        ("ZT2024-B0001-001.xlsx", 2, 2000),
    ]
    assert batch.status == "exported"
    assert set(batch.lines.values_list("status", flat=True)) == {"sent"}


@pytest.mark.req("D2")
def test_the_text_file_has_header_lines_and_trailer_in_gb18030_with_crlf(desk: Desk) -> None:
    batch = desk.sent(1)
    line = batch.lines.select_related("application").get()
    card = line.application.card_number
    assert plain_bytes(text_file(batch)).decode("gb18030") == (
        "H|ZT2024-B0001|1|1|1|1000.00|2024-06-18T10:00:00+08:00\r\n"
        f"D|{line.line_ref}|王建国|{card}|1000.00|2024年职工职业发展助推金\r\n"
        "T|1|1000.00\r\n"
    )


@pytest.mark.req("D2", "D5")
def test_the_manifest_names_every_part_with_its_hash_and_the_totals(desk: Desk) -> None:
    batch = desk.sent(2)
    said = json.loads(plain_bytes(batch.files.get(format="json")))
    part, workbook = text_file(batch), batch.files.get(format="xlsx")
    assert said == {
        "batch": "ZT2024-B0001",
        "scheme": 2024,
        "scheme_hash": desk.scheme.fingerprint,
        "lines": 2,
        "total": 2000,
        "card_hash_total": batch.card_hash_total,
        "maker": desk.maker.username,
        "approver": desk.checker.username,
        "parts": [{"file": part.name, "sha256": part.sha256, "lines": 2, "total": 2000}],
        "workbooks": [{"file": workbook.name, "sha256": workbook.sha256, "lines": 2, "total": 2000}],
    }


@pytest.mark.req("A2")
def test_stored_bytes_are_sealed_and_the_hash_is_of_the_plain_ones(desk: Desk) -> None:
    file = text_file(desk.sent(1))
    assert b"ZT2024" not in bytes(file.content)
    assert hashlib.sha256(plain_bytes(file)).hexdigest() == file.sha256


def test_exporting_again_changes_nothing(desk: Desk) -> None:
    batch = desk.sent(1)
    before = list(batch.files.values_list("id", "sha256"))
    assert write_files(batch.pk) is False
    export_batch(batch, maker=desk.maker)
    assert list(batch.files.values_list("id", "sha256")) == before


def test_a_frozen_batch_is_not_exported(desk: Desk) -> None:
    batch = desk.frozen(1)
    assert write_files(batch.pk) is False
    with pytest.raises(Conflict, match="不能导出"):
        export_batch(batch, maker=desk.maker)
    assert not PayoutFile.objects.exists()


def test_only_a_maker_asks_for_the_files(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        export_batch(desk.ready(1), maker=desk.checker)


@pytest.mark.django_db(transaction=True)
def test_workers_that_run_the_task_at_once_write_one_set_of_files() -> None:
    desk = Desk.set_up()
    batch = desk.ready(1)
    results = race(lambda _: tasks.export(batch.pk), times=4)
    assert sorted(results) == [False, False, False, True]
    assert batch.files.count() == 3


@pytest.mark.django_db(transaction=True)
def test_export_and_cancel_at_once_leave_one_winner() -> None:
    desk = Desk.set_up()
    batch = desk.ready(1)
    works = [lambda: write_files(batch.pk), lambda: cancel_batch(batch, by=desk.maker, note="停发")]
    race(lambda number: works[number](), times=2)
    batch.refresh_from_db()
    assert (batch.status, batch.files.count()) in [("exported", 3), ("cancelled", 0)]


def test_the_sweep_exports_what_a_lost_broker_dropped(desk: Desk) -> None:
    batch = desk.ready(1)
    with clock.at(make.DAY + timedelta(seconds=31)):
        assert tasks.finish_exports() == 1
    batch.refresh_from_db()
    assert batch.status == "exported"


def test_the_sweep_leaves_the_worker_its_head_start(desk: Desk) -> None:
    desk.ready(1)
    with clock.at(make.DAY + timedelta(seconds=29)):
        assert tasks.finish_exports() == 0


@pytest.mark.req("D2", "A3")
@pytest.mark.parametrize("who", ["maker", "checker"])
def test_every_download_is_an_event(desk: Desk, who: str) -> None:
    file = text_file(desk.sent(1))
    user: StaffUser = getattr(desk, who)
    assert download(file, by=user, ip="10.1.2.3") == plain_bytes(file)
    download(file, by=user)
    rows = AuditRow.objects.filter(action="payout.download", target=f"payout-file:{file.pk}")
    assert list(rows.order_by("id").values_list("actor_id", "ip")) == [(user.pk, "10.1.2.3"), (user.pk, None)]


def test_others_cannot_download(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        download(text_file(desk.sent(1)), by=desk.reviewer)
    assert not AuditRow.objects.filter(action="payout.download").exists()


def test_an_altered_file_is_not_handed_out(desk: Desk) -> None:
    file = text_file(desk.sent(1))
    with as_owner_without_triggers():
        run("UPDATE payouts_payoutfile SET content = set_byte(content, 40, 0) WHERE id = %s", [file.pk])
    file.refresh_from_db()
    with pytest.raises(Conflict, match="SHA-256"):
        download(file, by=desk.maker)
