"""The demonstration's generated settings and the start of its business clock."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from subsidy import embedded

BEIJING = timezone(timedelta(hours=8))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBSIDY_VAR", str(tmp_path / "var"))


def business_start() -> datetime:
    offset = timedelta(seconds=int(embedded.demo_environment()["BUSINESS_CLOCK_OFFSET"]))
    return datetime.now(BEIJING) + offset


def test_secrets_are_generated_once_and_readable_by_their_owner_only() -> None:
    first = embedded.demo_environment()
    assert embedded.demo_environment() == first
    assert first["DEMO"] == "1"
    assert len(first["DJANGO_SECRET_KEY"]) >= 50
    assert stat.S_IMODE((embedded.var_root() / "demo" / "env").stat().st_mode) == 0o600


def test_two_clones_have_different_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = embedded.demo_environment()
    monkeypatch.setenv("SUBSIDY_VAR", str(tmp_path / "other"))
    there = embedded.demo_environment()
    for name in ("DJANGO_SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY"):
        assert here[name] != there[name]


def test_the_demonstration_begins_at_ten_on_its_first_day() -> None:
    embedded.begin_business_day()
    assert abs(business_start() - datetime(2024, 6, 18, 10, tzinfo=BEIJING)) < timedelta(seconds=5)


def test_a_running_business_clock_is_kept_by_a_second_start() -> None:
    embedded.begin_business_day("2024-09-01")
    before = embedded.demo_environment()
    embedded.begin_business_day()
    assert embedded.demo_environment() == before


def test_a_new_beginning_returns_to_the_first_day() -> None:
    embedded.begin_business_day("2024-09-01")
    embedded.begin_business_day(anew=True)
    assert business_start().date().isoformat() == "2024-06-18"


def test_a_day_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="2024-06-31"):
        embedded.begin_business_day("2024-06-31")
