"""The worker's hint, the sweep behind it, and batches of several parts."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings

from payouts import queue, tasks
from payouts.formats import shapes
from payouts.services import approve_batch, export_batch, freezing, write_files
from payouts.services.downloading import plain_bytes
from subsidy import clock
from tests import make
from tests.payouts.money import Desk, answer


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the queue at a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = queue.current_app._get_current_object()
    with monkeypatch.context() as patch:
        patch.setitem(app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
        patch.setattr(app, "_pool", None)
        patch.setattr(app.amqp, "_producer_pool", None)
        yield
        app.pool.force_close_all()


def test_the_hint_and_the_schedule_name_tasks_that_exist() -> None:
    assert tasks.export.name == queue.EXPORT
    assert settings.CELERY_BEAT_SCHEDULE["payout-exports"]["task"] == tasks.finish_exports.name


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_does_not_undo_an_approval_and_the_sweep_exports(dead_broker: None) -> None:
    desk = Desk.set_up()
    batch = desk.ready(1)
    export_batch(batch, maker=desk.maker)
    with clock.at(make.DAY + timedelta(minutes=1)):
        assert tasks.finish_exports() == 1
    batch.refresh_from_db()
    assert batch.status == "exported"


@pytest.mark.django_db(transaction=True)
def test_the_hint_leaves_only_after_the_approval_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk.set_up()
    batch = desk.frozen(1)
    seen: list[str] = []

    def hint(batch_id: int) -> None:
        batch.refresh_from_db()
        seen.append(batch.status)

    monkeypatch.setattr(queue, "hint_export", hint)
    approve_batch(batch, checker=desk.checker)
    assert seen == ["approved"]


@pytest.mark.req("D2")
def test_many_lines_become_numbered_parts_that_add_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "LINES_PER_PART", 2)
    monkeypatch.setattr(freezing, "CHUNK", 2)
    batch = desk.sent(5)
    parts = batch.files.filter(format="txt").order_by("part")
    heads = [plain_bytes(part).decode("gb18030").split("\r\n")[0].split("|")[2:6] for part in parts]
    said = json.loads(plain_bytes(batch.files.get(format="json")))
    assert [part.name[-7:] for part in parts] == ["001.txt", "002.txt", "003.txt"]
    assert heads == [["1", "3", "2", "2000.00"], ["2", "3", "2", "2000.00"], ["3", "3", "1", "1000.00"]]
    assert sum(part["lines"] for part in said["parts"]) == said["lines"] == 5
    desk.apply(answer(batch).bytes())
    assert set(batch.lines.values_list("status", flat=True)) == {"paid"}


def test_one_batch_in_trouble_does_not_hold_up_the_others(desk: Desk) -> None:
    first, second = desk.ready(1), desk.ready(1)
    first.lines.update(status="cancelled")
    with clock.at(make.DAY + timedelta(minutes=1)):
        assert tasks.finish_exports() == 1
        assert write_files(second.pk) is False
    first.refresh_from_db()
    assert first.status == "approved"
