"""docs/traceability.md and docs/security.md name only tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests import traceability

ROOT = Path(__file__).resolve().parent.parent


@cache
def functions_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_page_is_what_the_marks_say() -> None:
    written = traceability.PAGE.read_text(encoding="utf-8")
    assert written == traceability.page(), "run: python -m tests.traceability"


def test_every_mark_names_a_requirement() -> None:
    assert set(traceability.marks()) <= set(traceability.requirements())


@pytest.mark.parametrize(
    "page",
    [p for p in sorted((ROOT / "docs").glob("*.md")) if p.name != "contract.md"],
    ids=lambda path: path.name,
)
def test_every_named_test_exists(page: Path) -> None:
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", page.read_text(encoding="utf-8"))
    assert [f"{path}::{name}" for path, name in named if name not in functions_in(path)] == []
