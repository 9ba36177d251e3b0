"""Create a staff account, the first administrator of an installation included."""

from __future__ import annotations

import json
import os
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.accounts.models import Office, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.staff import create_staff
from subsidy.errors import Conflict, SubsidyError

REFUSED, UNKNOWN_OFFICE, TAKEN = 1, 2, 3


class Command(BaseCommand):
    """Exit 0 created, 1 refused by a rule, 2 wrong arguments or unknown office, 3 user name taken."""

    help = "新建工作人员账号。密码取自环境变量 STAFF_PASSWORD；没有则生成一个，只显示这一次。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument(
            "--role", action="append", default=[], choices=[role.value for role in Role], help="角色，可重复"
        )
        parser.add_argument("--office", default="", help="机构代码")
        parser.add_argument("--superuser", action="store_true", help="技术维护账号，不替代任何角色")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        given = os.environ.get("STAFF_PASSWORD", "")
        password = given or secrets.token_urlsafe(15)
        user = self._create(password, must_change=not given, options=options)
        shown = {} if given else {"password": password}
        if options["json"]:
            self.stdout.write(
                json.dumps({"id": user.pk, "username": user.username, "roles": options["role"]} | shown)
            )
            return
        self.stdout.write(f"已新建账号 {user.username}（编号 {user.pk}）。")
        if not given:
            self.stdout.write(f"初始密码（只显示这一次）：{password}")

    def _create(self, password: str, *, must_change: bool, options: dict[str, Any]) -> StaffUser:
        office = Office.objects.filter(code=options["office"]).first()
        if options["office"] and office is None:
            raise CommandError(f"没有代码为 {options['office']} 的机构。", returncode=UNKNOWN_OFFICE)
        try:
            return create_staff(
                options["username"],
                display_name=options["name"],
                password=password,
                roles=[Role(code) for code in options["role"]],
                office=office,
                is_superuser=options["superuser"],
                must_change_password=must_change,
            )
        except Conflict as refusal:
            raise CommandError(refusal.message, returncode=TAKEN) from refusal
        except SubsidyError as refusal:
            raise CommandError(refusal.message, returncode=REFUSED) from refusal
