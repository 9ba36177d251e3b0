"""Filling the registers from workbooks: preview, then run; nothing is half-imported (V4, F4)."""

from __future__ import annotations

from subsidy.registers.importing.kinds import Kind
from subsidy.registers.importing.papers import error_workbook, register_template
from subsidy.registers.importing.running import REGISTER_LIMITS, Outcome, preview, run

__all__ = ["REGISTER_LIMITS", "Kind", "Outcome", "error_workbook", "preview", "register_template", "run"]
