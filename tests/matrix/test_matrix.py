"""Every address × every role, really asked for; the table in table.py says what each gets (A1, T-07)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from django.db import connection

from subsidy import clock
from tests import make
from tests.matrix.addresses import addresses
from tests.matrix.asking import Told, ask, forget_limits
from tests.matrix.cells import Cell, all_rows, cells
from tests.matrix.people import SUBJECTS
from tests.matrix.table import Answer, Door
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]
OFTEN = 100
WHO_IS_THERE = frozenset(
    {"django_session", "accounts_member", "accounts_staffuser", "accounts_staffuser_groups"}
    | {"auth_group", "auth_permission", "auth_group_permissions", "django_content_type"}
    | {"accounts_office", "mfa_authenticator"}
)
"""What may be read to know who somebody is and what they may do."""


@dataclass(frozen=True)
class Year:
    """What every cell was told, and how many rows each table had before and after."""

    told: list[Told]
    before: dict[str, int]
    after: dict[str, int]


@pytest.fixture(scope="module")
def year(world: World) -> Year:
    """Ask every cell once."""
    return asked_all(world, cells())


def asked_all(world: World, asked: Iterable[Cell]) -> Year:
    """Ask so many cells, and count the rows around it."""
    places, told, before = addresses(), [], row_counts()
    with clock.at(make.DAY):
        for number, cell in enumerate(asked):
            if number % OFTEN == 0:
                forget_limits()
            told.append(ask(world, cell, places[cell.url]))
    return Year(told, before, row_counts())


def row_counts() -> dict[str, int]:
    """Return how many rows each table has; sessions come and go by themselves."""
    tables = [name for name in connection.introspection.table_names() if name != "django_session"]
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(counts)
        return dict(cursor.fetchall())


def test_every_address_has_a_row() -> None:
    named = {url for row in all_rows() for url in row.urls.split()}
    missing = sorted(addresses().keys() - named)
    assert missing == [], (
        f"这些地址在权限矩阵里没有一行：{missing}。请在 tests/matrix/table.py 的 ROWS 里加一行"
        "（后台的模型加在 models.py 里），写明哪些人能进；"
        "然后运行 python -m tests.matrix 重新生成 docs/roles.md。"
    )


def test_every_row_has_an_address() -> None:
    named = {url for row in all_rows() for url in row.urls.split()}
    gone = sorted(named - addresses().keys())
    assert gone == [], f"tests/matrix/table.py 里的这些已经没有地址：{gone}。请删去或改名。"


def test_no_cell_is_written_twice() -> None:
    said = [(cell.url, cell.method, cell.of, cell.subject) for cell in cells()]
    assert len(said) == len(set(said))


def test_everybody_gets_what_the_table_says(year: Year) -> None:
    assert [str(one) for one in year.told if not one.is_right] == []


def test_everybody_was_asked_at_every_kind_of_door(year: Year) -> None:
    assert {one.cell.subject for one in year.told} == set(SUBJECTS)
    assert {one.cell.says for one in year.told} == set(Answer)
    assert {one.cell.door for one in year.told} == set(Door)


@pytest.mark.req("A3")
def test_whoever_is_refused_changes_nothing(year: Year) -> None:
    shut = [(one, one.trace.written - {"django_session"}) for one in year.told if one.cell.is_shut]
    assert [f"{one}: {sorted(written)}" for one, written in shut if written] == []
    assert year.before == year.after


@pytest.mark.req("A2")
def test_whoever_is_refused_is_refused_before_anything_is_read(year: Year) -> None:
    refused = [
        (one, one.trace.read - WHO_IS_THERE)
        for one in year.told
        if one.cell.is_shut and one.cell.says is not Answer.HIDDEN and not one.is_by_django
    ]
    assert [f"{one}: {sorted(read)}" for one, read in refused if read] == []


@pytest.mark.long
def test_really_every_cell_is_as_the_table_says(world: World) -> None:
    asked = list(cells(every=True))
    assert len(asked) > len(list(cells()))
    year = asked_all(world, asked)
    assert [str(one) for one in year.told if not one.is_right] == []
    written = [one for one in year.told if one.cell.is_shut and one.trace.written - {"django_session"}]
    assert [str(one) for one in written] == []
    assert year.before == year.after
