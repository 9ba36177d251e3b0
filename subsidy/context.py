"""What every page needs to know about how it is shown: size, theme and the shifted clock."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from subsidy import clock

SIZE_COOKIE = "size"
THEME_COOKIE = "theme"
SIZES = ("elder", "standard")
THEMES = ("auto", "light", "dark")


def house(request: HttpRequest) -> dict[str, Any]:
    """Return the size and theme chosen on this device and, in a demonstration, the business date."""
    size = request.COOKIES.get(SIZE_COOKIE, "")
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "is_elder": size == "elder",
        "theme": theme if theme in THEMES else "auto",
        "demonstration_day": clock.today() if clock.is_shifted() else None,
        "today": clock.today(),
    }
