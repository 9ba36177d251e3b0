"""Fixtures of the whole suite: append-only tables are cleared between tests, and races use real threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations

from tests.racing import race

# Append-only tables refuse TRUNCATE by a trigger; the owner may look away, and only inside one transaction.
LOOK_AWAY = ("SET LOCAL ROLE NONE", "SET LOCAL session_replication_role = replica")


def pytest_configure() -> None:
    """Passwords of test staff are hashed quickly; nothing here judges the strength of a hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _flush_as_owner() -> Iterator[None]:
    """Let the clean-up of transactional tests pass the TRUNCATE triggers, which stay as they are."""
    plain_flush = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: Sequence[str]) -> None:
        plain_flush(self, [*LOOK_AWAY, *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture
def thread_race(transactional_db: None) -> Callable[..., list[object]]:
    """Give `race(work, times=…)`: many threads, each with its own connection, let go together."""
    return race
