"""What `manage.py check --database default` asks of an installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from subsidy import startup
from subsidy.database_roles import ADVICE, shortcoming


@register(Tags.database)
def check_application_role(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The site runs as a role that owns nothing and may do what this version needs."""
    found = shortcoming() if "default" in (databases or ()) else ""
    return [Error(found, hint=ADVICE, id="subsidy.E001")] if found else []


@register(Tags.security)
def check_installation(*, app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """What a process would not even start with, and what it starts with but should not."""
    values = {name: getattr(settings, name) for name in startup.JUDGED}
    return [
        (Error if rule.refuses else Warning)(sentence, hint=rule.hint, id=rule.id)
        for rule, sentence in startup.faults(values)
    ]
