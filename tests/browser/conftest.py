"""One Chromium for all tests of the folder, and a house on the day of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser

from subsidy import clock
from subsidy.accounts.services import load_districts
from subsidy.audit.actors import SYSTEM
from subsidy.demo.seed import seed
from subsidy.demo.stories import STORIES
from subsidy.registers.services import load_starter_catalogues
from tests import make
from tests.browser.house import PHONE, Screen, Visitor, chromium, find_chromium, served

Open = Callable[..., Screen]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run Chromium; without one the tests are skipped, and where everything is required they fail."""
    program = find_chromium()
    if not program:
        pytest.skip("no Chromium found: install the package chromium or name the program in CHROMIUM")
    with chromium(program) as running:
        yield running


@pytest.fixture
def house(transactional_db: None, settings: LazySettings, tmp_path: Path) -> Iterator[str]:
    """Serve an empty house with the 2024 plan in June 2024."""
    settings.BUSINESS_CLOCK_OFFSET = make.DAY - clock.real_now()
    settings.MEDIA_ROOT = tmp_path / "media"
    make.scheme()
    load_districts()
    load_starter_catalogues(actor=SYSTEM)
    with served() as base:
        yield base


@pytest.fixture
def people() -> int:
    """Return how many people the seeded year has: every story, the commoner ones twice."""
    return len(STORIES) + 6


@pytest.fixture
def year(transactional_db: None, settings: LazySettings, tmp_path: Path, people: int) -> Iterator[str]:
    """Serve a year with every story in it, on the day of the demonstration."""
    settings.BUSINESS_CLOCK_OFFSET = make.DAY - clock.real_now()
    settings.MEDIA_ROOT = tmp_path / "media"
    seed(members=people)
    with served() as base:
        yield base


@pytest.fixture
def open_as(browser: Browser, house: str) -> Iterator[Open]:
    """Give `open_as(who, size)`: a window in which somebody is signed in, or nobody."""
    with ExitStack() as windows:

        def open_window(who: Visitor = None, size: tuple[int, int] = PHONE, **options: Any) -> Screen:
            return windows.enter_context(Screen(browser, house, who, size, **options))

        yield open_window
