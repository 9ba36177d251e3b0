"""Fixtures of the whole suite: append-only tables are cleared between tests, and races use real threads."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.test.client import ClientMixin
from pytest_django import DjangoDbBlocker

from subsidy import clock, database_roles, limits
from subsidy.accounts.recent import PROVED_AT, SECOND_FACTOR_AT
from subsidy.accounts.roles import sync_roles
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


@pytest.fixture(autouse=True, scope="session")
def _staff_signed_in_whole() -> Iterator[None]:
    """Let `force_login` give what a whole sign-in gives: a second factor shown, identity just proved."""
    plain_login = ClientMixin.force_login

    def force_login(self: Client, user: Any, backend: str | None = None) -> None:
        plain_login(self, user, backend)
        session = self.session
        session[PROVED_AT] = session[SECOND_FACTOR_AT] = clock.real_now().timestamp()
        session.save()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientMixin, "force_login", force_login)
        yield


@pytest.fixture(autouse=True)
def _own_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test count its requests alone: they all come from one address, within the same minute."""
    monkeypatch.setattr(limits, "SPACE", f"test:{secrets.token_hex(8)}")


@pytest.fixture
def thread_race(transactional_db: None) -> Callable[..., list[object]]:
    """Give `race(work, times=…)`: many threads, each with its own connection, let go together."""
    return race


@pytest.fixture(scope="session")
def application_role(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let the role that the site runs as stand, with its rights, in the test database."""
    with django_db_blocker.unblock():
        database_roles.grant()


@pytest.fixture
def groups(db: None) -> None:
    """Let the groups of the staff stand, which only the owner makes."""
    sync_roles()


@pytest.fixture
def as_application(application_role: None, db: None) -> None:
    """Go on as the site does, up to the test's end."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.APP_ROLE)}")


@pytest.fixture
def as_committing_application(application_role: None, transactional_db: None) -> Iterator[None]:
    """Do so on every connection, in transactions that are committed."""
    with database_roles.as_application():
        yield
