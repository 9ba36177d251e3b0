"""The code agrees with docs/contract.md: reason codes, severities, paths, roles, commands and file codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from drf_spectacular.generators import SchemaGenerator

from payouts.formats import codes
from subsidy.accounts.roles import Role
from subsidy.rules.reasons import REASONS

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "contract.md").read_text(encoding="utf-8")
LATER = {"appeal"}


def line_with(start: str) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(start))


@pytest.mark.req("E9")
@pytest.mark.parametrize("severity", ["blocking", "info", "flag"])
def test_reason_codes_and_severities_are_those_of_the_contract(severity: str) -> None:
    promised = set(re.findall(r"[A-Z][A-Z_]+", line_with(f"- **{severity}**")))
    assert {code.value for code, entry in REASONS.items() if entry.severity.value == severity} == promised


def test_roles_are_those_of_the_contract() -> None:
    promised = re.search(r"Roles: `([a-z_ ]+)`", PAGE)
    assert promised is not None
    assert {role.value for role in Role} == set(promised[1].split())


@pytest.mark.req("D3")
def test_result_codes_are_those_of_the_contract() -> None:
    promised = re.search(r"Codes map by table to `([A-Z_ ]+)`", PAGE)
    assert promised is not None
    assert {code.value for code in codes.Code} == set(promised[1].split())


def test_every_promised_command_exists() -> None:
    row = line_with("| `manage.py load_scheme")
    promised = {word.split()[0] for word in re.findall(r"`(?:manage\.py )?([a-z_]+[^`]*)`", row)}
    commands = {name for name in promised if "_" in name and not name.startswith(("card_", "awarding_"))}
    assert commands <= set(get_commands())


def test_every_promised_path_is_in_the_schema() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    served = {re.sub(r"\{[a-z_]+\}", "{id}", path).removeprefix("/api/v1/") for path in schema["paths"]}
    promised = {
        "schemes/",
        "eligibility-checks/",
        "trades/",
        "awarding-bodies/",
        "sign-in/codes/",
        "sign-in/",
        "sign-in/tickets/",
        "me/",
        "me/export/",
        "me/corrections/",
        "me/mobile/codes/",
        "me/mobile/",
        "applications/",
        "applications/{id}/",
        "applications/{id}/timeline/",
        "applications/{id}/attachments/",
    }
    steps = re.search(r"POST applications/\{id\}/([a-z/ ]+)`", PAGE)
    assert steps is not None
    promised |= {
        f"applications/{{id}}/{step}/" for step in re.findall(r"[a-z]+", steps[1]) if step not in LATER
    }
    assert promised <= served
