"""docs/security.md: every threat has a control and a test, and nothing is numbered twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from subsidy import limits
from subsidy.limits import Limit
from tests.hardening.judging import POLICY

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text("utf-8")
ROWS = [line.strip("|").split(" | ") for line in PAGE.splitlines() if line.startswith("| T-")]
ASVS = re.compile(r"V(?:[1-9]|1[0-7])\.[1-9]\.[1-9]\d?")


def test_threats_are_numbered_once_and_without_a_gap() -> None:
    assert [row[0].strip() for row in ROWS] == [f"T-{number:02d}" for number in range(1, len(ROWS) + 1)]
    assert len(ROWS) > 30


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_every_threat_has_a_control_and_a_test(row: list[str]) -> None:
    _, threat, control, tests, asvs = row
    assert threat.strip()
    assert control.strip()
    named = re.findall(r"`([^`]+)`", tests)
    assert named
    assert all(re.fullmatch(r"tests/[\w/]+\.py::test_\w+", one) for one in named)
    assert all(ASVS.fullmatch(one) for one in asvs.split())


def test_the_policy_on_the_page_is_the_one_that_is_sent() -> None:
    written = re.search(r"`Content-Security-Policy: ([^`]+)`", PAGE)
    assert written is not None
    assert dict(part.split(" ", 1) for part in written[1].split("; ")) == POLICY


def test_the_limits_on_the_page_are_the_ones_that_hold() -> None:
    block = PAGE.partition("## 限次")[2].partition("## ")[0]
    written = sorted(int(number) for number in re.findall(r"\| (\d+) \|", block))
    kept = {one for one in vars(limits).values() if isinstance(one, Limit)}
    assert written == sorted(one.a_minute for one in kept - {limits.WRITING})
    assert limits.WRITING.a_minute == limits.MEMBER.a_minute
    assert [one.name for one in kept if one.closed] == ["search"]
