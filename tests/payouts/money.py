"""Approved people, batches and result files for the payout tests, all made by the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from applications.models import Application
from payouts.models import PayoutBatch, PayoutFile, PayoutLine, ResultFile
from payouts.services import (
    apply_result,
    approve_batch,
    build_batch,
    freeze,
    stage_result,
    write_files,
)
from payouts.services.downloading import plain_bytes
from review.services import approve, take
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.schemes.models import Scheme
from tests import make


@dataclass(frozen=True)
class Desk:
    """The people who handle money in one test, and the scheme."""

    scheme: Scheme
    maker: StaffUser
    checker: StaffUser
    reviewer: StaffUser

    @classmethod
    def set_up(cls) -> Desk:
        """Make one person of each role."""
        roles = (Role.FINANCE_MAKER, Role.FINANCE_CHECKER, Role.REVIEWER)
        return cls(make.scheme(), *(make.staff(role) for role in roles))

    def approved(self, count: int = 1, **member: Any) -> list[Application]:
        """Return so many approved applications of different people."""
        return [self._approve(make.submitted(make.member(**member))) for _ in range(count)]

    def _approve(self, application: Application) -> Application:
        with clock.at(make.DAY):
            take(application, reviewer=self.reviewer)
            approve(application, reviewer=self.reviewer, version=application.version)
        application.refresh_from_db()
        return application

    def built(self, count: int = 2) -> PayoutBatch:
        """Return an open batch."""
        self.approved(count)
        return self.build()

    def build(self) -> PayoutBatch:
        """Build from what is payable."""
        with clock.at(make.DAY):
            return build_batch(scheme=self.scheme, maker=self.maker)

    def frozen(self, count: int = 2) -> PayoutBatch:
        """Return a frozen batch."""
        with clock.at(make.DAY):
            return freeze(self.built(count), maker=self.maker).batch

    def ready(self, count: int = 2) -> PayoutBatch:
        """Return an approved batch."""
        with clock.at(make.DAY):
            return approve_batch(self.frozen(count), checker=self.checker)

    def sent(self, count: int = 2) -> PayoutBatch:
        """Return an exported batch."""
        return self.send(self.ready(count))

    def send(self, batch: PayoutBatch) -> PayoutBatch:
        """Export an approved batch."""
        with clock.at(make.DAY):
            write_files(batch.pk)
        batch.refresh_from_db()
        return batch

    def again(self) -> PayoutBatch:
        """Build, freeze, approve and export what is payable now."""
        with clock.at(make.DAY):
            batch = freeze(self.build(), maker=self.maker).batch
            return self.send(approve_batch(batch, checker=self.checker))

    def stage(self, content: bytes, name: str = "回盘.txt") -> ResultFile:
        """Stage a result file."""
        with clock.at(make.DAY):
            return stage_result(content, name, importer=self.maker)

    def apply(self, content: bytes) -> ResultFile:
        """Stage and apply a result file."""
        staged = self.stage(content)
        with clock.at(make.DAY):
            apply_result(staged, applier=self.checker)
        staged.refresh_from_db()
        return staged


@dataclass(frozen=True)
class Result:
    """A result file as a test writes it; changes give another one."""

    batch: str
    rows: tuple[tuple[str, ...], ...]
    serial: str = "1"
    count: str | None = None
    paid: str | None = None

    def bytes(self) -> bytes:
        """Return GB18030 with CRLF; count and sum are right unless given."""
        count = self.count if self.count is not None else str(len(self.rows))
        paid = self.paid if self.paid is not None else self._paid()
        lines = [f"H|{self.batch}|{self.serial}|{count}|{paid}|2024-06-18T12:00:00+08:00"]
        lines += ["|".join(("D", *row)) for row in self.rows]
        lines.append(f"T|{count}|{paid}")
        return ("\r\n".join(lines) + "\r\n").encode("gb18030")

    def _paid(self) -> str:
        fen = sum(int(row[2].replace(".", "")) for row in self.rows if row[3] in ("PAID", "0000"))
        return f"{fen // 100}.{fen % 100:02d}"

    def with_row(self, index: int, **changes: str) -> Result:
        """Return the same file with one row changed: ref, card, amount, code, text or paid_at."""
        names = ("ref", "card", "amount", "code", "text", "paid_at")
        rows = [dict(zip(names, row, strict=True)) for row in self.rows]
        rows[index] |= changes
        return replace(self, rows=tuple(tuple(row[name] for name in names) for row in rows))


def answer(batch: PayoutBatch, *codes: str, serial: str = "1") -> Result:
    """Return the result file of a batch; the codes given are for its first lines, the others are paid."""
    cards = {ref: card for ref, card, _ in sent_lines(batch)}
    lines = PayoutLine.objects.filter(line_ref__in=cards).order_by("serial")
    rows = []
    for index, line in enumerate(lines):
        code = codes[index] if index < len(codes) else "PAID"
        when = "2024-06-18T11:00:00+08:00" if code == "PAID" else ""
        row = (line.line_ref, cards[line.line_ref], f"{line.amount}.00", code, "说明", when)
        rows.append(row)
    return Result(batch.number, tuple(rows), serial=serial)


def sent_lines(batch: PayoutBatch) -> list[tuple[str, str, str]]:
    """Return (line_ref, card, amount) as the exported files have them."""
    found = []
    for file in batch.files.filter(format="txt").order_by("part"):
        rows = [row.split("|") for row in plain_bytes(file).decode("gb18030").split("\r\n")]
        found += [(row[1], row[3], row[4]) for row in rows if row[0] == "D"]
    return found


def unpacked(batch: PayoutBatch, folder: Path) -> Path:
    """Put the files of a batch into a folder, as finance hands them over."""
    for file in batch.files.all():
        (folder / file.name).write_bytes(plain_bytes(file))
    return folder


def text_file(batch: PayoutBatch) -> PayoutFile:
    """Return the first payout file of a batch."""
    return batch.files.get(format="txt", part=1)


@contextmanager
def as_owner_without_triggers() -> Iterator[None]:
    """Write as the owner of the tables with every trigger silent, as only somebody with that log-in could."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def run(sql: str, params: Sequence[object] = ()) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
