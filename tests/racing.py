"""Races for tests: the same work in many threads, each on its own database connection."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
PATIENCE = 60.0


def race(work: Callable[[int], T], *, times: int) -> list[T | Exception]:
    """Call `work(0) … work(times - 1)` at once; return each result, or what it raised, in order."""
    start = Barrier(times)

    def run(number: int) -> T | Exception:
        try:
            connections["default"].ensure_connection()
            start.wait(PATIENCE)
            return work(number)
        except Exception as error:  # the caller judges what was raised
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
