"""Make the role groups agree with the matrix."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.accounts.roles import sync_roles

MISSING = 1


class Command(BaseCommand):
    """Exit 0 when every permission of the matrix exists, 1 when some do not yet."""

    help = "按权限表建立角色组（重复执行无妨）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = {role.value: codes for role, codes in sync_roles().items() if codes}
        if options["json"]:
            self.stdout.write(json.dumps({"missing": missing}, ensure_ascii=False))
        elif not missing:
            self.stdout.write("角色与权限已同步。")
        if missing:
            names = "；".join(f"{role}: {', '.join(codes)}" for role, codes in missing.items())
            raise CommandError(f"有些权限还不存在，请先执行 migrate：{names}", returncode=MISSING)
