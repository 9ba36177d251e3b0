"""A real backup: dumped, restored into a new database, checked with the right and the wrong keys."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from tests.custody import programs, year

ROOT = Path(__file__).resolve().parents[2]
OTHER = base64.b64encode(b"another 32 byte key, not the old").decode()

pytestmark = [pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Restored:
    """A restored copy: its database and its media."""

    database: str
    media: Path

    def checked(self, **environment: str) -> tuple[int, dict[str, Any]]:
        """Run the command as an operator does, and return its exit code and report."""
        place = {"DATABASE_URL": programs.address(self.database), "MEDIA_ROOT": str(self.media)}
        done = subprocess.run(
            [sys.executable, "manage.py", "backup_check", "--json"],
            cwd=ROOT,
            env=os.environ | place | environment,
            capture_output=True,
            text=True,
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def restored(
    application_role: None, django_db_blocker: Any, _flush_as_owner: None, tmp_path_factory: Any
) -> Iterator[Restored]:
    """Back up a begun year with pg_dump and a copy of its media, and restore both elsewhere."""
    folder = tmp_path_factory.mktemp("backup")
    with django_db_blocker.unblock():
        source = connection.settings_dict["NAME"]
        copy = f"{source}_restored"
        with override_settings(MEDIA_ROOT=folder / "media"):
            year.begun()
        programs.run("pg_dump", "-Fc", "-f", folder / "year.dump", "-d", programs.address(source))
        shutil.copytree(folder / "media", folder / "restored-media")
        call_command("flush", interactive=False, verbosity=0)
        _recreate(copy)
        restore = ("--no-owner", "--exit-on-error", "-d", programs.address(copy), folder / "year.dump")
        programs.run("pg_restore", *restore)
        yield Restored(copy, folder / "restored-media")
        _drop(copy)


@pytest.fixture
def changed_media(restored: Restored, tmp_path: Path) -> Callable[[], Restored]:
    """Give a function that returns the copy with one attachment overwritten."""

    def changed() -> Restored:
        media = tmp_path / "media"
        shutil.copytree(restored.media, media)
        stored = next((media / "attachments").iterdir())
        stored.write_bytes(b"\0" * stored.stat().st_size)
        return Restored(restored.database, media)

    return changed


def _recreate(database: str) -> None:
    _drop(database)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(database)} TEMPLATE template0")


def _drop(database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(database)} WITH (FORCE)")


@pytest.mark.req("A8")
def test_a_restored_backup_opens_with_its_keys_and_goes_with_its_files(restored: Restored) -> None:
    code, report = restored.checked()
    assert (code, report["findings"]) == (0, [])
    counted = ("values", "digests", "data_keys", "payout_files", "result_rows", "attachments")
    assert all(report["checked"][what] > 0 for what in counted), report["checked"]


@pytest.mark.req("A8")
def test_a_backup_without_its_field_key_is_told_which_key_is_missing(restored: Restored) -> None:
    code, report = restored.checked(FIELD_KEYS=f"k1:{OTHER}")
    assert code == 1
    (finding,) = report["findings"]
    assert finding["check"] == "field-key"
    assert "FIELD_KEYS 里的 k1" in finding["message"]


@pytest.mark.req("A8")
def test_a_backup_without_its_digest_key_is_told_so(restored: Restored) -> None:
    code, report = restored.checked(BLIND_INDEX_KEY=OTHER)
    assert code == 1
    (finding,) = report["findings"]
    assert finding["check"] == "digest-key"
    assert "BLIND_INDEX_KEY" in finding["message"]


@pytest.mark.req("A8")
def test_a_backup_with_other_media_names_the_attachment(changed_media: Callable[[], Restored]) -> None:
    code, report = changed_media().checked()
    assert code == 1
    (finding,) = report["findings"]
    assert (finding["check"], finding["count"]) == ("attachment", 1)
    assert finding["rows"][0].startswith("applications.attachment:")


@pytest.mark.req("A8")
def test_a_restored_backup_still_has_its_sealed_audit_and_its_books(restored: Restored) -> None:
    place = {"DATABASE_URL": programs.address(restored.database), "MEDIA_ROOT": str(restored.media)}
    for command in ("verify_audit", "verify_books"):
        done = subprocess.run(
            [sys.executable, "manage.py", command, "--json"],
            cwd=ROOT,
            env=os.environ | place,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
