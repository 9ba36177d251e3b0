"""After every flow of the house, no log, queue, session, address or table holds a number in clear."""

from __future__ import annotations

import io
import logging
import logging.config
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import BinaryField

from applications.models import Event
from subsidy import clock
from subsidy.apps.upkeep.custody.columns import encrypted_columns
from subsidy.audit.models import AuditRow
from subsidy.logs import DiscreetFormatter
from subsidy.notices import queue
from subsidy.notices.models import Notice
from tests import make
from tests.custody import programs
from tests.sinks.browsing import Recorder
from tests.sinks.journey import travel
from tests.sinks.markers import MEMBER, NUMBERS, WORDS, as_json, numbers_in, words_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "personal-data.md"
COPY = re.compile(r"^COPY public\.(\w+) \((.*)\) FROM stdin;$")


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Catch what every logger says from DEBUG on, written as the site writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    wanted: dict[str, Any] = settings.LOGGING
    configured = logging.config.DictConfigurator(wanted)
    handler.setFormatter(configured.configure_formatter(dict(wanted["formatters"]["plain"])))
    root = logging.getLogger()
    loggers = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    before = [(one, one.level, one.propagate, one.disabled) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.propagate, one.disabled = True, False
    others, root.handlers = root.handlers, [handler]
    try:
        yield written
    finally:
        root.handlers = others
        for one, level, propagate, disabled in before:
            one.setLevel(level)
            one.propagate, one.disabled = propagate, disabled


def in_redis() -> list[str]:
    """Return every key and value that Redis holds: limits, caches, tasks with their arguments."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    found = []
    for key in client.scan_iter(count=500):
        value: Any = client.dump(key) or b""
        if client.type(key) == b"list":
            value = b"\n".join(client.lrange(key, 0, -1))  # type: ignore[arg-type]
        found.append(f"{key.decode('utf-8', 'replace')} {value.decode('utf-8', 'replace')}")
    return found


def dumped(folder: Path) -> dict[str, set[str]]:
    """Return what a plain pg_dump shows: column → its distinct values."""
    place = folder / "plain.sql"
    programs.run(
        "pg_dump",
        "--format=plain",
        "--data-only",
        "--file",
        place,
        programs.address(str(connection.settings_dict["NAME"])),
    )
    columns: dict[str, set[str]] = {}
    names: list[str] = []
    for line in place.read_text("utf-8").splitlines():
        if head := COPY.match(line):
            names = [f"{head[1]}." + name.strip(' "') for name in head[2].split(",")]
        elif line == "\\.":
            names = []
        elif names:
            for name, value in zip(names, line.split("\t"), strict=True):
                columns.setdefault(name, set()).add(value)
    return columns


def clear_columns() -> set[str]:
    """Return the columns that the page says hold names or employers in clear."""
    return set(re.findall(r"^\| `(\w+\.\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))


@pytest.mark.req("A2", "A3")
@pytest.mark.django_db(transaction=True)
def test_no_sink_holds_a_number_and_names_stand_where_the_page_says(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, recorder = tmp_path, Recorder()
    queue.breaker.reset()
    with clock.at(make.DAY), logged() as log:
        travel(recorder, monkeypatch)
    columns = dumped(tmp_path)
    sinks = {
        "log": log.getvalue(),
        "addresses": "\n".join(recorder.addresses),
        "refusals": "\n".join(recorder.refusals),
        "audit": as_json(list(AuditRow.objects.values())),
        "events": as_json(list(Event.objects.values())),
        "admin history": as_json(list(LogEntry.objects.values())),
        "sessions": as_json([session.get_decoded() for session in Session.objects.all()]),
        "messages": as_json(list(Notice.objects.values_list("body", flat=True))),
        "redis": "\n".join(in_redis()),
        "staff pages": "\n".join(recorder.staff_pages.values()),
    }
    assert all(len(text) > 10 for text in sinks.values()), {name: len(text) for name, text in sinks.items()}
    assert {"send_notice", "IntegrityError"} <= set(re.findall(r"\w+", sinks["redis"] + sinks["log"]))
    assert len(recorder.staff_pages) > 40
    assert {200, 302, 400, 404, 405, 422, 500} <= set(recorder.statuses)
    held = {name: numbers_in(text) for name, text in sinks.items()}
    held |= {name: numbers_in("\n".join(values)) for name, values in columns.items()}
    assert {name: found for name, found in held.items() if found} == {}
    named = {name for name in ("log", "addresses", "refusals", "redis", "audit") if words_in(sinks[name])}
    assert named == set()
    assert {name for name, values in columns.items() if words_in("\n".join(values))} == clear_columns()


def test_the_page_lists_every_sealed_column() -> None:
    listed = set(re.findall(r"^\| (?:字段|数据)密钥 \| `([\w.]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    envelopes = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_app_config("payouts").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BinaryField)
    }
    assert listed == {column.label for column in encrypted_columns()} | envelopes


def test_the_eye_sees_a_number_in_any_dress() -> None:
    resident_id, card = NUMBERS[f"resident id {MEMBER.n}"], NUMBERS[f"card {MEMBER.n}"]
    spaced = " ".join((card[:4], card[4:8], card[8:12], card[12:]))
    for text in (resident_id, resident_id.lower(), spaced, as_json([card]), "x" + card):
        assert numbers_in(text), text
    assert numbers_in(
        subprocess.run(["base64", "-w0"], input=f"aa {card} bb".encode(), capture_output=True).stdout.decode()
    )
    assert words_in("".join(f"\\u{ord(mark):04x}" for mark in MEMBER.name))
    assert not numbers_in(as_json(list(WORDS)))


@pytest.mark.req("A3")
def test_a_log_line_names_the_error_and_not_its_words() -> None:
    formatter = DiscreetFormatter("{levelname} {message}", style="{")
    try:
        try:
            raise ValueError(f"card {make.card_number(1)}")
        except ValueError as cause:
            raise RuntimeError(f"row of {MEMBER.name}") from cause
    except RuntimeError as error:
        info = (type(error), error, error.__traceback__)
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed: %r, id %s", (error, 12), info)
    line = formatter.format(record)
    assert "builtins.ValueError" in line
    assert "failed: builtins.RuntimeError, id 12" in line
    assert "test_sinks.py" in line
    assert MEMBER.name not in line
    assert make.card_number(1) not in line


def test_a_long_number_in_a_message_is_cut_to_its_last_four() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "asked %s", (make.mobile(7),), None)
    assert DiscreetFormatter().format(record) == "asked *******0007"
