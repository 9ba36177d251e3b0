"""Walk one application of each ground from filing to 已到账 over HTTP against a running server."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from subsidy import embedded
from subsidy.demo.address import served_at
from subsidy.demo.browser import WalkError
from subsidy.demo.walk import Walk, newcomers
from subsidy.errors import SubsidyError

DONE: Final = "走完了：三类申报，各从自己的入口到已到账，每一步都成功。"


class Command(BaseCommand):
    """walkthrough [--base-url URL] [--json]; exit 1 when a step fails."""

    help = "三类申报各从自己的入口走到账：对一个正在运行的演示，用浏览器一样的请求，逐步打印"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address of the server; its database must be the one of this clone."""
        parser.add_argument("--base-url", metavar="URL", help="默认是 make demo 正在服务的地址")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do every step; the first that fails ends the walk."""
        if not settings.DEMO:
            raise CommandError("walkthrough 只用于演示环境：它用虚构的会员真的走一遍。")
        address = options["base_url"] or served_at()
        folder = embedded.var_root() / "demo" if settings.EMBEDDED else None
        done: list[dict[str, Any]] = []
        told = options["json"]
        try:
            for whose, (title, act) in Walk(address, newcomers(), folder).steps():
                began = time.monotonic()
                done.append({"case": whose, "step": title})
                done[-1] |= {"seen": act(), "seconds": round(time.monotonic() - began, 2)}
                if not told:
                    self.stdout.write(f"✓ {_line(done)}：{done[-1]['seen']}")
        except (WalkError, LookupError, SubsidyError) as error:
            if told:
                self.stdout.write(_as_json(done, str(error)))
            raise CommandError(f"✗ {_line(done)}：{error}") from error
        self.stdout.write(_as_json(done, "") if told else DONE)


def _line(done: list[dict[str, Any]]) -> str:
    last = done[-1] if done else {"case": "准备", "step": "选出虚构的会员"}
    return f"{len(done):>2} 〔{last['case']}〕{last['step']}"


def _as_json(done: list[dict[str, Any]], error: str) -> str:
    return json.dumps({"ok": not error, "steps": done, "error": error}, ensure_ascii=False)
