"""Asking at every door: the request is real, and what it did in the database is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from tests.matrix.addresses import Address
from tests.matrix.cells import Cell
from tests.matrix.table import Answer, Door
from tests.matrix.world import World

SIGN_INS: Final = ("/sign-in/", "/staff/login/", "/admin/login/")
HOME: Final = "/admin/"
JSON: Final = "application/json"
TABLE: Final = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?"?([a-z_]+)"?')
WRITES: Final = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "COPY")


@dataclass
class Trace:
    """The tables that a request read and wrote."""

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Note the statement and let it run."""
        tables = set(TABLE.findall(sql))
        (self.written if sql.lstrip().upper().startswith(WRITES) else self.read).update(tables)
        return execute(sql, params, many, context)


@dataclass(frozen=True)
class Told:
    """What the site answered to one cell."""

    cell: Cell
    answer: Answer | str
    detail: str
    trace: Trace

    @property
    def is_right(self) -> bool:
        """Say whether table and site agree."""
        return self.answer == self.cell.says

    @property
    def is_by_django(self) -> bool:
        """Say whether Django's own page for one row answered, which looks the row up to judge it."""
        return self.cell.url.startswith("admin:") and self.cell.url.endswith(("_change", "_delete"))

    def __str__(self) -> str:
        return f"{self.cell}: the table says {self.cell.says}, the site {self.answer} ({self.detail})"


def ask(world: World, cell: Cell, address: Address) -> Told:
    """Ask once; what somebody let in did is taken back, what a refused one did would stay."""
    client = world.people.client(cell.subject, world.owner(cell.of, cell.subject))
    path = cell.of if cell.of.startswith("/") else address.path(_filled(world, cell, address))
    cookies, trace = copy(client.cookies), Trace()
    with nullcontext() if cell.is_shut else taken_back(), connection.execute_wrapper(trace):
        response = _send(client, cell, path)
    if response.streaming:
        response.getvalue()
    client.cookies = cookies
    answer = _answer(response, cell)
    detail = f"{response.status_code} {response.get('Location', '')}".strip()
    return Told(cell, answer, f"{detail} {path}", trace)


def _filled(world: World, cell: Cell, address: Address) -> dict[str, Any]:
    return world.arguments(address.names, cell.of, cell.subject)


def _send(client: Client, cell: Cell, path: str) -> Any:
    if cell.method == "GET":
        return client.get(path)
    if path.startswith("/api/") and not path.endswith("/attachments/"):
        return client.generic(cell.method, path, "{}", content_type=JSON)
    return getattr(client, cell.method.lower())(path, {})


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo at the end what was written; counts as a test's own transaction."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def _answer(response: Any, cell: Cell) -> Answer | str:
    status, target = response.status_code, urlsplit(response.get("Location", "")).path
    if status == 401 or (status == 302 and target in SIGN_INS):
        return Answer.SIGN_IN
    if status == 404 or (status == 302 and target == HOME and cell.door is Door.ADMIN):
        return Answer.HIDDEN
    if status == 403:
        return Answer.REFUSED
    return str(status) if status == 405 or status >= 500 else Answer.IN


def forget_limits() -> None:
    """Let nobody be turned away for having asked too often."""
    cache.clear()
