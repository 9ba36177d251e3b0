"""The suite's own machinery: races, the clean-up past append-only triggers, and skips that fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

ROOT = Path(__file__).resolve().parent.parent
REFUSE_TRUNCATE = """
CREATE FUNCTION suite_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$;
CREATE TRIGGER suite_stays BEFORE TRUNCATE ON django_session EXECUTE FUNCTION suite_refuse();
"""
LONG = """
import pytest

def test_short():
    pass

@pytest.mark.long
def test_of_many_minutes():
    pass
"""
SKIPS = """
import pytest

def test_runs():
    pass

def test_skips():
    pytest.skip("no browser")
"""


def test_a_race_runs_every_thread_on_its_own_connection(thread_race: Callable[..., list[object]]) -> None:
    def backend(number: int) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.1)")
            return number, cursor.fetchone()[0]

    results = thread_race(backend, times=8)
    assert [number for number, _ in results] == list(range(8))  # type: ignore[misc]
    assert len({pid for _, pid in results}) == 8  # type: ignore[misc]


def test_a_race_hands_back_what_a_thread_raised(thread_race: Callable[..., list[object]]) -> None:
    def work(number: int) -> int:
        if number == 1:
            raise ValueError("one")
        return number

    first, second, third = thread_race(work, times=3)
    assert (first, third) == (0, 2)
    assert isinstance(second, ValueError)


@pytest.mark.django_db(transaction=True)
def test_the_clean_up_passes_a_truncate_trigger_that_holds_for_everyone_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_TRUNCATE)
        try:
            cursor.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
            with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
                cursor.execute("TRUNCATE django_session")
            call_command("flush", interactive=False, verbosity=0)
            cursor.execute("SELECT count(*) FROM django_session")
            assert cursor.fetchone() == (0,)
            cursor.execute("SHOW session_replication_role")
            assert cursor.fetchone() == ("origin",)
        finally:
            cursor.execute("DROP FUNCTION suite_refuse CASCADE")


@pytest.mark.parametrize(("require_all", "code"), [("1", 1), ("0", 0)])
def test_a_skip_fails_only_where_everything_is_required(tmp_path: Path, require_all: str, code: int) -> None:
    (tmp_path / "test_skipped.py").write_text(SKIPS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
    run = subprocess.run(
        [*command, "--rootdir", tmp_path, tmp_path / "test_skipped.py"],
        cwd=ROOT,
        env=os.environ | {"REQUIRE_ALL": require_all},
        capture_output=True,
        text=True,
    )
    assert run.returncode == code, run.stdout + run.stderr
    assert "1 passed" in run.stdout
    assert "no browser" in run.stdout


@pytest.mark.parametrize(("asked", "run"), [([], "test_short"), (["--long"], "test_of_many_minutes")])
def test_a_long_test_runs_only_when_it_is_asked_for(tmp_path: Path, asked: list[str], run: str) -> None:
    (tmp_path / "test_both.py").write_text(LONG)
    options = [
        "-n",
        "0",
        "-v",
        "-p",
        "no:cacheprovider",
        "-c",
        ROOT / "pyproject.toml",
        "--rootdir",
        tmp_path,
    ]
    command = [sys.executable, "manage.py", "test", *asked, *options, tmp_path / "test_both.py"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{run} PASSED" in ran.stdout
    assert "1 passed, 1 deselected" in ran.stdout
