"""Make the role groups agree with the matrix."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.accounts.roles import conflicting_staff, in_words, sync_roles

MISSING, CONFLICTING = 1, 2


class Command(BaseCommand):
    """Exit 0 when all is well, 1 when permissions are missing, 2 when somebody holds conflicting duties."""

    help = "按权限表建立角色组（重复执行无妨）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = {role.value: codes for role, codes in sync_roles().items() if codes}
        conflicts = {user.username: in_words(pairs) for user, pairs in conflicting_staff()}
        if options["json"]:
            found = {"missing": missing, "conflicts": conflicts}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        elif not missing:
            self.stdout.write("角色与权限已同步。")
        if missing:
            names = "；".join(f"{role}: {', '.join(codes)}" for role, codes in missing.items())
            raise CommandError(f"有些权限还不存在，请先执行 migrate：{names}", returncode=MISSING)
        if conflicts:
            names = "；".join(f"{username}（{pairs}）" for username, pairs in conflicts.items())
            raise CommandError(f"有人兼任了不能兼任的职责，请改其角色：{names}", returncode=CONFLICTING)
