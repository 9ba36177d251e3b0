"""Every address of the site, read from the resolver."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\^?\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Address:
    """One pattern: its name (or the pattern itself, where it has none) and what it is filled with."""

    key: str
    route: str
    names: tuple[str, ...]

    def path(self, arguments: dict[str, Any]) -> str:
        """Return the path with the arguments in their places."""
        filled = GROUP.sub(lambda found: str(arguments[found[1]]), f"/{self.route}")
        return ARGUMENT.sub(lambda found: str(arguments[found[1]]), filled).rstrip("$")


def addresses() -> dict[str, Address]:
    """Return every address by its key."""
    return {one.key: one for one in _walk(get_resolver().url_patterns, "", "")}


def _walk(patterns: Iterable[URLPattern | URLResolver], route: str, space: str) -> Iterator[Address]:
    for pattern in patterns:
        whole = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, whole, inner)
        else:
            yield Address(f"{space}{pattern.name}" if pattern.name else whole, whole, _names(pattern))


def _names(pattern: URLPattern) -> tuple[str, ...]:
    if isinstance(pattern.pattern, RoutePattern):
        return tuple(pattern.pattern.converters)
    return tuple(pattern.pattern.regex.groupindex)
