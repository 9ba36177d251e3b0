"""A stand-in for the union-card system: payout files in, a result file out, read as a stranger would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from subsidy.spreadsheets import Sheet, write_workbook

TEXT: Final = "txt"
WORKBOOK: Final = "xlsx"
FORMATS: Final = (TEXT, WORKBOOK)
HEADINGS: Final = ("明细号", "卡号", "金额", "结果代码", "结果说明", "到账时间")
AMOUNTS: Final = frozenset({"金额"})
WIDTHS: Final = (26, 24, 12, 12, 28, 28)
PAID = ("0000", "成功")
FAILURES = (
    ("E102", "户名与卡号不符"),
    ("E107", "账户已销户"),
    ("E111", "账户状态异常-挂失"),
    ("E101", "无此账户"),
)
UNKNOWN = ("E202", "处理中")


class NotAPayoutFile(ValueError):
    """The file is not what the card system takes in."""


class Payment(NamedTuple):
    """One line as the card system reads it."""

    line_ref: str
    card_number: str
    amount: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A result file and what it says; a workbook states no totals, so a letter carries count and yuan."""

    name: str
    content: bytes
    paid: int
    failed: int
    unknown: int
    paid_total: int

    @property
    def count(self) -> int:
        """Return how many lines it answers."""
        return self.paid + self.failed + self.unknown


def read_payouts(contents: Sequence[bytes]) -> tuple[str, list[Payment]]:
    """Return batch number and lines of the parts of one batch; raises NotAPayoutFile."""
    numbers, payments = set[str](), list[Payment]()
    for content in contents:
        try:
            rows = [row.split("|") for row in content.decode("gb18030").split("\r\n") if row]
            head, body, tail = rows[0], rows[1:-1], rows[-1]
            if (head[0], tail[0], len(body)) != ("H", "T", int(tail[1])):
                raise NotAPayoutFile("首行、末行或行数不对。")
            numbers.add(head[1])
            payments += [Payment(row[1], row[3], row[4]) for row in body]
        except (UnicodeDecodeError, IndexError, ValueError) as error:
            raise NotAPayoutFile(f"不是发放文件：{error}") from error
    if len(numbers) != 1:
        raise NotAPayoutFile("各分卷不是同一个批次。")
    return numbers.pop(), payments


def answer(
    contents: Sequence[bytes],
    *,
    at: datetime,
    fail: int = 0,
    unknown: int = 0,
    serial: str = "1",
    kind: str = TEXT,
) -> Answer:
    """Pay every line but the first `fail` ones, and leave the next `unknown` ones undecided."""
    number, payments = read_payouts(contents)
    results = [_result(position, fail, unknown) for position in range(len(payments))]
    return reply(number, list(zip(payments, results, strict=True)), at=at, serial=serial, kind=kind)


def reply(
    number: str,
    results: Sequence[tuple[Payment, tuple[str, str]]],
    *,
    at: datetime,
    serial: str = "1",
    kind: str = TEXT,
) -> Answer:
    """Write the result file that says code and text of each payment given, and nothing of the others."""
    when = at.isoformat(timespec="seconds")
    rows = [
        [payment.line_ref, payment.card_number, payment.amount, *result, when if result == PAID else ""]
        for payment, result in results
    ]
    paid = [int(payment.amount.removesuffix(".00")) for payment, result in results if result == PAID]
    undecided = [result for _, result in results].count(UNKNOWN)
    total = sum(paid)
    content = _workbook(rows) if kind == WORKBOOK else _text([number, serial], rows, total, when)
    return Answer(
        f"{number}.result-{serial}.{kind}",
        content,
        len(paid),
        len(rows) - len(paid) - undecided,
        undecided,
        total,
    )


def _text(names: Sequence[str], rows: Sequence[Sequence[str]], total: int, when: str) -> bytes:
    sums = [str(len(rows)), f"{total}.00"]
    lines = [["H", *names, *sums, when], *(["D", *row] for row in rows), ["T", *sums]]
    return "".join("|".join(line) + "\r\n" for line in lines).encode("gb18030")


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    cells: list[list[str | Decimal]] = [
        [ref, card, Decimal(amount), *rest] for ref, card, amount, *rest in rows
    ]
    return write_workbook(Sheet("回盘", HEADINGS, cells, AMOUNTS, WIDTHS))


def _result(position: int, fail: int, unknown: int) -> tuple[str, str]:
    if position < fail:
        return FAILURES[position % len(FAILURES)]
    return UNKNOWN if position < fail + unknown else PAID
