"""Draws the whole tour as small PNGs: members at 390 px, desk and staff at 1280, a few in other dress."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from subsidy.demo.seed import MEMBERS
from tests.browser.back_office import staff_stops
from tests.browser.house import DESKTOP, PHONE, Screen
from tests.browser.tour import Stop, desk_stops, member_stops

ROOT = Path(__file__).resolve().parents[3]
IMAGES = ROOT / "docs" / "images"
STATIC = ROOT / "subsidy" / "static" / "subsidy"
COLOURS = 32
FLAT = 40  # pixels of one colour that are a surface and not the edge of a letter
TOKENS = {(255, 255, 255)} | {
    (int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16))
    for text in re.findall(r"#([0-9a-f]{6})\b", (STATIC / "house.css").read_text("utf-8"))
}
TALLEST = {390: 1400, 1280: 1150}
TALLEST_LIST = 320
MOST_BYTES = 5_000_000
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
    if stop.name in DARK_TOO:
        page.emulate_media(color_scheme="dark")
        yield _save(page, f"{stop.name}-dark", size)
        page.emulate_media(color_scheme="light")
    if stop.name in ELDER_TOO:
        page.context.add_cookies([{"name": "size", "value": "elder", "url": page.url}])
        page.reload()
        yield _save(page, f"{stop.name}-elder", size)
        page.context.clear_cookies(name="size")
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
    small = picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE)
    small.save(IMAGES / f"{name}.png", optimize=True)
    return f"{name}.png"


def _palette(picture: Image.Image) -> Image.Image:
    """Return few colours: the sheet's own as they are, the rest for letters and photographs."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    own = [colour for count, colour in counted if count >= FLAT and colour in TOKENS][: COLOURS - 12]
    between = picture.quantize(COLOURS - len(own), Image.Quantize.MAXCOVERAGE, kmeans=1).getpalette() or []
    holder = Image.new("P", (1, 1))
    holder.putpalette([part for colour in own for part in colour] + between[: 3 * (COLOURS - len(own))])
    return holder
