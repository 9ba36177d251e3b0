"""A stand-in for the union-card system: payout files in, a result file out, read as a stranger would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

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
    """A result file and what it says."""

    name: str
    content: bytes
    paid: int
    failed: int
    unknown: int


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
    contents: Sequence[bytes], *, at: datetime, fail: int = 0, unknown: int = 0, serial: str = "1"
) -> Answer:
    """Pay every line but the first `fail` ones, and leave the next `unknown` ones undecided."""
    number, payments = read_payouts(contents)
    results = [_result(position, fail, unknown) for position in range(len(payments))]
    return reply(number, list(zip(payments, results, strict=True)), at=at, serial=serial)


def reply(
    number: str, results: Sequence[tuple[Payment, tuple[str, str]]], *, at: datetime, serial: str = "1"
) -> Answer:
    """Write the result file that says code and text of each payment given, and nothing of the others."""
    when = at.isoformat(timespec="seconds")
    rows = [
        ["D", payment.line_ref, payment.card_number, payment.amount, *result, when if result == PAID else ""]
        for payment, result in results
    ]
    paid = [payment for payment, result in results if result == PAID]
    total = f"{sum(int(payment.amount.removesuffix('.00')) for payment in paid)}.00"
    count = str(len(rows))
    lines = [["H", number, serial, count, total, when], *rows, ["T", count, total]]
    content = "".join("|".join(line) + "\r\n" for line in lines).encode("gb18030")
    undecided = [result for _, result in results].count(UNKNOWN)
    return Answer(
        f"{number}.result-{serial}.txt", content, len(paid), len(rows) - len(paid) - undecided, undecided
    )


def _result(position: int, fail: int, unknown: int) -> tuple[str, str]:
    if position < fail:
        return FAILURES[position % len(FAILURES)]
    return UNKNOWN if position < fail + unknown else PAID
