"""Load the districts that ship with the product."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from subsidy.accounts.services.places import load_districts


class Command(BaseCommand):
    """Exit 0 when the districts stand as shipped."""

    help = "载入北京市各区（重复执行无妨）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        count = load_districts()
        self.stdout.write(json.dumps({"districts": count}) if options["json"] else f"已载入 {count} 个区。")
