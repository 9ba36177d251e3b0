"""Which test proves which requirement: read from the marks, written to docs/traceability.md.

Run from the repository's root: python -m tests.traceability
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "traceability.md"
REQUIREMENTS = ROOT / "docs" / "requirements.md"
HEAD = """# Which test proves which requirement

Generated from the `req` marks of the tests by `python -m tests.traceability`; a test checks that every
named test exists and that no mark is missing here. The requirements are in `requirements.md`, the rules of
the database in `constraints.md`.

| id | requirement | proved by |
| --- | --- | --- |
"""


def requirements() -> dict[str, str]:
    """Return requirement id → its first words."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    found = re.findall(r"^\| ([PEFVDA]\d+) \| (.+) \|$", text, re.MULTILINE)
    return {id_: _first_words(text) for id_, text in found}


def marks() -> dict[str, list[str]]:
    """Return requirement id → the tests that say they prove it."""
    proved: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        where = path.relative_to(ROOT).as_posix()
        for name, ids in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            for id_ in ids:
                proved.setdefault(id_, []).append(f"{where}::{name}")
    return proved


def page() -> str:
    """Return the page as it should stand."""
    proved = marks()
    rows = [f"| {id_} | {text} | {_cell(proved.get(id_, []))} |" for id_, text in requirements().items()]
    return HEAD + "\n".join(rows) + "\n"


def _marked(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            ids = [id_ for decorator in node.decorator_list for id_ in _ids(decorator)]
            if ids:
                yield node.name, ids


def _ids(decorator: ast.expr) -> list[str]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.req":
        return [argument.value for argument in decorator.args if isinstance(argument, ast.Constant)]
    return []


def _first_words(text: str) -> str:
    words = re.split(r"(?<=[.;:])\s", text, maxsplit=1)[0]
    return words if len(words) <= 110 else words[:107].rsplit(" ", 1)[0] + " …"


def _cell(tests: list[str]) -> str:
    return "<br>".join(f"`{test}`" for test in tests) or "—"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
