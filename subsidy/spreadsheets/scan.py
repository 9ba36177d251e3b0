"""Looking through a workbook's XML without building it: extent, formulas, links, entities."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from openpyxl.utils import get_column_letter
from openpyxl.xml.constants import SHEET_MAIN_NS

from subsidy.errors import Malformed
from subsidy.spreadsheets.limits import MB, Limits, refused, unreadable

STRETCH = MB
"""Bytes that may lie between two rows, or two shared texts."""
OTHER_SIZE = 4 * MB
OTHER_ELEMENTS = 100_000
ROW_ELEMENTS = 20_000
TEXT_ELEMENTS = 20
DEPTH = 64
SHEET_ROW = f"{SHEET_MAIN_NS} row"
ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
AREA = re.compile(r"[A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?")

Attributes = dict[str, str]


class Scan:
    """One XML part, fed in chunks; raises what refuses the file."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.fed = self.mark = self.elements = self.row_elements = self.strings = self.depth = 0
        self.row = self.column = self.sheets = 0
        self.root = ""
        self.locals: dict[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes and judge the stretch since the last row."""
        self._parse(chunk, False)
        self.fed += len(chunk)
        if self.root in {"worksheet", "sst"}:
            if self.fed - self.mark > STRETCH + len(chunk):
                raise refused("WORKBOOK_INFLATES", "表格里有过长的内容，请只保留数据，另存后再上传。")
        elif self.fed > OTHER_SIZE or self.elements > OTHER_ELEMENTS:
            raise refused("WORKBOOK_INFLATES", "表格的样式或附带内容过多，请只保留数据，另存后再上传。")

    def close(self) -> None:
        """Demand that the part is complete."""
        self._parse(b"", True)

    def _parse(self, chunk: bytes, final: bool) -> None:
        try:
            self.parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise unreadable() from error

    def _doctype(self, *_: object) -> None:
        raise refused("WORKBOOK_ENTITIES", "表格里有不允许的内部定义（DTD），请另存为普通 .xlsx 再上传。")

    def _start(self, name: str, attributes: Attributes) -> None:
        local = self.locals.get(name) or self._local(name)
        self.elements += 1
        self.depth += 1
        if self.depth > DEPTH:
            raise unreadable()
        if self.root == "worksheet":
            self._in_sheet(local, attributes)
        elif name == SHEET_ROW:  # rows under another root would pass as something lighter
            raise unreadable()
        elif self.root == "sst":
            self._in_strings(local)
        elif not self.root:
            self.root = local
        elif self.root == "workbook" and local == "sheet":
            self._sheet(attributes)
        elif look := LOOKS.get(local):
            look(attributes)

    def _end(self, _: str) -> None:
        self.depth -= 1

    def _local(self, name: str) -> str:
        """Remember the name without its namespace; the table is short in any honest part."""
        local = name.rpartition(" ")[2]
        if len(self.locals) < ROW_ELEMENTS:
            self.locals[name] = local
        return local

    def _in_sheet(self, local: str, attributes: Attributes) -> None:
        self.row_elements += 1
        if local == "c":
            self._cell(attributes.get("r"))
        elif local == "row":
            self._row(attributes.get("r"))
        elif local == "f":
            address = f"{get_column_letter(self.column or 1)}{self.row}"
            sentence = f"单元格 {address} 是公式。请把公式粘贴为数值后再上传。"
            raise refused("WORKBOOK_FORMULA", sentence, field=address)
        elif local == "mergeCell":
            raise _merged(attributes.get("ref", ""))
        elif self.row_elements > ROW_ELEMENTS:
            raise refused("WORKBOOK_INFLATES", "表格里有过长的内容，请只保留数据，另存后再上传。")

    def _row(self, number: str | None) -> None:
        row = self.row + 1 if number is None else int(number)
        if row <= self.row:
            raise unreadable()
        if row > self.limits.rows + 1:
            raise too_many_rows(self.limits)
        self.row, self.column, self.row_elements = row, 0, 0
        self.mark = self.parser.CurrentByteIndex

    def _cell(self, address: str | None) -> None:
        column = self.column + 1 if address is None else self._column_of(address)
        if column <= self.column or not self.row:
            raise unreadable()
        if column > self.limits.columns:
            raise too_many_columns(self.limits)
        self.column = column

    def _sheet(self, attributes: Attributes) -> None:
        """Count the sheets; what is read is the first, and nobody sees a hidden one."""
        self.sheets += 1
        if self.sheets == 1 and attributes.get("state", "visible") != "visible":
            sentence = "第一张工作表是隐藏的，导入时只读第一张。请取消隐藏并核对，或删除它，另存后再上传。"
            raise refused("WORKBOOK_HIDDEN", sentence)
        if self.sheets > self.limits.sheets:
            sentence = f"表格里的工作表超过 {self.limits.sheets} 张。请只保留要导入的一张，另存后再上传。"
            raise refused("WORKBOOK_TOO_MANY_SHEETS", sentence)

    def _column_of(self, address: str) -> int:
        match = ADDRESS.fullmatch(address)
        if not match or int(match[2]) != self.row:
            raise unreadable()
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        return column

    def _in_strings(self, local: str) -> None:
        if local == "si":
            self.strings += 1
            self.mark = self.parser.CurrentByteIndex
        if self.strings > self.limits.strings or self.elements > TEXT_ELEMENTS * (self.strings + 1000):
            raise refused("WORKBOOK_INFLATES", "表格里的文字过多，请拆成几份后分别上传。")


def too_many_rows(limits: Limits) -> Malformed:
    """Return the refusal of a table with a row past the limit."""
    sentence = f"表格超过 {limits.rows} 行。请删掉下方多余的行，或拆成几份后分别上传。"
    return refused("WORKBOOK_TOO_MANY_ROWS", sentence)


def too_many_columns(limits: Limits) -> Malformed:
    """Return the refusal of a table with a cell past the last column."""
    sentence = f"表格超过 {limits.columns} 列。请删掉右侧多余的列后再上传。"
    return refused("WORKBOOK_TOO_MANY_COLUMNS", sentence)


def _merged(area: str) -> Malformed:
    """Return the refusal of merged cells: all but one of them would read as empty."""
    place = area if AREA.fullmatch(area) else "A1"
    sentence = f"单元格 {place} 是合并的，其中几格会读成空白。请取消合并，逐格填好后再上传。"
    return refused("WORKBOOK_MERGED", sentence, field=place.partition(":")[0])


def _content_type(attributes: Attributes) -> None:
    told = attributes.get("ContentType", "").lower()
    if "macroenabled" in told or "vbaproject" in told:
        raise refused("WORKBOOK_ACTIVE", "表格含有宏，不能导入。请把数据另存为不含宏的 .xlsx 再上传。")


def _relationship(attributes: Attributes) -> None:
    """Let a hyperlink typed in a cell pass (nothing follows it), refuse any other way outside."""
    is_outside = attributes.get("TargetMode", "").lower() == "external"
    if is_outside and not attributes.get("Type", "").endswith("/hyperlink"):
        raise refused("WORKBOOK_ACTIVE", "表格含有外部链接，不能导入。请断开链接，另存后再上传。")


LOOKS: dict[str, Callable[[Attributes], None]] = {
    "Override": _content_type,
    "Default": _content_type,
    "Relationship": _relationship,
}
