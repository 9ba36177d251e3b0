"""No dead link: each role's pages, two levels deep from its start page, lead to pages that open (A1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.test import Client

from subsidy import clock
from tests import make
from tests.matrix.asking import HOME, SIGN_INS, forget_limits, taken_back
from tests.matrix.people import STAFF
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
STARTS = ("/admin/", "/desk/")
OURS = (*STARTS, "/staff/")  # what members see from the same pages is theirs to sign in to
WAY_BACK = "/staff/"  # leads home on purpose; elsewhere that is how the admin turns somebody away
DEPTH = 2
ALIKE = frozenset({"hotline", "reviewer", "finance_checker", "root"})
"""Who sees what a colleague sees who is walked in every run; the long run walks for them as well."""
WALKERS = [
    pytest.param(subject, marks=[pytest.mark.long] if subject in ALIKE else [])
    for subject in STAFF
    if subject not in ("hotline2", "station2")
]


def shape(path: str) -> str:
    """Return the address without its ids and values: of a hundred rows one is opened."""
    parts = urlsplit(path)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "N", parts.path) + "?" + "&".join(names)


def links(page: str, base: str) -> Iterator[str]:
    """Return where the page leads within the pages of staff."""
    for found in LINK.findall(page):
        target = urljoin(base, unescape(found).partition("#")[0])
        if target.startswith(OURS):
            yield target


def opens(client: Client, path: str) -> tuple[bool, str]:
    """Say whether the link leads to a page, and return that page if it is one of ours to read on."""
    response = client.get(path)
    target = urlsplit(response.get("Location", "")).path
    if response.status_code == 302:
        return path == WAY_BACK or target not in (*SIGN_INS, HOME), ""
    is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
    if response.streaming:
        response.getvalue()
    return response.status_code == 200, response.content.decode() if is_page else ""


def walk(client: Client, starts: tuple[str, ...]) -> tuple[list[str], int]:
    """Follow the links; return those that lead to no page, and how many pages were opened."""
    seen: set[str] = set()
    dead: list[str] = []
    level = [(start, "") for start in starts]
    for depth in range(DEPTH + 1):
        found: list[tuple[str, str]] = []
        for path, origin in level:
            if shape(path) in seen:
                continue
            seen.add(shape(path))
            is_open, page = opens(client, path)
            if not is_open and origin:
                dead.append(f"{origin} → {path}")
            if depth < DEPTH:
                found += [(target, path) for target in links(page, path)]
        level = found
    return dead, len(seen)


@pytest.mark.parametrize("subject", WALKERS)
def test_no_link_of_a_role_is_dead(world: World, subject: str) -> None:
    forget_limits()
    with clock.at(make.DAY), taken_back():
        dead, opened = walk(world.people.clients[subject], STARTS)
    assert dead == []
    assert opened > len(STARTS)


def test_a_dead_link_is_seen(world: World) -> None:
    client = world.people.clients["idle"]
    assert not opens(client, "/admin/review/queueitem/")[0]
    assert not opens(client, "/admin/nowhere/")[0]
    assert not opens(Client(), "/admin/")[0]
