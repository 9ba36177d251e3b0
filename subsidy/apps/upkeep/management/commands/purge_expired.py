"""Clear what is past its term, or say what would be cleared."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from subsidy.apps.upkeep.retention.services import purge
from subsidy.apps.upkeep.retention.terms import TERMS


class Command(BaseCommand):
    """Runs as the application: the tables it deletes from are named in database_roles.DELETABLE."""

    help = "按保留期限清理：过期的会话、验证码、令牌、短信内容、从未提交的草稿和无主的附件文件"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只数，不清理")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = bool(options["dry_run"])
        found = purge(dry_run=dry_run)
        if options["json"]:
            self.stdout.write(
                json.dumps({"dry_run": dry_run, "cleared": found}, ensure_ascii=False, indent=2)
            )
            return
        for name, count in found.items():
            term = TERMS[name]
            self.stdout.write(f"{term.label}（{term.words}）：{'将清理' if dry_run else '已清理'} {count}")
