"""Check that a restored database, its media and the loaded keys belong together."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.apps.upkeep.custody.check import check_backup
from subsidy.apps.upkeep.custody.report import SHOWN, Finding, Report

SAMPLE = 500
LABELS = {
    "values": "打开的加密值",
    "digests": "核对的摘要",
    "data_keys": "打开的数据密钥",
    "payout_files": "发放与回盘文件",
    "result_rows": "回盘明细原文",
    "attachments": "附件",
    "files_without_row": "没有登记的附件文件（备份先库后文件时属正常）",
}


class Command(BaseCommand):
    """Exit 0 when everything belongs together, 1 otherwise, naming keys and ids and nothing personal."""

    help = "核对恢复后的数据库、附件与密钥是否配套：解密抽样、重算摘要、打开文件、比对附件"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how much to open, and --json."""
        parser.add_argument(
            "--sample", type=int, default=SAMPLE, help=f"每列每把密钥抽查多少（默认 {SAMPLE}）"
        )
        parser.add_argument("--all", action="store_true", help="全部打开，不抽样")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check once and print."""
        if options["sample"] < 1:
            raise CommandError("--sample 应为 1 或更大的整数。", returncode=2)
        report = check_backup(None if options["all"] else options["sample"])
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        else:
            self.stdout.write(_text(report))
        if not report.is_whole:
            raise CommandError(f"数据库、附件与密钥不配套，{len(report.findings)} 处见上。")


def _text(report: Report) -> str:
    lines = [f"{LABELS.get(what, what)}：{number:,}" for what, number in report.checked.items()]
    lines += [f"密钥 {key or '（不是密文）'}：{total:,} 个值" for key, total in sorted(report.keys.items())]
    for finding in report.findings:
        lines += _lines(finding)
    return "\n".join(lines if report.findings else [*lines, "数据库、附件与密钥配套。"])


def _lines(finding: Finding) -> list[str]:
    more = len(finding.rows) - SHOWN
    rows = [f"    {row}" for row in finding.rows[:SHOWN]]
    return [f"✗ [{finding.check}] {finding.message}", *rows, *([f"    ……另有 {more} 处"] if more > 0 else [])]
