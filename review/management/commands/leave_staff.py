"""Close the account of somebody who leaves; the cases they held go back to the queue."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from review.services import let_go
from subsidy.accounts.models import StaffUser
from subsidy.errors import SubsidyError

REFUSED, UNKNOWN = 1, 2


class Command(BaseCommand):
    """Exit 0 done (also when they had left before), 1 refused by a rule, 2 nobody of that name."""

    help = "办理离岗：停用账号、收回角色、结束登录，认领的件放回队列；经手记录都保留"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who leaves."""
        parser.add_argument("username", help="工号")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        """Let them go, and say how many cases are free again."""
        user = StaffUser.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有工号为 {options['username']} 的账号。", returncode=UNKNOWN)
        try:
            freed = let_go(user)
        except SubsidyError as refusal:
            raise CommandError(refusal.message, returncode=REFUSED) from refusal
        told = {"id": user.pk, "username": user.username, "released": freed}
        words = f"{user.username} 已办理离岗，放回队列 {freed} 件。"
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else words)
