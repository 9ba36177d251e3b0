"""Tell the present authenticator code of one of the demonstration's log-ins."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from subsidy.accounts.models import StaffUser
from subsidy.demo.codes import staff_code
from subsidy.errors import SubsidyError


class Command(BaseCommand):
    """demo_code USERNAME [--json]; exit 1 when there is no code to tell, 2 outside a demonstration."""

    help = "显示演示账号现在的动态口令（只用于演示环境）"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose code."""
        parser.add_argument("username", metavar="USERNAME", help="工号，如 reviewer1")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the code and how long it is good for."""
        if not settings.DEMO:
            raise CommandError("demo_code 只用于演示环境：正式环境的口令只在本人手机上。", returncode=2)
        user = StaffUser.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有工号为 {options['username']} 的账号。")
        try:
            code, seconds = staff_code(user)
        except (LookupError, SubsidyError) as error:
            raise CommandError(str(error)) from error
        told = {"username": user.username, "code": code, "seconds": seconds}
        words = f"{user.username} 的动态口令：{code}（{seconds} 秒内有效，只能用一次）"
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else words)
