"""The measures themselves: each sees the fault it is there for, and the pictures are kept small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import measure

ROOT = Path(__file__).resolve().parents[2]
FAULTY = """<!DOCTYPE html><html lang="zh-Hans"><head><title>错</title></head><body>
<main><h1>错</h1><button style="height: 30px">低</button><div style="width: 500px">宽</div>
<p style="color: #bbb; background: #fff">字太淡，看不清</p><img src="data:,"></main></body></html>"""


@pytest.fixture
def faulty(browser: Browser) -> Iterator[Page]:
    """Show a page with a fault of every kind."""
    page = browser.new_page(viewport={"width": 390, "height": 600})
    page.set_content(FAULTY)
    yield page
    page.close()


@pytest.mark.browser
def test_a_page_that_is_too_wide_is_seen_at_the_widths_where_it_is(faulty: Page) -> None:
    assert [one.split()[1] for one in measure.sideways(faulty)] == ["320", "390"]


@pytest.mark.browser
def test_a_low_button_is_seen(faulty: Page) -> None:
    assert len(measure.small_targets(faulty, 44)) == 1
    assert measure.small_targets(faulty, 24) == []


@pytest.mark.browser
def test_faint_letters_and_a_silent_picture_are_seen(faulty: Page) -> None:
    found = " ".join(measure.violations(faulty, measure.LIGHT))
    assert "color-contrast" in found
    assert "image-alt" in found


def test_the_pictures_of_the_readme_are_there_and_all_are_small() -> None:
    shown = re.findall(r"docs/images/[\w.-]+\.png", (ROOT / "README.md").read_text("utf-8"))
    assert shown
    assert [name for name in shown if not (ROOT / name).is_file()] == []
    assert sum(path.stat().st_size for path in (ROOT / "docs" / "images").glob("*.png")) < 5_000_000
