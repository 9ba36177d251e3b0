"""Every address, asked by everybody: guarded, with nothing inline, and reading changes no row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.signals import template_rendered

from subsidy.accounts.roles import Role
from tests.hardening.judging import assert_fit, inline_in
from tests.hardening.rows import changed, digests
from tests.hardening.world import Address, World, anybody, ask

SESSION = {"django_session"}
"""Who sits there since when; messages shown once."""
SEEN = {"audit_auditrow"}
"""Reading these is itself an event: what leaves the house in full, and who looked for whom."""
EVENTS = {
    "api-me-export",
    "admin:payouts_payoutbatch_download",
    "admin:review_queueitem_picture",
    "admin:review_queueitem_disclosures_file",
    "find",
    "find-result",
}
MEMBER, VISITOR = "member", "visitor"
OFTEN = [MEMBER, Role.STATION, Role.REVIEWER, Role.FINANCE_MAKER]


@pytest.fixture
def drawn() -> Iterator[set[Path]]:
    """Collect the file of each template that is drawn."""
    files: set[Path] = set()

    def note(template: Any, **_: Any) -> None:
        files.add(Path(template.origin.name))

    template_rendered.connect(note)
    yield files
    template_rendered.disconnect(note)


@pytest.mark.req("A3")
@pytest.mark.parametrize("who", OFTEN)
def test_looking_at_every_address_changes_no_row_and_is_guarded(
    world: World, who: str, drawn: set[Path]
) -> None:
    assert written_by(world, browser(world, who), ("GET",)) == {}
    packaged = {file for file in drawn if "site-packages" in file.parts and file.suffix == ".html"}
    assert {file: found for file in packaged if (found := inline_in(file.read_text("utf-8")))} == {}


@pytest.mark.long
@pytest.mark.req("A3")
@pytest.mark.parametrize("who", [VISITOR, MEMBER, *Role])
def test_no_safe_method_changes_a_row(world: World, who: str) -> None:
    assert written_by(world, browser(world, who), ("GET", "HEAD", "OPTIONS")) == {}


def test_the_measure_sees_a_row_that_changed(world: World) -> None:
    before = digests()
    assert changed(before) == set()
    world.member().post("/sign-out/")
    assert "django_session" in changed(before)


def browser(world: World, who: str) -> Client:
    """Return the browser of a visitor, the owner or a colleague."""
    if who == VISITOR:
        return anybody()
    return world.member() if who == MEMBER else world.staff(Role(who))


def written_by(world: World, client: Client, methods: tuple[str, ...]) -> dict[str, set[str]]:
    """Ask every address and return those that wrote, each with the tables."""
    events = [one for one in world.addresses if one.name in EVENTS]
    others = [one for one in world.addresses if one.name not in EVENTS]
    before = digests()
    look_at(client, methods, others)
    if not changed(before) - SESSION:
        others = []  # they need not be looked at one by one to find the guilty
    found: dict[str, set[str]] = {}
    for one in [*others, *events]:
        before = digests()
        look_at(client, methods, [one])
        found[one.name] = changed(before) - SESSION - (SEEN if one in events else set())
    return {name: tables for name, tables in found.items() if tables}


def look_at(client: Client, methods: tuple[str, ...], addresses: list[Address]) -> None:
    for one in addresses:
        for method in methods:
            response = ask(client, method, one.path)
            assert response.status_code < 500 or one.name == "readyz", (method, one.path)
            if method == "GET" and not one.path.startswith("/static/"):
                assert_fit(response, one)
