"""Where this clone's demonstration was last served, so that a second window finds it whatever its port."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from subsidy import embedded

USUAL: Final = "http://127.0.0.1:8000"


def remember(address: str) -> None:
    """Note the address of the server that has just come up."""
    place = _place()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_text(address, encoding="ascii")


def served_at() -> str:
    """Return the noted address, or the usual one before the first start."""
    place = _place()
    return place.read_text(encoding="ascii").strip() if place.exists() else USUAL


def _place() -> Path:
    return embedded.var_root() / "demo" / "address"
