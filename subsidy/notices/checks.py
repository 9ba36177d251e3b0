"""What an installation is asked about its SMS gateway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from subsidy.notices.backends import SHORT_NAMES

MESSAGE = "SMS_BACKEND 是 console：短信连同验证码会写进日志，能看日志的人就能替任何会员登录。"
HINT = "请设为接好网关的适配器；还没有网关时设为 outbox（短信只加密留在库里，不发出）。DEMO=1 时不检查。"


@register(Tags.security)
def check_gateway(*, app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """Outside a demonstration no code may be printed to a log."""
    if settings.DEMO or SHORT_NAMES.get(settings.SMS_BACKEND, settings.SMS_BACKEND) != SHORT_NAMES["console"]:
        return []
    return [Error(MESSAGE, hint=HINT, id="notices.E001")]
