#!/usr/bin/env python3
"""Django's command line; on a bare Python it first fills `.venv` from the lock and goes on inside it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / ".installed.json"
OLDEST = (3, 11)
STACK = ("django", "rest_framework", "celery", "psycopg", "environ")
TOOLS = ("pytest", "ruff", "mypy")
NEEDS_TEST_TOOLS = ("test", "install")
RUNS_WITHOUT_SERVERS = {"check", "collectstatic", "diffsettings", "help", "makemessages", "version"}
OWNS_THE_TABLES = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "flush"}
OWNS_THE_TABLES |= {"grant_app_role", "sync_roles", "remove_stale_contenttypes", "demo"}
LOOKS_ONLY = {"--help", "-h", "--version", "--check"}


def main(arguments: list[str]) -> None:
    """Install if needed, start the servers if needed, then hand over to pytest or Django."""
    os.environ.setdefault("SUBSIDY_STARTED", str(time.time()))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subsidy.settings")
    command = arguments[0] if arguments else "help"
    _be_in_right_python(command, arguments)
    if command == "install":
        return
    if command == "test":
        _run([sys.executable, "-m", "pytest", "-n", "auto", *_chosen(arguments[1:])])
    if command not in RUNS_WITHOUT_SERVERS and not LOOKS_ONLY.intersection(arguments):
        _start_servers(command, arguments)
    os.environ["SUBSIDY_OWNER"] = "1" if command in OWNS_THE_TABLES else ""  # the settings take it out again
    _hand_over()


def _chosen(arguments: list[str]) -> list[str]:
    """Read `--long` as the tests that the normal run leaves out, and only these."""
    asked = [one for one in arguments if one != "--long"]
    return asked if asked == arguments else ["-m", "long", *asked]


def _hand_over() -> None:
    """Run Django's command; when the database lacks the application's role, say what to run."""
    try:
        importlib.import_module("django.core.management").execute_from_command_line(sys.argv)
    except Exception as error:
        advice = importlib.import_module("subsidy.database_roles").advice(error)
        if not advice:
            raise
        sys.exit(advice)


def _start_servers(command: str, arguments: list[str]) -> None:
    embedded = importlib.import_module("subsidy.embedded")
    try:
        embedded.ensure()
        if command == "demo" and "DATABASE_URL" not in os.environ:
            embedded.begin_business_day(_asked_day(arguments), anew="--reset" in arguments)
    except (embedded.EmbeddedError, ValueError) as error:
        sys.exit(f"{error}")


def _asked_day(arguments: list[str]) -> str:
    """Return the value of `--date`: settings read the clock's offset before the command can."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--date="):
            return argument.partition("=")[2]
        if argument == "--date" and position + 1 < len(arguments):
            return arguments[position + 1]
    return ""


def _be_in_right_python(command: str, arguments: list[str]) -> None:
    """Go on inside `.venv`, made and filled from the lock, unless another Python already has Django."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    with_tools = command in NEEDS_TEST_TOOLS
    if not inside and all(map(importlib.util.find_spec, STACK + TOOLS * with_tools)):
        return
    lock = ROOT / ("requirements-dev.lock" if with_tools else "requirements.lock")
    if not _is_installed(lock):
        _install(lock)
    elif inside:
        return
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *arguments])  # noqa: S606 - our own file


def _is_installed(lock: Path) -> bool:
    try:
        known = json.loads(INSTALLED.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return PYTHON.exists() and known.get(lock.name) == _digest(lock)


def _install(lock: Path) -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"需要 Python {OLDEST[0]}.{OLDEST[1]} 或更新的版本，当前是 {sys.version.split()[0]}。")
    began = time.time()
    print(f"正在按 {lock.name} 安装依赖到 .venv …", flush=True)
    if not PYTHON.exists() and subprocess.call([sys.executable, "-m", "venv", str(VENV)]) != 0:
        sys.exit("无法建立 .venv：请先安装 Python 的 venv 模块（Debian：apt-get install python3-venv）。")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--require-hashes", "-r", str(lock)]) != 0:
        sys.exit("依赖没有装全：请检查网络或软件源后重试。")
    names = {lock.name, "requirements.lock"}  # the test tools come on top of the runtime's packages
    INSTALLED.write_text(json.dumps({name: _digest(ROOT / name) for name in sorted(names)}), "utf-8")
    os.environ["SUBSIDY_INSTALL_SECONDS"] = f"{time.time() - began:.0f}"


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _run(command: list[str]) -> None:
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606 - our own arguments


if __name__ == "__main__":
    main(sys.argv[1:])
