"""An installation that would give its people away does not start, and says which variable is wrong."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import checks

from subsidy.startup import RULES, faults

ROOT = Path(__file__).resolve().parents[2]


def key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


SOUND: dict[str, Any] = {
    "DEMO": False,
    "DEBUG": False,
    "SECRET_KEY": "an invented secret, 0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_KEYS": [("k2", key("two")), ("k1", key("one"))],
    "BLIND_INDEX_KEY": key("index"),
    "ALLOWED_HOSTS": ["subsidy.example.org"],
    "CSRF_TRUSTED_ORIGINS": ["https://subsidy.example.org"],
    "DATABASE_URL": "postgresql://app:invented@db/subsidy",
    "REDIS_URL": "redis://:invented@redis:6379/0",
    "SECURE_SSL_REDIRECT": True,
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
}
UNSOUND: list[tuple[str, dict[str, Any]]] = [
    ("subsidy.E010", {"SECRET_KEY": "short"}),
    ("subsidy.E010", {"SECRET_KEY": "ab" * 40}),
    ("subsidy.E011", {"FIELD_KEYS": [("k1", b"\0" * 32)]}),
    ("subsidy.E011", {"BLIND_INDEX_KEY": b"01234567" * 4}),
    ("subsidy.E012", {"BLIND_INDEX_KEY": key("one")}),
    ("subsidy.E012", {"FIELD_KEYS": [("k2", key("one")), ("k1", key("one"))]}),
    ("subsidy.E013", {"DEMO": True}),
    ("subsidy.E013", {"DEMO": True, "ALLOWED_HOSTS": ["localhost", "*"]}),
    ("subsidy.E013", {"DEMO": True, "ALLOWED_HOSTS": ["203.0.114.7"]}),
    ("subsidy.E014", {"DEBUG": True}),
    ("subsidy.E015", {"ALLOWED_HOSTS": []}),
    ("subsidy.E015", {"ALLOWED_HOSTS": ["*"]}),
    ("subsidy.E015", {"ALLOWED_HOSTS": ["subsidy.example.org", ".cn"]}),
    ("subsidy.E016", {"REDIS_URL": "redis://:change-me@redis:6379/0"}),
    ("subsidy.E016", {"DATABASE_URL": "postgresql://app:change-me@db/subsidy"}),
    ("subsidy.W010", {"REDIS_URL": "redis://redis:6379/0"}),
    ("subsidy.W011", {"ALLAUTH_TRUSTED_PROXY_COUNT": 0}),
    ("subsidy.W012", {"CSRF_TRUSTED_ORIGINS": ["https://*.example.org"]}),
    ("subsidy.W012", {"CSRF_TRUSTED_ORIGINS": ["http://subsidy.example.org"]}),
]


def broken(**changes: Any) -> list[str]:
    return [rule.id for rule, _ in faults(SOUND | changes)]


def test_a_sound_installation_breaks_no_rule() -> None:
    assert broken() == []


@pytest.mark.parametrize(("rule", "changes"), UNSOUND)
def test_each_fault_is_found_by_its_own_rule(rule: str, changes: dict[str, Any]) -> None:
    assert broken(**changes) == [rule]


def test_every_rule_is_shown_at_work_and_says_what_to_do() -> None:
    assert {rule.id for rule in RULES} == {rule for rule, _ in UNSOUND}
    assert all(rule.hint for rule in RULES)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.3.4", "demo.test", "laptop"])
def test_a_demonstration_may_stay_at_home(host: str) -> None:
    assert broken(DEMO=True, ALLOWED_HOSTS=[host], SECRET_KEY="x", FIELD_KEYS=[("k1", b"0" * 32)]) == []


def test_no_sentence_repeats_a_secret() -> None:
    weak = {"SECRET_KEY": "hunter2", "BLIND_INDEX_KEY": b"hunter23" * 4, "DATABASE_URL": "x://a:change-me@b"}
    said = " ".join(sentence for _, sentence in faults(SOUND | weak))
    assert "hunter2" not in said
    assert "change-me" not in said


def test_the_check_reports_the_same_rules(settings: Any) -> None:
    settings.SECRET_KEY, settings.REDIS_URL = "short", "redis://redis/0"
    found = {one.id: one.level for one in checks.run_checks(tags=[checks.Tags.security])}
    assert (found["subsidy.E010"], found["subsidy.W010"]) == (checks.ERROR, checks.WARNING)


def started(**changes: str) -> subprocess.CompletedProcess[str]:
    """Start the process that serves, as gunicorn does, and let it go at once."""
    sound = {
        "DEMO": "0",
        "DJANGO_DEBUG": "0",
        "DJANGO_SECRET_KEY": SOUND["SECRET_KEY"],
        "FIELD_KEYS": f"k1:{base64.b64encode(key('one')).decode()}",
        "BLIND_INDEX_KEY": base64.b64encode(key("index")).decode(),
        "DJANGO_ALLOWED_HOSTS": "subsidy.example.org",
        "REDIS_URL": SOUND["REDIS_URL"],
        "DATABASE_URL": settings.DATABASE_URL,
    }
    environment = os.environ | sound | changes
    command = [sys.executable, "-c", "import subsidy.wsgi; print('serves')"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_sound_process_serves() -> None:
    assert started().stdout == "serves\n"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DJANGO_SECRET_KEY", "short"),
        ("BLIND_INDEX_KEY", base64.b64encode(key("one")).decode()),
        ("DJANGO_ALLOWED_HOSTS", "*"),
    ],
)
def test_an_unsound_process_does_not_serve_and_names_the_variable(variable: str, value: str) -> None:
    done = started(**{variable: value})
    assert done.returncode != 0
    assert variable in done.stderr
    assert value not in done.stderr.splitlines()[-1] or value == "*"
