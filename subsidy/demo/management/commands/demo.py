"""Prepare the demonstration and serve it."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from subsidy import embedded
from subsidy.accounts.roles import sync_roles
from subsidy.database_roles import RoleRefused, as_application, grant
from subsidy.demo.address import remember
from subsidy.demo.anew import begin_anew
from subsidy.demo.offices import equip_staff
from subsidy.demo.progress import Bar
from subsidy.demo.seed import MEMBERS, is_seeded, is_touched, seed
from subsidy.demo.serve import ServeError, elapsed, refuse_taken_port, serve
from subsidy.demo.welcome import Messages, log_ins

HOST: Final = "127.0.0.1"


class Command(BaseCommand):
    """demo [--no-serve] [--reset] [--members N] [--date 2024-06-18] [--port 8000]."""

    help = "准备演示数据（只在第一次），然后提供服务"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to prepare and where to serve; the date is read before the settings are."""
        parser.add_argument("--no-serve", action="store_true", help="只准备数据，不提供服务")
        parser.add_argument("--reset", action="store_true", help="删掉演示数据，从头开始")
        parser.add_argument("--members", type=int, default=MEMBERS, metavar="N", help="虚构会员人数")
        parser.add_argument("--date", default="", metavar="DATE", help="业务时钟从这一天 10:00 开始")
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("PORT") or 8000), help="端口（默认 8000 或 PORT）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare once, say who may sign in, serve until Ctrl-C."""
        _require_demonstration(options["date"])
        try:
            if not options["no_serve"]:
                refuse_taken_port(HOST, options["port"])
            self._prepare(members=options["members"], reset=options["reset"])
            if options["no_serve"]:
                self._welcome(options["port"])
                self.stdout.write(f"就绪（{elapsed()}）。")
            elif code := self._serve(options["port"]):
                raise SystemExit(code)
        except (ServeError, RoleRefused) as error:
            raise CommandError(str(error)) from error

    def _prepare(self, *, members: int, reset: bool) -> None:
        folder = _private(embedded.var_root() / "demo")
        if reset:
            self._empty(folder)
        self._migrate()
        if is_seeded():
            equip_staff()
            self.stdout.write("演示数据已在，保持不变（要从头开始：make demo-reset）。")
            return
        if is_touched():
            self._drop_half_a_year(folder)
        with as_application(), _in_a_hurry():
            seed(members=members, folder=folder, report=Bar("正在编排一年的申报", self.stdout))

    def _migrate(self) -> None:
        self.stdout.write("正在更新数据库结构 …")
        call_command("migrate", interactive=False, verbosity=0)
        grant()
        sync_roles()

    def _empty(self, folder: Path) -> None:
        self.stdout.write("正在清空演示数据 …")
        begin_anew(folder)

    def _drop_half_a_year(self, folder: Path) -> None:
        """Begin anew after a start that was broken off; a database that somebody named is left alone."""
        if not settings.EMBEDDED:
            raise CommandError("这个数据库里已有别的数据，没有改动。请换一个空库，或用 --reset 清空它。")
        self._empty(folder)
        self._migrate()

    def _serve(self, port: int) -> int:
        messages = Messages(self._say)
        return serve(host=HOST, port=port, on_ready=lambda: self._welcome(port), on_tick=messages.show_new)

    def _welcome(self, port: int) -> None:
        address = f"http://{HOST}:{port}"
        remember(address)
        for line in log_ins(address):
            self.stdout.write(line)

    def _say(self, line: str) -> None:
        """Print a line at once, also where the window is a file or a pipe: somebody waits for a code."""
        self.stdout.write(line)
        self.stdout.flush()


def _require_demonstration(day: str) -> None:
    if not settings.DEMO:
        raise CommandError("demo 只在演示环境运行：不要设置 DATABASE_URL，或同时设置 DEMO=1。")
    if day and not settings.EMBEDDED:
        raise CommandError("外接数据库时，请用环境变量 BUSINESS_DATE 设置业务日期。")


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """Do not wait for the disk at each of some thousand commits; a year broken off is begun anew."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
