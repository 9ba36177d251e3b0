"""What `manage.py check --database default` asks of an installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from subsidy.database_roles import ADVICE, shortcoming


@register(Tags.database)
def check_application_role(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The site runs as a role that owns nothing and may do what this version needs."""
    found = shortcoming() if "default" in (databases or ()) else ""
    return [Error(found, hint=ADVICE, id="subsidy.E001")] if found else []
