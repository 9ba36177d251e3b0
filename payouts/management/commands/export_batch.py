"""Write the files of an approved batch, and copy them to a folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from payouts.management.money import MoneyCommand, batch_numbered, facts_of, staff_named
from payouts.models import PayoutBatch
from payouts.services import approve_batch, download, export_batch, write_files
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services.actors import staff_actor


class Command(MoneyCommand):
    """export_batch NO --by USERNAME [--approve CHECKER] [--to DIR]."""

    help = "导出已批准的批次；已导出的批次原样再取一次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the batch, who exports, who approves first, and where the copies go."""
        super().add_arguments(parser)
        parser.add_argument("number", metavar="NO", help="批次号，如 ZT2024-B0001")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="制单人")
        parser.add_argument("--approve", metavar="USERNAME", help="先由这位财务复核批准")
        parser.add_argument("--to", type=Path, metavar="DIR", help="把文件存到这个目录")

    def work(self, **options: Any) -> dict[str, Any]:
        """Approve if asked, export if not yet done, copy the stored bytes."""
        maker, batch = staff_named(options["by"]), batch_numbered(options["number"])
        if options["approve"]:
            batch = approve_batch(batch, checker=staff_named(options["approve"]))
        export_batch(batch, maker=maker)
        write_files(batch.pk, actor=staff_actor(maker))
        batch.refresh_from_db()
        return facts_of(batch) | {"files": _files(batch, maker, options["to"])}

    def sentence(self, facts: dict[str, Any]) -> str:
        """Say the batch and its files, one a line."""
        files = "\n".join(f"  {file['path']}  sha256 {file['sha256']}" for file in facts["files"])
        return f"批次 {facts['batch']} 已导出：{facts['lines']} 人，{facts['total']} 元。\n{files}"


def _files(batch: PayoutBatch, maker: StaffUser, folder: Path | None) -> list[dict[str, Any]]:
    return [
        {
            "file": file.name,
            "path": _copy(folder, file.name, download(file, by=maker)) if folder else file.name,
            "sha256": file.sha256,
            "lines": file.line_count,
            "total": file.total,
        }
        for file in batch.files.select_related("batch__key")
    ]


def _copy(folder: Path, name: str, content: bytes) -> str:
    """Names and cards in clear: the copy is for its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return str(path)
