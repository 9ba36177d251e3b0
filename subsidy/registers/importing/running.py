"""Preview and run of an import: one transaction, one turn for each register, one audit row."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from subsidy import clock
from subsidy.accounts.models import District
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import FieldError, RuleRefused
from subsidy.registers.importing.cells import Reading
from subsidy.registers.importing.kinds import REGISTERS, Kind, Register
from subsidy.registers.importing.staging import Counts, Progress, Staged, apply, count, stage
from subsidy.registers.models import CompetitionResult, RegisterImport
from subsidy.rules.folding import fold_competition, fold_name
from subsidy.spreadsheets import Limits, Table, open_table
from subsidy.spreadsheets.limits import MB

REGISTER_LIMITS = Limits(size=40 * MB, inflated=400 * MB, rows=300_000, strings=1_200_000)
TURN = 44


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file does, or did, to a register; `imported` is set once it stands there."""

    kind: Kind
    file_name: str
    sha256: str
    rows: int = 0
    counts: Counts = field(default_factory=Counts)
    errors: Sequence[FieldError] = ()
    error_count: int = 0
    sample: Sequence[dict[str, str]] = field(default_factory=list)
    imported: RegisterImport | None = None
    is_repeat: bool = False

    @property
    def sentence(self) -> str:
        """Say it in Chinese."""
        if self.is_repeat and self.imported:
            day = self.imported.imported_at.astimezone(clock.SHANGHAI)
            return f"这个文件已于 {day:%Y-%m-%d %H:%M} 导入过，没有改动。"
        if self.error_count:
            return f"有 {self.error_count} 处错误，一行也没有导入。请按位置改正后重新上传。"
        word = "已导入" if self.imported else "预览"
        done = self.counts
        return (
            f"{word}{self.kind.label} {self.rows} 行：新增 {done.created} 行，"
            f"更改 {done.changed} 行，相同 {done.unchanged} 行。"
        )


def preview(kind: Kind | str, content: bytes, file_name: str, *, progress: Progress | None = None) -> Outcome:
    """Say what a file would do, row faults included, and change nothing (V4).

    Raises SubsidyError when the file as a whole cannot be read.
    """
    register = REGISTERS[Kind(kind)]
    with transaction.atomic():
        outcome = _earlier(register, content) or _judged(register, content, file_name, progress)
        transaction.set_rollback(True)
    return outcome


def run(
    kind: Kind | str, content: bytes, file_name: str, *, actor: Actor, progress: Progress | None = None
) -> Outcome:
    """Import a file as a whole; the same file again changes nothing and says so (V4).

    Raises SubsidyError; with row faults its `errors` hold the first thousand, by address.
    """
    register = REGISTERS[Kind(kind)]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [TURN, register.kind.value])
        earlier = _earlier(register, content)
        if earlier:
            return earlier
        outcome = _judged(register, content, file_name, progress)
        if outcome.error_count:
            raise RuleRefused(outcome.sentence, code="ROWS_REFUSED", errors=outcome.errors)
        return _written(register, outcome, actor)


def _open(register: Register, content: bytes, file_name: str) -> Table:
    headings = [column.heading for column in register.columns]
    return open_table(content, file_name, required=headings, limits=REGISTER_LIMITS)


def _earlier(register: Register, content: bytes) -> Outcome | None:
    digest = sha256(content).hexdigest()
    found = RegisterImport.objects.filter(kind=register.kind.value, sha256=digest).first()
    if found is None:
        return None
    return Outcome(
        register.kind,
        found.file_name,
        found.sha256,
        found.row_count,
        Counts(unchanged=found.row_count),
        imported=found,
        is_repeat=True,
    )


def _judged(register: Register, content: bytes, file_name: str, progress: Progress | None) -> Outcome:
    table = _open(register, content, file_name)
    staged = stage(register, table, _reading(register), progress)
    if not staged.rows:
        staged.refuse([FieldError("A2", "NO_ROWS", "文件里没有数据行。请从第 2 行起填写后再上传。")])
    return _outcome(register, table, file_name, staged)


def _outcome(register: Register, table: Table, file_name: str, staged: Staged) -> Outcome:
    return Outcome(
        register.kind,
        _plain(file_name),
        table.sha256,
        staged.rows,
        Counts() if staged.error_count else count(register),
        staged.errors,
        staged.error_count,
        staged.sample,
    )


def _written(register: Register, outcome: Outcome, actor: Actor) -> Outcome:
    imported = RegisterImport.objects.create(
        kind=register.kind.value,
        file_name=outcome.file_name,
        sha256=outcome.sha256,
        row_count=outcome.rows,
        imported_by_id=actor.id if actor.realm == "staff" else None,
        imported_at=clock.now(),
    )
    apply(register, imported.pk)
    data = {
        "kind": register.kind.value,
        "sha256": outcome.sha256,
        "rows": outcome.rows,
        "created": outcome.counts.created,
        "changed": outcome.counts.changed,
    }
    record("register.imported", actor=actor, target=f"register-import:{imported.pk}", data=data)
    return Outcome(
        outcome.kind,
        outcome.file_name,
        outcome.sha256,
        outcome.rows,
        outcome.counts,
        sample=outcome.sample,
        imported=imported,
    )


def _reading(register: Register) -> Reading:
    today = clock.today()
    if register.kind is Kind.CARD_HOLDERS:
        return Reading(today, _districts())
    if register.kind is Kind.COMPETITION:
        return Reading(today, writings=_writings(), sealed=_sealed_mobiles(register))
    return Reading(today)


def _districts() -> dict[str, int]:
    found: dict[str, int] = {}
    for pk, code, name in District.objects.values_list("pk", "code", "name"):
        found |= dict.fromkeys((code, fold_name(name), fold_name(name.removesuffix("区"))), pk)
    return found


def _writings() -> dict[tuple[str, str], str]:
    """Return how competitions and trades are written on the register, by their folded form."""
    written: dict[tuple[str, str], str] = {}
    for edition, trade in CompetitionResult.objects.order_by("id").values_list("edition", "trade"):
        written.setdefault(("edition", fold_competition(edition)), edition)
        written.setdefault(("trade", fold_name(trade)), trade)
    return written


def _sealed_mobiles(register: Register) -> dict[tuple[Any, ...], tuple[str, str]]:
    results = CompetitionResult.objects.filter(mobile__isnull=False).annotate(
        sealed=Cast("mobile", TextField())
    )
    rows = results.values_list(*register.key, "mobile", "sealed")
    return {tuple(row[:-2]): (row[-2], row[-1]) for row in rows.iterator()}


def _plain(file_name: str) -> str:
    """Return the bare name of a file, fit to be stored and shown."""
    name = PurePath(file_name.replace("\\", "/")).name
    return "".join(mark for mark in name if unicodedata.category(mark)[0] != "C")[-200:]
