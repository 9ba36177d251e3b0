"""The life cycle of staff accounts from the terminal; creating is `create_staff`, leaving `leave_staff`."""

from __future__ import annotations

import json
import os
import secrets
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from subsidy.accounts.models import Office, StaffUser
from subsidy.accounts.roles import Role, roles_of
from subsidy.accounts.services.second_factor import has_second_factor
from subsidy.accounts.services.staff import (
    end_sessions,
    reset_password,
    reset_second_factor,
    set_office,
    set_roles,
)
from subsidy.accounts.services.tries import locked_until, unlock_staff
from subsidy.errors import SubsidyError

REFUSED, UNKNOWN = 1, 2
HELP: Final = {
    "show": "看一个账号",
    "roles": "改角色",
    "office": "调机构",
    "password": "重置密码",
    "second-factor": "重置身份验证器",
    "unlock": "解锁",
    "end-sessions": "结束所有登录",
}
DONE: Final = {
    "roles": "{name} 的角色已改，打开着的登录都已结束。",
    "office": "{name} 的机构已改，打开着的登录都已结束。",
    "password": "{name} 的密码已重置，下次登录后须更换。",
    "second-factor": "{name} 的身份验证器已解除，下次登录重新绑定。",
    "unlock": "{name} 已解锁。",
    "end-sessions": "{name} 在所有电脑上的登录都已结束。",
}


class Command(BaseCommand):
    """Exit 0 done, 1 refused by a rule, 2 wrong arguments, nobody of that name or no such office."""

    help = "查看和办理工作人员账号。新建用 create_staff，离岗用 leave_staff"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is to be done, and to whom."""
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="要办的事")
        deeds.add_parser("list", help="列出全部账号")
        for deed, words in HELP.items():
            own = deeds.add_parser(deed, help=words)
            own.add_argument("username", help="工号")
            if deed == "roles":
                names = [role.value for role in Role]
                words = "改后的全部角色，可重复"
                own.add_argument("--role", action="append", default=[], choices=names, help=words)
            if deed == "office":
                own.add_argument("--office", default="", help="机构代码；不写表示不属任何机构")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how the account stands afterwards."""
        if options["deed"] == "list":
            self._tell([_facts(user) for user in StaffUser.objects.select_related("office")], options["json"])
            return
        user = StaffUser.objects.select_related("office").filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有工号为 {options['username']} 的账号。", returncode=UNKNOWN)
        try:
            shown = _do(user, options)
        except SubsidyError as refusal:
            raise CommandError(refusal.message, returncode=REFUSED) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(_facts(user) | shown, ensure_ascii=False))
        elif options["deed"] == "show":
            self._tell([_facts(user)], as_json=False)
        else:
            self.stdout.write(DONE[options["deed"]].format(name=user.username))
            if "password" in shown:
                self.stdout.write(f"新密码（只显示这一次）：{shown['password']}")

    def _tell(self, rows: list[dict[str, Any]], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"staff": rows}, ensure_ascii=False))
            return
        for row in rows:
            roles = "、".join(Role(role).label for role in row["roles"]) or "没有角色"
            cells = (row["username"], row["name"], roles, row["office"] or "—", _state(row))
            self.stdout.write("　".join(cells))


def _do(user: StaffUser, options: dict[str, Any]) -> dict[str, str]:
    """Call the service; return what may be shown this once."""
    match options["deed"]:
        case "roles":
            set_roles(user, [Role(code) for code in options["role"]])
        case "office":
            set_office(user, _office(options["office"]))
        case "password":
            given = os.environ.get("STAFF_PASSWORD", "")
            password = given or secrets.token_urlsafe(15)
            reset_password(user, password)
            return {} if given else {"password": password}
        case "second-factor":
            reset_second_factor(user)
        case "unlock":
            unlock_staff(user)
        case "end-sessions":
            end_sessions(user)
    return {}


def _office(code: str) -> Office | None:
    office = Office.objects.filter(code=code).first()
    if code and office is None:
        raise CommandError(f"没有代码为 {code} 的机构。", returncode=UNKNOWN)
    return office


def _facts(user: StaffUser) -> dict[str, Any]:
    until = locked_until(user)
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.display_name,
        "roles": sorted(roles_of(user)),
        "office": user.office.code if user.office else "",
        "active": user.is_active,
        "left_at": user.left_at.isoformat() if user.left_at else None,
        "second_factor": has_second_factor(user),
        "locked_until": until.isoformat() if until else None,
        "must_change_password": user.must_change_password,
    }


def _state(row: dict[str, Any]) -> str:
    if row["left_at"]:
        return "已离岗"
    if not row["active"]:
        return "已停用"
    if row["locked_until"]:
        return "暂停登录"
    return "已绑定身份验证器" if row["second_factor"] else "未绑定身份验证器"
