"""Attachment files that no row names: what a crash between file and row left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings

from applications.models import Attachment

FOLDER: Final = "attachments"
CHUNK: Final = 500


def orphans(before: datetime) -> Iterator[Path]:
    """Yield the files written before the instant of which no attachment knows."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    old = (path for path in sorted(folder.rglob("*")) if path.is_file() and _written(path) < before)
    while chunk := list(islice(old, CHUNK)):
        names = {str(path.relative_to(settings.MEDIA_ROOT)): path for path in chunk}
        known = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        yield from (path for name, path in names.items() if name not in known)


def delete(before: datetime) -> int:
    """Delete them; return how many."""
    found = list(orphans(before))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
