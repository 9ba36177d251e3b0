"""The demonstration's own settings: generated secrets and the clock's offset, kept in `var/demo/env`."""

from __future__ import annotations

import base64
import secrets
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from subsidy.embedded.state import locked, private_folder, var_root, write_private

BEIJING = timezone(timedelta(hours=8))
FIRST_DAY = date(2024, 6, 18)
OPENS = time(10, 0)
OFFSET = "BUSINESS_CLOCK_OFFSET"


def demo_environment() -> dict[str, str]:
    """Return the defaults that real environment variables override, generating them the first time."""
    path = _path()
    if not path.exists():
        with locked():
            if not path.exists():
                _write(_new_values())
    return _read()


def begin_business_day(day: str = "", *, anew: bool = False) -> None:
    """Let business time start at 10:00 of `day` (2024-06-18 when none is given) and run on from there.

    A clock that already runs is kept, unless a day is named or `anew` is true. Raises `ValueError`.
    """
    values = demo_environment()
    if OFFSET in values and not day and not anew:
        return
    start = datetime.combine(_parsed(day) if day else FIRST_DAY, OPENS, BEIJING)
    seconds = round((start - datetime.now(BEIJING)).total_seconds())
    with locked():
        _write(_read() | {OFFSET: str(seconds)})


def _parsed(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"--date 应写成 2024-06-18 这样的日期，而不是 {day}。") from error


def _path() -> Path:
    return var_root() / "demo" / "env"


def _read() -> dict[str, str]:
    lines = _path().read_text("utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _write(values: dict[str, str]) -> None:
    private_folder(_path().parent)
    write_private(_path(), "".join(f"{name}={value}\n" for name, value in values.items()))


def _new_values() -> dict[str, str]:
    return {
        "DEMO": "1",
        "DJANGO_DEBUG": "0",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": f"k1:{_key()}",
        "BLIND_INDEX_KEY": _key(),
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
