"""docs/constraints.md lists every named rule that PostgreSQL keeps, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

PAGE = Path(__file__).resolve().parent.parent / "docs" / "constraints.md"
OURS = {"audit", "notices", "accounts", "schemes", "registers", "applications", "review", "payouts"}


def listed() -> set[str]:
    return set(re.findall(r"^\| `([a-z0-9_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def declared() -> set[str]:
    return {
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model._meta.proxy
        for constraint in model._meta.constraints
    }


def kept_by_triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE NOT t.tgisinternal AND n.nspname = 'public'"
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_the_page_lists_exactly_the_rules_of_the_database() -> None:
    assert listed() == declared() | kept_by_triggers()


@pytest.mark.django_db
def test_every_declared_rule_stands_in_the_database_and_is_enabled() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'"
        )
        standing = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'")
        asleep = cursor.fetchall()
    assert declared() <= standing
    assert asleep == []


def test_every_declared_rule_speaks_chinese_when_broken() -> None:
    silent = [
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model._meta.proxy
        for constraint in model._meta.constraints
        if not re.search(r"[\u4e00-\u9fff]", str(constraint.violation_error_message or ""))
    ]
    assert silent == []
