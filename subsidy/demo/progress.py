"""A bar that moves on a terminal, and one plain line where there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Protocol

WIDTH: Final = 30
PAUSE: Final = 0.1


class Output(Protocol):
    """Where the bar is drawn."""

    def write(self, text: str, /) -> object:
        """Write the text."""
        ...

    def flush(self) -> object:
        """Show what was written."""
        ...

    def isatty(self) -> bool:
        """Say whether somebody watches."""
        ...


@dataclass(slots=True)
class Bar:
    """Shows how far a long work is; call it with what is done and what there is."""

    title: str
    out: Output
    began: float = field(default_factory=time.monotonic)
    shown: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Draw the bar anew, at most ten times a second, and end the line with the last step."""
        now = time.monotonic()
        if done < total and (not self.out.isatty() or now - self.shown < PAUSE):
            return
        self.shown = now
        filled = WIDTH * done // max(total, 1)
        bar = "█" * filled + "░" * (WIDTH - filled)
        start = "\r" if self.out.isatty() else ""
        end = f"，用时 {now - self.began:.0f} 秒\n" if done >= total else ""
        self.out.write(f"{start}{self.title} {bar} {done}/{total}{end}")
        self.out.flush()
