"""One desk of finance for each payout test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.payouts.money import Desk


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Slow hashes guard real passwords; nobody signs in by guessing here."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def desk(db: None) -> Desk:
    """Give a scheme, a maker, a checker and a reviewer."""
    return Desk.set_up()
