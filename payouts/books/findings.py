"""What the books say: entries in people and yuan, and findings that name the rows at fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One row at fault: its table in a word, its id, and the name people know it by."""

    kind: str
    id: int
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.name})"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the balance; `yuan` whole."""

    code: str
    label: str
    people: int
    yuan: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed."""

    check: str
    message: str
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Books:
    """The balance: `approved` on the left, `entries` on the right, and every finding."""

    approved: Entry
    entries: Sequence[Entry]
    checked: dict[str, int] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    @property
    def is_right(self) -> bool:
        """Say whether everything agrees."""
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        """Return the books as plain data."""
        return {
            "ok": self.is_right,
            "approved": asdict(self.approved),
            "entries": [asdict(entry) for entry in self.entries],
            "checked": self.checked,
            "findings": [
                {
                    "check": finding.check,
                    "message": finding.message,
                    "ids": [row._asdict() for row in finding.rows],
                }
                for finding in self.findings
            ],
        }
