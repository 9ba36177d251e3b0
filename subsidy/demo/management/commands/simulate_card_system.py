"""Answer payout files as the union-card system would."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy import clock
from subsidy.demo.card_system import FORMATS, TEXT, Answer, NotAPayoutFile, answer


def whole(text: str) -> int:
    """Read a count."""
    if not text.isdecimal():
        raise ArgumentTypeError("要写 0 或正整数")
    return int(text)


class Command(BaseCommand):
    """simulate_card_system FILE… [--fail N] [--unknown N] [--serial S] [--format xlsx] [--to DIR]."""

    help = "模拟卡系统：读同一批次的发放文件（txt），写出回盘文件"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the parts of one batch and how many lines fail or stay unknown."""
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="发放文件，可写多个分卷")
        parser.add_argument("--fail", type=whole, default=0, metavar="N", help="前 N 笔失败")
        parser.add_argument("--unknown", type=whole, default=0, metavar="N", help="再后 N 笔结果不明")
        parser.add_argument("--serial", default="1", help="回盘序号")
        parser.add_argument("--format", choices=FORMATS, default=TEXT, help="回盘文件的格式（默认 txt）")
        parser.add_argument("--to", type=Path, metavar="DIR", help="存放目录（默认与发放文件同处）")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, answer, write; ends with 2 for files that cannot be read."""
        fail, unknown = options["fail"], options["unknown"]
        try:
            contents = [path.read_bytes() for path in options["files"]]
            at = clock.now().astimezone(clock.SHANGHAI)
            chosen = {"serial": options["serial"], "kind": options["format"]}
            found = answer(contents, at=at, fail=fail, unknown=unknown, **chosen)
        except OSError as error:
            raise CommandError(f"读不了文件 {error.filename}：{error.strerror}。", returncode=2) from error
        except NotAPayoutFile as error:
            raise CommandError(str(error), returncode=2) from error
        folder = options["to"] or options["files"][0].parent
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / found.name
        path.touch(mode=0o600)
        path.write_bytes(found.content)
        self.stdout.write(_as_json(path, found) if options["json"] else _sentence(path, found))


def _as_json(path: Path, found: Answer) -> str:
    facts = {
        "file": str(path),
        "paid": found.paid,
        "failed": found.failed,
        "unknown": found.unknown,
        "count": found.count,
        "paid_total": found.paid_total,
    }
    return json.dumps(facts, ensure_ascii=False)


def _sentence(path: Path, found: Answer) -> str:
    counts = f"到账 {found.paid} 笔，失败 {found.failed} 笔，不明 {found.unknown} 笔"
    return f"{path}：{counts}；共 {found.count} 行，到账 {found.paid_total} 元"
