"""Geometry of the dashboard charts: shares and points as numbers, drawn by template without inline style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template

register = template.Library()

PLOT_WIDTH = 1000
PLOT_HEIGHT = 400
GRID_STEPS = 4


@register.filter
def with_width(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to each row its share of the largest value, in per cent."""
    largest = max((row["value"] for row in rows), default=0)
    return [{**row, "width": _share(row["value"], largest)} for row in rows]


@register.filter
def stacked(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to each row where its part of one bar starts and how wide it is, in per cent."""
    total = sum(row["value"] for row in rows)
    parts: list[dict[str, Any]] = []
    start = Decimal(0)
    for row in rows:
        width = _share(row["value"], total)
        parts.append({**row, "start": start, "width": width})
        start += width
    return parts


@register.filter
def ceiling(series: Sequence[Mapping[str, Any]]) -> int:
    """Return the top of the scale: the next round number above every value, a multiple of four."""
    largest = max((value for one in series for value in one["values"]), default=0)
    size = 4
    while size < largest:
        size = next(step for step in _round_numbers(size) if step > size)
    return size


@register.filter
def scale(top: int) -> list[int]:
    """Return the labels of the horizontal lines, from the top down to 0."""
    return [top * step // GRID_STEPS for step in range(GRID_STEPS, -1, -1)]


@register.filter
def points(values: Sequence[int], top: int) -> str:
    """Return the points of a line in a 1000 × 400 drawing."""
    gap = PLOT_WIDTH / max(len(values) - 1, 1)
    return " ".join(
        f"{index * gap:.1f},{PLOT_HEIGHT - value * PLOT_HEIGHT / (top or 1):.1f}"
        for index, value in enumerate(values)
    )


def _share(value: int, whole: int) -> Decimal:
    return round(Decimal(value) * 100 / Decimal(whole), 2) if whole else Decimal(0)


def _round_numbers(size: int) -> list[int]:
    power = 10 ** (len(str(size)) - 1)
    steps = (factor * power for factor in (1, 2, 4, 8, 10, 12, 16, 20, 24, 28, 32, 40, 60, 80, 100))
    return [step for step in steps if step % GRID_STEPS == 0]
