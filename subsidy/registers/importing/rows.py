"""One row of a workbook: its values by heading and the fields they write, or its faults with addresses."""

from __future__ import annotations

from typing import Any

from subsidy.errors import FieldError
from subsidy.registers.importing.cells import Reading
from subsidy.registers.importing.kinds import Column, Register
from subsidy.spreadsheets import Row


class Refused(ValueError):
    """A row that cannot be taken."""

    def __init__(self, faults: list[FieldError]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def fields_of(register: Register, row: Row, reading: Reading) -> dict[str, Any]:
    """Return what a row writes, by database column; raises Refused with every fault of the row."""
    faults = list(row.problems)
    broken = {fault.field for fault in faults}
    values: dict[str, Any] = {}
    for column in register.columns:
        address = row.address(column.heading)
        if address in broken:
            continue
        try:
            values[column.heading] = _value(column, row[column.heading], reading)
        except ValueError as error:
            sentence = f"单元格 {address}（{column.heading}）：{error}"
            faults.append(FieldError(address, "CELL_REFUSED", sentence))
    if faults:
        raise Refused(faults)
    try:
        return register.fields(values, reading)
    except ValueError as error:
        sentence = f"第 {row.number} 行：{error}"
        raise Refused([FieldError(f"A{row.number}", "ROW_REFUSED", sentence)]) from error


def shown(register: Register, row: Row) -> dict[str, str]:
    """Return a row as a preview shows it: personal data masked."""
    return {column.heading: column.mask(row[column.heading]) for column in register.columns}


def _value(column: Column, text: str, reading: Reading) -> Any:
    if text:
        return column.read(text, reading)
    if column.required:
        raise ValueError("没有填写。请补上。")
    return column.empty
