"""Seal what is finished, then check the whole audit log against its chain."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from subsidy.audit import sealer, verifier


class Command(BaseCommand):
    """Exit 0 when the chain holds, 1 when something was altered, lost, moved or slipped in."""

    help = "核对审计日志与封存链；有改动、缺失、错序或混入时退出码为 1，并指明是哪一条"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")
        parser.add_argument("--head", default="", help="以前记下的封存摘要，须仍在链上")

    def handle(self, *args: Any, **options: Any) -> None:
        sealed_now = sealer.seal()
        verdict = verifier.verify(known_head=options["head"])
        if options["json"]:
            report = {"ok": not verdict.findings, "sealed_now": sealed_now, **asdict(verdict)}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self._print(verdict, sealed_now)
        if verdict.findings:
            sys.exit(1)

    def _print(self, verdict: verifier.Verdict, sealed_now: int) -> None:
        self.stdout.write(f"封存 {verdict.seals} 段，记录 {verdict.rows} 条（本次新封 {sealed_now} 条）")
        self.stdout.write(f"链首摘要 {verdict.head or '（尚无封存）'}")
        for finding in verdict.findings:
            self.stdout.write(self.style.ERROR(f"{finding.where}：{finding.message}"))
        if not verdict.findings:
            self.stdout.write(self.style.SUCCESS("审计日志完整"))
