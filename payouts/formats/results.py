"""Reading a result file of either layout, known by how it begins."""

from __future__ import annotations

from payouts.formats import default_txt, default_xlsx
from payouts.formats.shapes import ParsedResult


def read(content: bytes) -> ParsedResult:
    """Return what a result file says; raises SubsidyError naming the line or cell at fault."""
    layout = default_xlsx if content.startswith(default_xlsx.MAGICS) else default_txt
    return layout.read(content)
