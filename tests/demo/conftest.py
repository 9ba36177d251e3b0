"""One small seeded year for all tests of the folder: made once, undone at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from subsidy import clock
from subsidy.demo.seed import seed
from subsidy.demo.stories import Case

START = datetime(2024, 6, 18, 10, 0, tzinfo=clock.SHANGHAI)
MEMBERS = 45


@dataclass(frozen=True)
class Year:
    """The people of the seeded year and where its files lie."""

    cases: list[Case]
    folder: Path
    reports: list[tuple[int, int]]

    def of(self, story: str) -> list[int]:
        """Return the applications of a story."""
        return [case.application_id for case in self.cases if case.story.code == story]


@pytest.fixture(scope="module")
def year(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    """Seed within one transaction of the module, every deferred rule checked at its end."""
    folder, reports = tmp_path_factory.mktemp("demo"), list[tuple[int, int]]()
    with django_db_blocker.unblock(), transaction.atomic():
        connection.atomic_blocks[-1]._from_testcase = True  # sign-in insists on a transaction of its own
        with clock.at(START):
            cases = seed(members=MEMBERS, folder=folder, report=lambda *done: reports.append(done))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        with django_db_blocker.block():
            yield Year(cases, folder, reports)
        transaction.set_rollback(True)
