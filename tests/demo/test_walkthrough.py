"""The demonstration as a newcomer starts it, and every ground walked by its own door to 已到账 against it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from subsidy.demo.people import person
from subsidy.demo.walk import DOORS, newcomers
from tests import make

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "DATABASE_URL MIGRATION_DATABASE_URL REDIS_URL DEMO DJANGO_DEBUG DJANGO_SECRET_KEY FIELD_KEYS "
    "BLIND_INDEX_KEY DJANGO_ALLOWED_HOSTS SECURE_SSL_REDIRECT SUBSIDY_STARTED BUSINESS_DATE PORT"
)
STARTS_WITHIN = 180.0
STEPS = 28


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def environment(var: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in OURS.split()}
    return plain | {"SUBSIDY_VAR": str(var), "MEDIA_ROOT": str(var / "media")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Start `demo` as its own process and stop it as Ctrl-C does."""
    port, log = free_port(), tmp_path / "demo.log"
    with log.open("wb") as out:
        demo = subprocess.Popen(
            manage("demo", "--members", "30", "--port", str(port)),
            env=environment(tmp_path),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + STARTS_WITHIN
        while "就绪：" not in log.read_text("utf-8"):
            assert demo.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0, log.read_text("utf-8")


@pytest.mark.req("F1", "F2", "F3", "F4", "E3", "E4", "V1", "D1", "D2", "D3", "A7")
def test_every_ground_is_walked_by_its_own_door_to_the_card(served: str, tmp_path: Path) -> None:
    walk = subprocess.run(
        manage("walkthrough", "--json"),  # it knows where this clone serves
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(walk.stdout)
    assert (walk.returncode, told["error"], len(told["steps"])) == (0, "", STEPS)
    assert [step["seen"] for step in told["steps"][-4:]] == ["已到账"] * 4
    walked = {step["case"] for step in told["steps"]}
    assert {door.title for door in DOORS} <= walked
    books = subprocess.run(
        manage("verify_books"), env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (books.returncode, "账目相符" in books.stdout) == (0, True)
    assert "短信 → " in (tmp_path / "demo.log").read_text("utf-8")


@pytest.mark.django_db
def test_the_walk_ends_with_the_step_that_failed(settings: LazySettings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match=r"✗  1 〔.+〕会员用短信验证码登录：连不上"):
        call_command("walkthrough", "--base-url", "http://127.0.0.1:9")


@pytest.mark.django_db
def test_every_walk_is_of_people_the_clone_does_not_know_yet() -> None:
    first = newcomers(2)
    make.member(first[0].serial, resident_id=first[0].resident_id)
    assert newcomers(2) == [first[1], person(first[1].serial - 1)]


def test_the_walk_is_for_a_demonstration_only(settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="只用于演示环境"):
        call_command("walkthrough")
