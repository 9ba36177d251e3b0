"""What the page tests stand on: the scheme, the day and a place for pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from subsidy import clock
from subsidy.schemes.models import Scheme
from tests import make


@pytest.fixture
def plan(db: None) -> Scheme:
    """Return the 2024 scheme."""
    return make.scheme()


@pytest.fixture
def june() -> Iterator[None]:
    """Hold business time inside the filing window."""
    with clock.at(make.DAY):
        yield


@pytest.fixture(autouse=True)
def _pictures(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
