"""Form checks of a person's numbers as refusals that name the field."""

from __future__ import annotations

from collections.abc import Callable

from subsidy import clock
from subsidy.errors import RuleRefused
from subsidy.rules import identity


def checked_name(text: str) -> str:
    """Return the name as typed, or refuse it."""
    return _checked("name", text, identity.check_name)


def checked_resident_id(text: str) -> str:
    """Return the normalised identity number, or refuse it."""
    today = clock.today()
    return _checked("resident_id", text, lambda value: identity.check_resident_id(value, today=today))


def checked_mobile(text: str) -> str:
    """Return the normalised mobile number, or refuse it."""
    return _checked("mobile", text, identity.check_mobile)


def checked_card(text: str) -> str:
    """Return the normalised card number, or refuse it; the scheme's own rule is asked at filing."""
    return _checked("card_number", text, identity.check_card_number)


def _checked(field: str, text: str, check: Callable[[str], str]) -> str:
    try:
        return check(text)
    except identity.InvalidValue as error:
        raise RuleRefused(error.message, code="INVALID", field=field) from error
