"""What a check of a restored copy found: rows by id, keys by name, never a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what, what to do about it, and where."""

    check: str
    message: str
    rows: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the first rows and how many there are."""
        shown = list(self.rows[:SHOWN])
        return {"check": self.check, "message": self.message, "count": len(self.rows), "rows": shown}


@dataclass
class Report:
    """All findings, what was counted on the way, and how many values lie under each key."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether database, media and keys belong together."""
        return not self.findings

    def add(self, check: str, message: str, rows: list[str] | None = None) -> None:
        """Note one finding."""
        self.findings.append(Finding(check, message, tuple(rows or ())))

    def count(self, what: str, number: int = 1) -> None:
        """Count what was looked at."""
        self.checked[what] = self.checked.get(what, 0) + number

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON shows it."""
        found = [finding.as_dict() for finding in self.findings]
        return {"ok": self.is_whole, "checked": self.checked, "keys": self.keys, "findings": found}
