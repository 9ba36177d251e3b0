"""Every page of a seeded year: quiet console, no sideways scroll, axe content, targets large enough (A6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser

from tests.browser import measure
from tests.browser.back_office import staff_stops
from tests.browser.house import DESKTOP, PHONE, Screen
from tests.browser.tour import Stop, desk_stops, member_stops

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PARTS: dict[str, Callable[[], Iterator[Stop]]] = {
    "member": member_stops,
    "desk": desk_stops,
    "staff": staff_stops,
}
# Answers to a button, files, and ways that only lead on: nothing to look at.
NO_PAGE = {"sign-out", "application-correct", "application-new-card", "applications", "desk-withdraw"}
# The admin's own list and form, drawn alike for every register; axe looks closely at one of each.
STOCK = ("list-", "row-")
CLOSELY = "/application/"
FILES = {"application-attachment", "desk-attachment"}


@pytest.mark.req("A6")
@pytest.mark.parametrize("part", PARTS)
def test_every_page_is_fit_for_every_screen_and_every_eye(browser: Browser, year: str, part: str) -> None:
    found: list[str] = []
    seen: set[str] = set()
    size = PHONE if part == "member" else DESKTOP
    with _screens(browser, year, size) as screen_of:
        for stop in PARTS[part]():
            screen = screen_of(stop)
            stop.go(screen.page)
            seen.add(_view_name(screen.page.url.removeprefix(year)))
            look = _stock_troubles if stop.name.startswith(STOCK) else _troubles
            found += [f"{stop.name}: {trouble}" for trouble in look(screen, part)]
    assert not found, "\n".join(found)
    missed = _names(part) - seen - NO_PAGE - FILES
    assert missed == set()


@contextmanager
def _screens(browser: Browser, base: str, size: tuple[int, int]) -> Iterator[Callable[[Stop], Screen]]:
    """Keep the window as long as the same person looks."""
    held: list[tuple[object, Screen]] = []

    def screen_of(stop: Stop) -> Screen:
        if not held or held[0][0] != stop.who:
            while held:
                held.pop()[1].close()
            held.append((stop.who, Screen(browser, base, stop.who, size)))
        return held[0][1]

    yield screen_of
    while held:
        held.pop()[1].close()


def _stock_troubles(screen: Screen, part: str) -> list[str]:
    if CLOSELY in screen.page.url:
        return _troubles(screen, part)
    found = measure.small_targets(screen.page, measure.STAFF_TARGET) + measure.sideways(screen.page)
    return found + screen.take_troubles()


def _troubles(screen: Screen, part: str) -> list[str]:
    page = screen.page
    least = measure.MEMBER_TARGET if part == "member" else measure.STAFF_TARGET
    found = measure.violations(page, measure.LIGHT)
    found += measure.small_targets(page, least)
    found += measure.sideways(page)
    found += measure.violations(page, measure.DARK, measure.ONLY_COLOURS)
    if part == "member":
        found += measure.violations(page, measure.ELDER, measure.ONLY_COLOURS)
        found += measure.small_targets(page, measure.ELDER_TARGET)
        found += [f"elder {one}" for one in measure.sideways(page)]
    return found + screen.take_troubles()


def _view_name(address: str) -> str:
    try:
        return resolve(address.partition("?")[0].partition("#")[0]).url_name or ""
    except Resolver404:
        return ""


def _names(part: str) -> set[str]:
    """Return the names of the member's or the desk's pages, so that a new page cannot be forgotten."""
    patterns = get_resolver("applications.pages.urls").url_patterns
    members = {one.name or "" for one in patterns if isinstance(one, URLPattern)}
    desks = {
        one.name or ""
        for group in patterns
        if isinstance(group, URLResolver)
        for one in group.url_patterns
        if isinstance(one, URLPattern)
    }
    return {"member": members, "desk": desks}.get(part, set())
