"""Give the application's role its rights."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.database_roles import RoleRefused, grant


class Command(BaseCommand):
    """Exit 0 when the role has its rights, 1 when it cannot be given them."""

    help = "建立应用的数据库角色（APP_ROLE）并授予所需的权限；每次 migrate 之后运行，重复执行无妨。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            granted = grant()
        except RoleRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(asdict(granted), ensure_ascii=False))
            return
        for name in granted.created:
            self.stdout.write(f"已建立数据库角色 {name}。")
        self.stdout.write(f"角色 {granted.role} 已获得 {len(granted.tables)} 张表的权限。")
