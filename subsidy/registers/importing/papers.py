"""The workbooks that staff are handed: an empty template with its notes, and a list of faults."""

from __future__ import annotations

from collections.abc import Iterable

from subsidy.errors import FieldError
from subsidy.registers.importing.kinds import REGISTERS, Kind, Register
from subsidy.spreadsheets import Sheet, write_workbook

NOTES = ("列名", "必填", "写法", "示例")
FAULTS = ("位置", "问题和办法", "代码")


def register_template(kind: Kind | str) -> bytes:
    """Return an empty workbook with the headings of one register, and how each column is written."""
    register = REGISTERS[Kind(kind)]
    notes = [
        (column.heading, "是" if column.required else "否", column.hint, column.example)
        for column in register.columns
    ]
    return write_workbook(
        Sheet(register.kind.label, [column.heading for column in register.columns], widths=_widths(register)),
        Sheet("填写说明", NOTES, notes, widths=(16, 8, 40, 40)),
    )


def error_workbook(errors: Iterable[FieldError]) -> bytes:
    """Return the faults of a file as a workbook to work through; it holds addresses, no person's data."""
    rows = [(error.field, error.message, error.code) for error in errors]
    return write_workbook(Sheet("行错误", FAULTS, rows, widths=(12, 80, 24)))


def _widths(register: Register) -> list[int]:
    return [max(len(column.heading) * 2, len(column.example), 10) + 4 for column in register.columns]
