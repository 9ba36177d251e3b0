"""The two schemes that the rules are tried on."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from subsidy.rules.scheme import Scheme

ROOT = Path(__file__).resolve().parents[2]


def definition(path: str) -> dict[str, Any]:
    """Return a scheme file as parsed TOML."""
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    """Return the scheme of 2024 as it ships."""
    return Scheme.from_mapping(definition("subsidy/schemes/data/2024.toml"))


@pytest.fixture(scope="session")
def other() -> Scheme:
    """Return the different second scheme."""
    return Scheme.from_mapping(definition("tests/data/scheme_other.toml"))


@pytest.fixture
def mapping() -> dict[str, Any]:
    """Return a fresh copy of the 2024 definition, to be spoilt."""
    return copy.deepcopy(definition("subsidy/schemes/data/2024.toml"))
