"""Take in a result file; a second person applies it."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from payouts.formats.shapes import Totals
from payouts.management.money import USAGE, MoneyCommand, staff_named
from payouts.models import ResultFile
from payouts.services import apply_result, dry_run, preview, stage_result
from payouts.services.matching import Preview
from subsidy.errors import NotFound


class Command(MoneyCommand):
    """import_result FILE --by USERNAME [--dry-run] | --apply --by OTHER."""

    help = "导入回盘文件（--by 制单）；另一人用 --apply --by 应用"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, who acts and what is wanted."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE", help="回盘文件")
        parser.add_argument("--by", metavar="USERNAME", help="导入人；与 --apply 同用时为应用人")
        parser.add_argument("--count", type=int, metavar="N", help="函件上写的行数（文件没有首末行时）")
        parser.add_argument("--paid", type=int, metavar="YUAN", help="函件上写的到账金额（元）")
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--dry-run", action="store_true", help="只比对，不登记")
        only.add_argument("--apply", action="store_true", help="应用已导入的这个文件")

    def work(self, **options: Any) -> dict[str, Any]:
        """Compare, stage or apply."""
        content = _read(options["file"])
        if options["dry_run"]:
            return _facts("compared", dry_run(content, typed=_typed(options)))
        if not options["by"]:
            raise CommandError("请用 --by 写明办理人的用户名。", returncode=USAGE)
        user = staff_named(options["by"])
        if options["apply"]:
            return _facts("applied", apply_result(_staged(content), applier=user))
        name = options["file"].name
        staged = stage_result(content, name, importer=user, typed=_typed(options))
        return _facts("staged", preview(staged))

    def sentence(self, facts: dict[str, Any]) -> str:
        """Say what was done and the counts."""
        done = {"compared": "只比对，没有登记", "staged": "已导入，等另一人应用", "applied": "已应用"}
        names = {
            "paid": "到账",
            "failed": "失败",
            "unknown": "不明",
            "returned": "退汇",
            "missing": "回盘未列",
            "already_final": "已有终态",
            "contradicts": "与终态矛盾",
            "amount_differs": "金额不同",
            "card_differs": "卡号不同",
        }
        counts = [f"{name} {facts[key]['count']} 笔 {facts[key]['yuan']} 元" for key, name in names.items()]
        return f"{done[facts['step']]}：{'，'.join(counts)}。"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"读不了文件 {path}：{error.strerror}。", returncode=USAGE) from error


def _typed(options: dict[str, Any]) -> Totals | None:
    count, paid = options["count"], options["paid"]
    if (count is None) != (paid is None):
        raise CommandError("--count 和 --paid 要一起写。", returncode=USAGE)
    return None if count is None else Totals(count, paid * 100)


def _staged(content: bytes) -> ResultFile:
    found = ResultFile.objects.filter(sha256=hashlib.sha256(content).hexdigest()).first()
    if found is None:
        raise NotFound("这个文件还没有导入。请先由制单人导入，再由另一人应用。", code="RESULT_NOT_STAGED")
    return found


def _facts(step: str, found: Preview) -> dict[str, Any]:
    rows = [f"{v.row.row}:{v.line.line_ref}:{v.outcome.value}" for v in found.set_aside]
    return {"step": step} | found.as_dict() | {"set_aside": rows}
