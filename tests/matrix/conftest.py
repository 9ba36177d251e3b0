"""One prepared year for every test of the matrix that only reads it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.matrix.asking import taken_back
from tests.matrix.world import World, prepared


@pytest.fixture(scope="package")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Give everybody and everything, in a transaction that is taken back at the end."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), taken_back():
        logging.disable(logging.ERROR)  # thousands of refusals are what is asked for here
        yield prepared()
        logging.disable(logging.NOTSET)
