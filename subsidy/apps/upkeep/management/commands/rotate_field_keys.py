"""Move every encrypted value and data key under the first key of FIELD_KEYS."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.apps.upkeep.custody.rotation import rotate_keys
from subsidy.crypto import Unreadable, current_key_id


class Command(BaseCommand):
    """Exit 0 when everything lies under the current key, 1 when a value could not be opened."""

    help = "轮换字段密钥：把所有加密值和数据密钥改由 FIELD_KEYS 的第一把加密（可中断，可重复）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json."""
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move everything, showing progress on a terminal."""
        try:
            moved = rotate_keys(self._show)
        except Unreadable as error:
            raise CommandError(
                f"有值打不开，轮换停下（已改的不受影响）：{error}。请保留旧密钥，先运行 backup_check。"
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps({"key": current_key_id(), "moved": moved}))
            return
        for place, count in moved.items():
            self.stdout.write(f"{place}：{count:,}")
        self.stdout.write(f"全部加密值已在密钥 {current_key_id()} 之下。")

    def _show(self, place: str, done: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{place}：{done:,}", ending="")
