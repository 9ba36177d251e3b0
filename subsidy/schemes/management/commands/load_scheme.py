"""Load one year's scheme from a TOML file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.audit.actors import SYSTEM
from subsidy.errors import SubsidyError
from subsidy.schemes.services import load_scheme, read_definition

REFUSED = 1


class Command(BaseCommand):
    """Exit 0 when the scheme stands as in the file, 1 when it was refused."""

    help = "从 TOML 文件载入年度方案（重复执行无妨；已发布的方案不会被改动）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and whether to publish."""
        parser.add_argument("file", type=Path, metavar="FILE.toml")
        parser.add_argument("--publish", action="store_true", help="载入后发布，会员即可看到")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what happened."""
        try:
            scheme, changed = load_scheme(
                read_definition(options["file"]), actor=SYSTEM, publish=options["publish"]
            )
        except SubsidyError as error:
            raise CommandError(error.message, returncode=REFUSED) from error
        if options["json"]:
            facts = {
                "year": scheme.year,
                "status": scheme.status,
                "fingerprint": scheme.fingerprint,
                "changed": changed,
            }
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        word = "已载入" if changed else "没有变化"
        self.stdout.write(
            f"{scheme}（{scheme.get_status_display()}）{word}，指纹 {scheme.fingerprint[:12]}。"
        )
