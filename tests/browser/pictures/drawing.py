"""Draws the whole tour as small PNGs: members at 390 px, desk and staff at 1280, a few in other dress."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from subsidy.demo.seed import MEMBERS
from tests.browser.back_office import staff_stops
from tests.browser.house import DESKTOP, PHONE, Screen
from tests.browser.tour import Stop, desk_stops, member_stops

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
COLOURS = 16
TALLEST = {390: 1800, 1280: 1150}
TALLEST_LIST = 480
MOST_BYTES = 4_000_000
# Rows of the registers and logs are the stock form, shown for reading: two stand for all.
ROWS = ("row-application", "row-scheme")
ELDER_TOO = ("start", "certificate", "status-returned", "status-paid")
DARK_TOO = ("start", "status-paid", "review-case", "money-batch-exported", "desk-check")
DESKTOP_TOO = ("start", "certificate", "status-returned")
PHONE_TOO = ("desk", "desk-check", "review-queue", "review-case", "money-batch-exported")


@pytest.fixture
def people() -> int:
    """As many as `make demo` shows."""
    return MEMBERS


@pytest.mark.django_db(transaction=True)
def test_every_page_is_drawn(browser: Browser, year: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    old = {path.name for path in IMAGES.glob("*.png")}
    drawn: set[str] = set()
    for stops, size in ((member_stops(), PHONE), (desk_stops(), DESKTOP), (staff_stops(), DESKTOP)):
        for stop in stops:
            if stop.name.startswith("row-") and stop.name not in ROWS:
                continue
            with Screen(browser, year, stop.who, size) as screen:
                stop.go(screen.page)
                drawn |= set(_draw(screen.page, stop, size))
                assert screen.take_troubles() == [], stop.name
    for name in old - drawn:
        (IMAGES / name).unlink()
    assert sum(path.stat().st_size for path in IMAGES.glob("*.png")) < MOST_BYTES


def _draw(page: Page, stop: Stop, size: tuple[int, int]) -> Iterator[str]:
    yield _save(page, stop.name, size)
    for names, cookie, value in ((ELDER_TOO, "size", "elder"), (DARK_TOO, "theme", "dark")):
        if stop.name in names:
            page.context.add_cookies([{"name": cookie, "value": value, "url": page.url}])
            page.reload()
            yield _save(page, f"{stop.name}-{value}", size)
            page.context.clear_cookies(name=cookie)
            page.reload()
    if stop.name in DESKTOP_TOO:
        yield _save(page, f"{stop.name}-1280", DESKTOP)
    if stop.name in PHONE_TOO:
        yield _save(page, f"{stop.name}-390", PHONE)


def _save(page: Page, name: str, size: tuple[int, int]) -> str:
    """Write the whole page, bars that stick to the foot of the window at the foot of the picture."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    tall = page.evaluate("() => document.documentElement.scrollHeight")
    least = 0 if size == PHONE else height
    page.set_viewport_size({"width": width, "height": min(max(tall, least), TALLEST[width])})
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    if name.startswith("list-"):
        picture = picture.crop((0, 0, width, TALLEST_LIST))
    small = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(IMAGES / f"{name}.png", optimize=True)
    return f"{name}.png"
