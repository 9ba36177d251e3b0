"""The house's import direction, walked in the sources and in the model registry (docs/design.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("subsidy", "applications", "review", "payouts")
LEVELS = {
    "subsidy.rules": 0,
    "subsidy.audit": 2,
    "subsidy.notices": 2,
    "subsidy.accounts": 3,
    "subsidy.schemes": 4,
    "subsidy.registers": 4,
    "applications": 5,
    "review": 6,
    "payouts": 7,
}
ROOT_MODULES = frozenset(
    {
        "settings",
        "urls",
        "celery",
        "apps",
        "checks",
        "startup",
        "wsgi",
        "embedded",
        "demo",
        "views",
        "health",
        "context",
        "management",
    }
)
TOP = 8
SIBLINGS_APART = frozenset({2, 4})


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield dotted, ast.parse(path.read_text(encoding="utf-8"))


def room_of(dotted: str) -> tuple[int, str]:
    for room, level in LEVELS.items():
        if dotted == room or dotted.startswith(f"{room}."):
            return level, room
    parts = dotted.split(".")
    if parts[0] == "subsidy" and len(parts) > 1 and parts[1] not in ROOT_MODULES:
        return 1, ".".join(parts[:2])
    return TOP, parts[0]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module != "subsidy":
                yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def runs_upward(source: str, target: str) -> bool:
    (mine, room), (theirs, other) = room_of(source), room_of(target)
    if mine == TOP or room == other or target.split(".")[0] not in ROOMS:
        return False
    return theirs > mine or (theirs == mine and mine in SIBLINGS_APART)


def test_no_import_runs_upward() -> None:
    upward = [
        f"{source} imports {target}"
        for source, tree in sources()
        for target in imported(tree)
        if runs_upward(source, target)
    ]
    assert upward == []


def test_no_foreign_key_points_upward() -> None:
    upward = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.many_to_one or (field.one_to_one and not field.auto_created)
        if field.related_model and runs_upward(model.__module__, field.related_model.__module__)
    ]
    assert upward == []


def test_imports_stand_at_the_top_of_the_file() -> None:
    lazy = [
        f"{source}:{inner.lineno}"
        for source, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name != "ready"
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert lazy == []


def test_rules_import_only_the_standard_library_and_one_another() -> None:
    foreign = {
        target
        for source, tree in sources()
        if source.startswith("subsidy.rules")
        for target in imported(tree)
        if target.split(".")[0] in {"django", "rest_framework", "celery", "subsidy"}
        and not target.startswith("subsidy.rules")
    }
    assert foreign == set()


@pytest.mark.parametrize(
    ("source", "target", "upward"),
    [
        ("applications.services.filing", "review.services", True),
        ("subsidy.schemes.models", "subsidy.registers.models", True),
        ("subsidy.audit.services", "subsidy.notices.models", True),
        ("subsidy.crypto", "subsidy.accounts.models", True),
        ("payouts.services.build", "applications.models", False),
        ("subsidy.demo.seed", "payouts.services", False),
    ],
)
def test_the_measure_itself_sees_an_upward_import(source: str, target: str, upward: bool) -> None:
    assert runs_upward(source, target) is upward
