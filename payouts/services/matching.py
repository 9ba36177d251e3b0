"""Comparing a result file with the books, row by row; nothing is written here (D3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Sum

from payouts import envelope
from payouts.formats import results
from payouts.formats.codes import MEANINGS, Code, Meaning, read_code
from payouts.formats.shapes import ResultRow, Totals
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from payouts.services.staging import check_result
from subsidy.crypto import open_data_key, unseal
from subsidy.rules.terms import Term
from subsidy.rules.workflow import LineStatus, RowOutcome

CHUNK = 2_000
WAITING = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)


class Effect(Term):
    """What a row does to its line."""

    PAID = "paid", "已到账"
    FAILED = "failed", "失败"
    UNKNOWN = "unknown", "结果不明"
    RETURNED = "returned", "退汇"
    NONE = "none", "不改账"


@dataclass(frozen=True, slots=True)
class LineState:
    """A line as the books have it now."""

    id: int
    line_ref: str
    application_id: int
    amount: int
    status: LineStatus
    card_number: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one row compares and what it does."""

    row: ResultRow
    line: LineState
    meaning: Meaning
    outcome: RowOutcome
    effect: Effect

    @property
    def claim(self) -> LineStatus:
        """Return what the row says of the line."""
        if self.meaning.code is Code.BOUNCED and self.effect is not Effect.FAILED:
            return LineStatus.BOUNCED
        if not self.meaning.is_final:
            return LineStatus.UNKNOWN
        return LineStatus.PAID if self.meaning.code is Code.PAID else LineStatus.FAILED


@dataclass(slots=True)
class Tally:
    """People and yuan."""

    count: int = 0
    yuan: int = 0

    def add(self, yuan: int, count: int = 1) -> None:
        """Count so many more."""
        self.count += count
        self.yuan += yuan


@dataclass(slots=True)
class Reason:
    """The failures of one kind, with the system's own words as first seen."""

    meaning: Meaning
    raw: str
    tally: Tally


@dataclass(slots=True)
class Preview:
    """What applying a result file would do, in people and yuan; amounts are those of our lines."""

    paid: Tally = field(default_factory=Tally)
    failed: Tally = field(default_factory=Tally)
    unknown: Tally = field(default_factory=Tally)
    returned: Tally = field(default_factory=Tally)
    missing: Tally = field(default_factory=Tally)
    already_final: Tally = field(default_factory=Tally)
    contradicts: Tally = field(default_factory=Tally)
    amount_differs: Tally = field(default_factory=Tally)
    card_differs: Tally = field(default_factory=Tally)
    reasons: list[Reason] = field(default_factory=list)
    set_aside: list[Verdict] = field(default_factory=list)

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return the counts as plain data."""
        tallies = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: {"count": tally.count, "yuan": tally.yuan}
            for name, tally in tallies.items()
            if isinstance(tally, Tally)
        }


def judge(row: ResultRow, line: LineState) -> Verdict:
    """Compare one row with its line; a doubtful row is set aside, never guessed."""
    meaning = read_code(row.raw_code)
    if row.amount_fen != line.amount * 100:
        return Verdict(row, line, meaning, RowOutcome.AMOUNT_DIFFERS, Effect.NONE)
    if row.card_number != line.card_number:
        return Verdict(row, line, meaning, RowOutcome.CARD_DIFFERS, Effect.NONE)
    outcome, effect = _compare(meaning, line.status)
    return Verdict(row, line, meaning, outcome, effect)


def _compare(meaning: Meaning, status: LineStatus) -> tuple[RowOutcome, Effect]:
    paid, returned = meaning.code is Code.PAID, meaning.code is Code.BOUNCED
    failed = meaning.is_final and not paid
    if status in (LineStatus.SENT, LineStatus.UNKNOWN):
        effect = Effect.PAID if paid else Effect.FAILED if failed else Effect.UNKNOWN
        return RowOutcome.MATCHED, effect
    if status is LineStatus.PAID and returned:
        return RowOutcome.MATCHED, Effect.RETURNED
    agrees = {
        LineStatus.PAID: paid,
        LineStatus.FAILED: failed,
        LineStatus.BOUNCED: returned,
        LineStatus.CANCELLED: failed,
    }
    outcome = RowOutcome.ALREADY_FINAL if agrees.get(status) else RowOutcome.CONTRADICTS
    return outcome, Effect.NONE


def preview(file: ResultFile) -> Preview:
    """Compare a staged file with the books as they stand now."""
    lines = {line.line_ref: line for line in lines_of(file.batch)}
    return summarise(verdicts(file, lines), lines)


def dry_run(content: bytes, *, typed: Totals | None = None) -> Preview:
    """Check and compare a result file, writing nothing; raises what `stage_result` raises."""
    result, batch = check_result(content, typed=typed)
    lines = {line.line_ref: line for line in lines_of(batch)}
    return summarise([judge(row, lines[row.line_ref]) for row in result.rows], lines)


def recorded(file: ResultFile) -> Preview:
    """Return what an applied file did, from the rows kept; missing: what it did not name and waits still."""
    found, reasons = Preview(), dict[Code, Reason]()
    rows = file.rows.values_list("outcome", "result", "is_settling", "is_late_return", "code")
    for outcome, result, settles, returns, code, count, yuan in rows.annotate(
        Count("pk"), Sum("line__amount")
    ):
        known = {"paid": "paid", "failed": "failed"}.get(result, "unknown") if settles else "unknown"
        matched = "returned" if returns else known
        tally: Tally = getattr(found, matched if outcome == RowOutcome.MATCHED.value else outcome)
        tally.add(yuan, count)
        if matched in ("failed", "returned"):
            meaning = MEANINGS[Code(code)]
            reasons.setdefault(meaning.code, Reason(meaning, code, Tally())).tally.add(yuan, count)
    found.reasons = sorted(reasons.values(), key=lambda reason: -reason.tally.count)
    unnamed = file.batch.lines.filter(status__in=WAITING).exclude(results__file=file)
    left = unnamed.aggregate(count=Count("pk"), yuan=Sum("amount"))
    found.missing.add(left["yuan"] or 0, left["count"])
    return found


def lines_of(batch: PayoutBatch) -> Iterator[LineState]:
    """Yield the sent lines of a batch with their cards opened."""
    key = open_data_key(batch.key.wrapped)
    rows = (
        PayoutLine.objects.filter(batch=batch, snapshot__isnull=False)
        .order_by("id")
        .values_list("id", "line_ref", "application_id", "amount", "status", "snapshot__card_number")
    )
    for pk, ref, application_id, amount, status, sealed in rows.iterator(chunk_size=CHUNK):
        card = unseal(key, bytes(sealed), envelope.of_card(ref)).decode()
        yield LineState(pk, ref, application_id, amount, LineStatus(status), card)


def verdicts(file: ResultFile, lines: Mapping[str, LineState]) -> list[Verdict]:
    """Judge every row of a staged file."""
    content = unseal(open_data_key(file.key.wrapped), bytes(file.content), envelope.of_result(file.sha256))
    return [judge(row, lines[row.line_ref]) for row in results.read(content).rows]


def summarise(judged: Iterable[Verdict], lines: Mapping[str, LineState]) -> Preview:
    """Count the verdicts, and the lines still waiting that the file does not name."""
    found, reasons, named = Preview(), dict[Code, Reason](), set[str]()
    effects = defaultdict(Tally) | {
        Effect.PAID: found.paid,
        Effect.FAILED: found.failed,
        Effect.UNKNOWN: found.unknown,
        Effect.RETURNED: found.returned,
    }
    for verdict in judged:
        named.add(verdict.line.line_ref)
        matched = verdict.outcome is RowOutcome.MATCHED
        tally = effects[verdict.effect] if matched else getattr(found, verdict.outcome.value)
        tally.add(verdict.line.amount)
        if verdict.effect in (Effect.FAILED, Effect.RETURNED):
            raw = f"{verdict.row.raw_code} {verdict.row.text}".strip()
            reason = reasons.setdefault(verdict.meaning.code, Reason(verdict.meaning, raw, Tally()))
            reason.tally.add(verdict.line.amount)
        if not matched and verdict.outcome is not RowOutcome.ALREADY_FINAL:
            found.set_aside.append(verdict)
    for line in lines.values():
        if line.line_ref not in named and line.status.value in WAITING:
            found.missing.add(line.amount)
    found.reasons = sorted(reasons.values(), key=lambda reason: -reason.tally.count)
    return found
