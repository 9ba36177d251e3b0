"""Print and check the books; exit 1 naming the rows at fault."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payouts.books import Books, verify
from subsidy import clock


class Command(BaseCommand):
    """verify_books [--json]."""

    help = "核对资金账：审核通过 = 撤销 + 等待 + 发放中 + 到账 + 失败 + 退汇 + 追回"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json."""
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the books once and print them."""
        books = verify(clock.now())
        self.stdout.write(
            json.dumps(books.as_dict(), ensure_ascii=False) if options["json"] else _text(books)
        )
        if not books.is_right:
            raise CommandError(f"账目有 {len(books.findings)} 处不符，见上。")


def _text(books: Books) -> str:
    lines = [f"{books.approved.label}：{books.approved.people} 人，{books.approved.yuan:,} 元"]
    lines += [f"  {entry.label}：{entry.people} 人，{entry.yuan:,} 元" for entry in books.entries]
    lines.append(f"核对 {books.checked['checks']} 项，打开文件 {books.checked['files']} 份")
    for finding in books.findings:
        lines.append(f"✗ [{finding.check}] {finding.message}")
        lines += [f"    {row}" for row in finding.rows]
    return "\n".join(lines if books.findings else [*lines, "账目相符。"])
