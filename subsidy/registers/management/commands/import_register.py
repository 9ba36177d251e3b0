"""Fill a register from a workbook."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import staff_actor
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.errors import FieldError, SubsidyError
from subsidy.registers.importing import REGISTER_LIMITS, Kind, Outcome, error_workbook, preview, run
from subsidy.spreadsheets import read_content

REFUSED, USAGE = 1, 2
SHOWN = 20


class Command(BaseCommand):
    """Exit 0 when the register stands as in the file (or would), 1 when refused, 2 when called wrongly."""

    help = "从 .xlsx 或 .csv 导入登记库：任何一行有错就一行也不导入；同一文件再次导入不做改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the register, the file and what is wanted."""
        kinds = [kind.value for kind in Kind]
        parser.add_argument("kind", choices=kinds, metavar="KIND", help="、".join(kinds))
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="只预览，不导入")
        parser.add_argument("--errors", type=Path, metavar="FILE.xlsx", help="把行错误存成表格")
        parser.add_argument("--by", metavar="USERNAME", help="导入人的用户名")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import or preview, and say what happened."""
        content, file_name, kind = _read(options["file"]), options["file"].name, options["kind"]
        actor = _actor(options["by"])
        try:
            if options["dry_run"]:
                outcome = preview(kind, content, file_name, progress=self._progress())
            else:
                outcome = run(kind, content, file_name, actor=actor, progress=self._progress())
        except SubsidyError as error:
            raise self._refusal(error.message, error.code, error.errors, options) from error
        if outcome.error_count:
            raise self._refusal(outcome.sentence, "ROWS_REFUSED", outcome.errors, options)
        self.stdout.write(_as_json(outcome) if options["json"] else outcome.sentence)

    def _progress(self) -> Callable[[int], None] | None:
        """Count rows on a terminal, in one line that the answer then overwrites."""
        if not self.stderr.isatty():
            return None
        return lambda rows: self.stderr.write(f"\r已读取 {rows:,} 行\r", style_func=str, ending="")

    def _refusal(self, message: str, code: str, errors: Any, options: dict[str, Any]) -> CommandError:
        if options["errors"]:
            options["errors"].write_bytes(error_workbook(errors))
        if options["json"]:
            faults = [{"field": e.field, "code": e.code, "message": e.message} for e in errors]
            told = {"ok": False, "code": code, "message": message, "errors": faults}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        return CommandError("\n".join([message, *_lines(message, errors)]), returncode=REFUSED)


def _lines(message: str, errors: list[FieldError]) -> list[str]:
    told = [error.message for error in errors if error.message != message]
    rest = [f"……另有 {len(told) - SHOWN} 处，可用 --errors 存成表格。"] if len(told) > SHOWN else []
    return told[:SHOWN] + rest


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return read_content(file, REGISTER_LIMITS)
    except OSError as error:
        raise CommandError(f"读不了文件 {path}：{error.strerror}。", returncode=USAGE) from error
    except SubsidyError as error:
        raise CommandError(error.message, returncode=REFUSED) from error


def _actor(username: str | None) -> Actor:
    if not username:
        return SYSTEM
    user = StaffUser.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"没有在岗的工作人员“{username}”。请核对 --by 的用户名。", returncode=USAGE)
    return staff_actor(user)


def _as_json(outcome: Outcome) -> str:
    facts = {
        "ok": True,
        "kind": outcome.kind.value,
        "file": outcome.file_name,
        "sha256": outcome.sha256,
        "rows": outcome.rows,
        "created": outcome.counts.created,
        "changed": outcome.counts.changed,
        "unchanged": outcome.counts.unchanged,
        "repeated": outcome.is_repeat,
        "imported": outcome.imported.pk if outcome.imported else None,
        "message": outcome.sentence,
    }
    return json.dumps(facts, ensure_ascii=False)
