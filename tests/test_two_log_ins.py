"""Which log-in a process uses: the owner's for migrations and set-up, the application's for all else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import manage

ROOT = Path(__file__).resolve().parent.parent
SITE = "postgresql://site:one@localhost/subsidy"
OWNER = "postgresql://keeper:two@localhost/subsidy"
EMBEDDED_LIKE = "postgresql:///subsidy?host=/run/s&user=keeper"
SAY = """
import json, os
from django.conf import settings
base = settings.DATABASES["default"]
user = base["USER"] or base["OPTIONS"].get("user")
print(json.dumps([user, base["OPTIONS"].get("assume_role"), "SUBSIDY_OWNER" in os.environ]))
"""


def log_in(**environment: str) -> list[str | bool | None]:
    """Return the log-in, the role it assumes, and whether children would think themselves owners."""
    ours = {"DATABASE_URL": SITE, "DJANGO_SETTINGS_MODULE": "subsidy.settings", "SUBSIDY_OWNER": ""}
    inherited = dict(os.environ)
    for name in ("MIGRATION_DATABASE_URL", "APP_ROLE"):
        inherited.pop(name, None)
    env = inherited | ours | environment
    said = subprocess.run(
        [sys.executable, "-c", SAY], cwd=ROOT, env=env, capture_output=True, check=True
    ).stdout
    found: list[str | bool | None] = json.loads(said)
    return found


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ["site", "subsidy_app", False]),
        ({"SUBSIDY_OWNER": "1"}, ["site", None, False]),
        ({"MIGRATION_DATABASE_URL": OWNER}, ["site", "subsidy_app", False]),
        ({"MIGRATION_DATABASE_URL": OWNER, "SUBSIDY_OWNER": "1"}, ["keeper", None, False]),
        ({"MIGRATION_DATABASE_URL": OWNER, "APP_ROLE": "site"}, ["site", None, False]),
        ({"DATABASE_URL": EMBEDDED_LIKE}, ["keeper", "subsidy_app", False]),
        ({"DATABASE_URL": EMBEDDED_LIKE, "SUBSIDY_OWNER": "1"}, ["keeper", None, False]),
    ],
)
def test_only_a_process_called_owner_is_one(environment: dict[str, str], expected: list[object]) -> None:
    assert log_in(**environment) == expected


def manage_py(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)


def test_without_the_role_a_command_says_what_to_run_and_migrate_runs() -> None:
    refused = manage_py("create_staff", "somebody", "--name", "某人", APP_ROLE="nobody_yet")
    assert refused.returncode == 1
    assert "数据库角色 nobody_yet 还不存在" in refused.stderr
    assert "grant_app_role" in refused.stderr
    assert "Traceback" not in refused.stderr
    planned = manage_py("migrate", "--plan", APP_ROLE="nobody_yet")
    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("command", ["migrate", "grant_app_role", "sync_roles", "flush", "demo"])
def test_the_owner_s_commands_are_few_and_known(command: str) -> None:
    assert command in manage.OWNS_THE_TABLES


@pytest.mark.parametrize("command", ["import_result", "build_batch", "runserver", "load_scheme", "shell"])
def test_the_daily_commands_run_as_the_application(command: str) -> None:
    assert command not in manage.OWNS_THE_TABLES
