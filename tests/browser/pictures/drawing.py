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
from tests.browser.measure import DARK, ELDER, LIGHT, dress
from tests.browser.tour import Stop, desk_stops, member_stops

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
COLOURS = 48
TALLEST = 2600
MOST_BYTES = 4_000_000
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
            with Screen(browser, year, stop.who, size) as screen:
                stop.go(screen.page)
                drawn |= set(_draw(screen.page, stop, size))
    for name in old - drawn:
        (IMAGES / name).unlink()
    assert sum(path.stat().st_size for path in IMAGES.glob("*.png")) < MOST_BYTES


def _draw(page: Page, stop: Stop, size: tuple[int, int]) -> Iterator[str]:
    yield _save(page, stop.name, size)
    for names, ending, look in ((ELDER_TOO, "elder", ELDER), (DARK_TOO, "dark", DARK)):
        if stop.name in names:
            dress(page, look)
            yield _save(page, f"{stop.name}-{ending}", size)
            dress(page, LIGHT)
    if stop.name in DESKTOP_TOO:
        yield _save(page, f"{stop.name}-1280", DESKTOP)
    if stop.name in PHONE_TOO:
        yield _save(page, f"{stop.name}-390", PHONE)


def _save(page: Page, name: str, size: tuple[int, int]) -> str:
    """Write the whole page, bars that stick to the foot of the window at the foot of the picture."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    tall = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(tall, height if width > 390 else 0), TALLEST)})
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    small = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(IMAGES / f"{name}.png", optimize=True)
    return f"{name}.png"
