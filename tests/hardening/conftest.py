"""The house with one of everything: built once for a module, as it was again before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.hardening.world import World, undone


@pytest.fixture(scope="module")
def house(
    application_role: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Build it inside a transaction that is never committed."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with media, django_db_blocker.unblock(), undone():
        yield World()


@pytest.fixture
def world(house: World, db: None) -> World:
    """Give the house; what a test does in it is undone."""
    return house
