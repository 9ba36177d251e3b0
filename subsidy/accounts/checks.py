"""What `manage.py check --database default` says about the duties of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from subsidy.accounts.roles import conflicting_staff, in_words

ADVICE = "请在后台“工作人员”里改这个人的角色，只留一项；超级用户只能兼任系统管理员。"


@register(Tags.database)
def check_duties(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Nobody holds duties that may not meet, from before the database refused them (A1).

    A warning, so that `migrate` still runs; `check --fail-level WARNING` and `sync_roles` stop at it.
    """
    if "default" not in (databases or ()):
        return []
    try:
        found = conflicting_staff()
    except DatabaseError:  # before the first migration; another check says so
        return []
    return [
        Warning(f"{user.username} 兼任了不能兼任的职责：{in_words(pairs)}。", hint=ADVICE, id="accounts.W001")
        for user, pairs in found
    ]
