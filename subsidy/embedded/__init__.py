"""The embedded default: PostgreSQL and Valkey of this clone, started by the first process that needs them."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from subsidy.embedded import postgres, valkey
from subsidy.embedded.demo_values import begin_business_day, demo_environment
from subsidy.embedded.state import ROOT, EmbeddedError, Ownership, locked, read_state, var_root, write_state

__all__ = [
    "EmbeddedError",
    "Servers",
    "begin_business_day",
    "database_url",
    "demo_environment",
    "ensure",
    "redis_url",
    "source_root",
    "stop",
    "var_root",
]

_ownership = Ownership()


def source_root() -> Path:
    """Return the folder of `manage.py`."""
    return ROOT


@dataclass(frozen=True)
class Servers:
    """Where the servers answer, and whether this process is the one that stops them."""

    database_url: str
    redis_url: str
    owned: bool


def database_url() -> str:
    """Return `DATABASE_URL`, or the embedded server's address; nothing is started."""
    return os.environ.get("DATABASE_URL") or postgres.address(read_state())


def redis_url() -> str:
    """Return `REDIS_URL`, or the embedded server's address; nothing is started."""
    return os.environ.get("REDIS_URL") or valkey.address(read_state())


def ensure(*, durable: bool = True) -> Servers:
    """Start what the environment does not name, or join what already runs.

    The process that starts (or finds nobody minding) the servers stops them when it ends; `durable=False`
    trades safety against power failure for speed. Raises `EmbeddedError`.
    """
    needed = {"DATABASE_URL", "REDIS_URL"} - os.environ.keys()
    if needed:
        with locked():
            if _ownership.claim():
                _stop_at_exit()
            state = read_state()
            if "DATABASE_URL" in needed:
                state = postgres.placed(state)
                write_state(state)
                postgres.ensure(state, durable=durable)
            if "REDIS_URL" in needed:
                write_state(valkey.ensure(state))
    return Servers(database_url(), redis_url(), owned=_ownership.held)


def stop() -> None:
    """Stop the servers if this process minds them; a joiner's call does nothing."""
    if not _ownership.held:
        return
    with locked():
        state = read_state()
        valkey.stop(state)
        postgres.stop(state)
        _ownership.release()


def _stop_at_exit() -> None:
    atexit.register(stop)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    """Turn SIGTERM into an orderly exit, so that `atexit` runs."""
    with suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)
