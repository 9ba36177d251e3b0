"""docs/roles.md: the matrix as an administrator reads it, generated from the table that the tests ask.

Run from the repository's root: python -m tests.matrix
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from subsidy.accounts.roles import CONFLICTS, Role
from tests.matrix.cells import Cell, all_rows, cells
from tests.matrix.deeds import GROUPS, Deed
from tests.matrix.people import SUBJECTS, named
from tests.matrix.table import Answer, Door, Row

PAGE: Final = Path(__file__).resolve().parent.parent.parent / "docs" / "roles.md"
WORDING: Final = Path(__file__).resolve().parent / "roles.md"

Said = dict[tuple[str, str, str, str], Cell]
COLUMNS: Final = (*(role.value for role in Role), "root")
LABELS: Final = {role.value: role.label for role in Role} | {
    "visitor": "未登录",
    "owner": "本人",
    "stranger": "别的会员",
    "hotline2": "别的热线",
    "station2": "别的服务站",
    "root": "超级用户",
    "idle": "无角色",
    "left": "已离岗",
}
WORDS: Final = {
    "everybody": "任何人",
    "staff": "在岗工作人员",
    "members": "会员",
}


def page() -> str:
    """Return the page as it should stand."""
    words = WORDING.read_text(encoding="utf-8")
    return words.format(deeds=_deeds(), conflicts=_conflicts(), addresses=_addresses())


def _deeds() -> str:
    said = by_place()
    lines = [
        _line(["", *(LABELS[column] for column in COLUMNS), "说明"]),
        _line(["---"] * (len(COLUMNS) + 2)),
    ]
    for title, deeds in GROUPS:
        lines.append(_line([f"**{title}**", *[""] * (len(COLUMNS) + 1)]))
        lines += [
            _line([deed.words, *(_mark(said, deed, column) for column in COLUMNS), deed.note])
            for deed in deeds
        ]
    return "\n".join(lines) + "\n"


def by_place() -> Said:
    """Return every cell by address, method, thing and person; without a thing, that of the first one."""
    said: Said = {}
    for cell in cells(every=True):
        said[cell.url, cell.method, cell.of, cell.subject] = cell
        said.setdefault((cell.url, cell.method, "", cell.subject), cell)
    return said


def may(said: Said, deed: Deed, subject: str) -> bool:
    """Say whether the table lets the subject in at the deed, and the service after it."""
    is_in = said[deed.url, deed.method, deed.of, subject].says is Answer.IN
    return is_in and (not deed.only or subject in named(deed.only))


def _mark(said: Said, deed: Deed, subject: str) -> str:
    return "●" if may(said, deed, subject) else ""


def _conflicts() -> str:
    rows = []
    for role in Role:
        others = [other.label for other in Role if frozenset({role, other}) in CONFLICTS]
        rows.append(_line([role.label, "、".join(others)]))
    return "\n".join([_line(["角色", "不能同时是"]), _line(["---", "---"]), *rows])


def _addresses() -> str:
    parts = ["## 每个地址\n\n<details>\n<summary>全部地址（给维护人员）</summary>\n"]
    for door in Door:
        parts.append(f"\n### {door.value}\n")
        parts.append(_line(["地址", "方法", "能进", "对谁不存在（404）", "说的是"]))
        parts.append(_line(["---"] * 5))
        parts += [_row(row) for row in all_rows() if row.door is door]
    return "\n".join([*parts, "\n</details>\n"])


def _row(row: Row) -> str:
    urls = "<br>".join(f"`{url}`".replace("|", "\\|") for url in row.urls.split())
    return _line([urls, row.methods, _who(row.let_in), _who(row.hidden), _thing(row.of)])


def _who(words: str) -> str:
    if words in WORDS:
        return WORDS[words]
    found = named(words)
    return "、".join(LABELS[subject] for subject in SUBJECTS if subject in found) or "—"


def _thing(of: str) -> str:
    return "" if not of else f"`{of}`"


def _line(cells_: Iterable[str]) -> str:
    return "| " + " | ".join(cells_) + " |"
