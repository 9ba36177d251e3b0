"""Beginning a demonstration anew: its database, its files and its messages are thrown away."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, connections

from subsidy.celery import app

FOLDERS: Final = ("payouts", "results")


class NotADemonstration(RuntimeError):
    """Somebody asked to throw away what is no demonstration."""


def begin_anew(folder: Path) -> None:
    """Drop and create the database, empty the broker's queue, remove pictures and exported files."""
    if not settings.DEMO:
        raise NotADemonstration("only the database of a demonstration may be dropped")
    _recreate_database()
    app.control.purge()
    for path in (Path(settings.MEDIA_ROOT) / "attachments", *(folder / name for name in FOLDERS)):
        shutil.rmtree(path, ignore_errors=True)


def _recreate_database() -> None:
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    connections.close_all()
    with connection._nodb_cursor() as cursor:  # Django's own way to the server's maintenance database
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    connections.close_all()
