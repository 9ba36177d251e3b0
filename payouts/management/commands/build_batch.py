"""Gather the payable applications of a scheme in a new batch."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from payouts.management.money import USAGE, MoneyCommand, facts_of, staff_named
from payouts.services import build_batch, freeze
from subsidy import clock
from subsidy.schemes.models import Scheme


class Command(MoneyCommand):
    """build_batch --by USERNAME [--scheme YEAR] [--freeze]."""

    help = "把可以发放的申报编成一个批次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who builds, for which year, and whether to freeze at once."""
        super().add_arguments(parser)
        parser.add_argument("--by", required=True, metavar="USERNAME", help="制单人")
        parser.add_argument("--scheme", type=int, metavar="YEAR", help="方案年度（默认当前方案）")
        parser.add_argument("--freeze", action="store_true", help="建批后随即冻结")

    def work(self, **options: Any) -> dict[str, Any]:
        """Build, and freeze if asked."""
        maker, year = staff_named(options["by"]), options["scheme"]
        schemes = Scheme.objects.all()
        scheme = schemes.filter(year=year).first() if year else schemes.current(clock.now())
        if scheme is None:
            raise CommandError("没有这个年度的方案。请核对 --scheme。", returncode=USAGE)
        batch = build_batch(scheme=scheme, maker=maker)
        if not options["freeze"]:
            return facts_of(batch) | {"set_aside": []}
        frozen = freeze(batch, maker=maker)
        return facts_of(frozen.batch) | {"set_aside": [line.line_ref for line in frozen.set_aside]}

    def sentence(self, facts: dict[str, Any]) -> str:
        """Say number, people and yuan."""
        aside = f"，另有 {len(facts['set_aside'])} 条不能发放已放回" if facts["set_aside"] else ""
        return f"批次 {facts['batch']}：{facts['lines']} 人，{facts['total']} 元{aside}。"
