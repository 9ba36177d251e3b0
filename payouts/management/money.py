"""What the money commands share: who acts, --json, and exit codes 0 done, 1 refused, 2 called wrongly."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payouts.models import PayoutBatch
from subsidy.accounts.models import StaffUser
from subsidy.errors import SubsidyError

USAGE = 2


class MoneyCommand(BaseCommand):
    """A command that calls one service; `work` returns the facts to print."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json; each command adds its own."""
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the work; a refusal is printed with its reason and ends with 1."""
        try:
            facts = self.work(**options)
        except SubsidyError as error:
            if options["json"]:
                refusal = {"ok": False, "code": error.code, "message": error.message, "ids": list(error.ids)}
                self.stdout.write(json.dumps(refusal, ensure_ascii=False))
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps({"ok": True} | facts, ensure_ascii=False, default=str))
        else:
            self.stdout.write(self.sentence(facts))

    def work(self, **options: Any) -> dict[str, Any]:
        """Do it and return plain data."""
        raise NotImplementedError

    def sentence(self, facts: dict[str, Any]) -> str:
        """Say the facts in Chinese."""
        raise NotImplementedError


def staff_named(username: str) -> StaffUser:
    """Return the member of staff who acts; ends with 2 when there is none."""
    user = StaffUser.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"没有在岗的工作人员“{username}”。请核对 --by 的用户名。", returncode=USAGE)
    return user


def batch_numbered(number: str) -> PayoutBatch:
    """Return the batch; ends with 2 when there is none."""
    batch = PayoutBatch.objects.filter(number=number).first()
    if batch is None:
        raise CommandError(f"没有批次“{number}”。请核对批次号（如 ZT2024-B0001）。", returncode=USAGE)
    return batch


def facts_of(batch: PayoutBatch) -> dict[str, Any]:
    """Return a batch as plain data."""
    return {
        "batch": batch.number,
        "status": batch.status,
        "lines": batch.line_count,
        "total": batch.total,
        "card_hash_total": batch.card_hash_total,
    }
