"""Requests drawn from the API's own schema, right and wrong: no 5xx, no answer unknown to the schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema

from applications.api import staff, throttles
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import issue_token
from subsidy.limits import Limit
from subsidy.wsgi import application
from tests import make
from tests.hardening.world import World, undone

Operation = APIOperation[Any, Any, Any, Any]
OFTEN, IN_ALL = 2, 5_000
"""Examples for each operation, kind of data and caller in the normal run; cases in all in the long one."""
JUDGES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
QUIET += [HealthCheck.function_scoped_fixture, HealthCheck.large_base_example]
CALLERS = ("visitor", "member", "station")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Caller:
    """Who calls: headers and cookies of each request, and the cases that are theirs."""

    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    cases: tuple[tuple[str, int], ...] = ()


@pytest.fixture
def schema(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseSchema]:
    """Give the schema as the running application serves it; nobody is told to wait."""
    for one in (*vars(throttles).values(), *vars(staff).values()):
        if isinstance(getattr(one, "limit", None), Limit):
            monkeypatch.setattr(one, "limit", Limit("never", 10**9))
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    checks.load_all_checks()
    with clock.at(make.DAY):
        yield schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def caller(world: World, who: str) -> Caller:
    """Return the visitor, the member with a token or the station's clerk with a session."""
    if who == "member":
        mine = ((str(world.case.public_id), world.case.version),)
        return Caller({"Authorization": f"Bearer {issue_token(world.owner)}"}, cases=mine)
    if who == "station":
        client: Client = world.staff(Role.STATION)
        token = _get_new_csrf_string()
        cookies = {"__Host-session": client.cookies["__Host-session"].value, "__Host-csrf": token}
        ours = ((str(world.assisted.public_id), world.assisted.version),)
        return Caller({"X-CSRFToken": token}, cookies, ours)
    return Caller()


def operations(schema: BaseSchema) -> list[Operation]:
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def send_all(schema: BaseSchema, who: Caller, examples: int) -> Counter[int]:
    """Send so many examples of each operation and kind of data; return how often each status came."""
    seen: Counter[int] = Counter()
    usual = settings(
        max_examples=examples, database=None, derandomize=examples <= OFTEN, deadline=None,
        suppress_health_check=QUIET, phases=[Phase.generate],
    )  # fmt: skip
    for operation, mode in product(operations(schema), MODES):
        drawn = operation.as_strategy(generation_mode=mode)

        @usual
        @given(case=drawn, mine=st.sampled_from([*who.cases, None]))
        def send(case: Case[Any], mine: tuple[str, int] | None) -> None:
            names = JUDGES if stays_wrong(case, who) else JUDGES[:-1]
            aim(case, mine)
            with undone():
                judges: list[Any] = [checks.CHECKS.get_one(name) for name in names]
                response = case.call_and_validate(headers=who.headers, cookies=who.cookies, checks=judges)
            seen[response.status_code] += 1

        nothing_to_be_wrong = [Unsatisfiable] if mode is GenerationMode.NEGATIVE else []
        with suppress(*nothing_to_be_wrong):
            send()
    return seen


def stays_wrong(case: Case[Any], who: Caller) -> bool:
    """Say whether a wrong case is wrong in what the caller's own headers and record do not replace."""
    parts = case.meta.components if case.meta else {}
    wrong = {part for part, found in parts.items() if found.mode is GenerationMode.NEGATIVE}
    return not who.cases or bool(wrong & {ParameterLocation.BODY, ParameterLocation.QUERY})


def aim(case: Case[Any], mine: tuple[str, int] | None) -> None:
    """Let the case be about a record that the caller may change; a right one also names its version."""
    if mine and "id" in case.path_parameters:
        case.path_parameters["id"] = mine[0]
    is_right = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if mine and is_right and isinstance(case.body, dict) and "version" in case.body:
        case.body["version"] = mine[1]


@pytest.mark.parametrize("who", CALLERS)
def test_a_few_requests_of_every_operation_are_answered_as_the_schema_says(
    world: World, schema: BaseSchema, who: str
) -> None:
    seen = send_all(schema, caller(world, who), 1 if who == "visitor" else OFTEN)
    assert sum(seen.values()) > len(operations(schema))
    assert max(seen) < 500


@pytest.mark.long
def test_thousands_of_requests_are_answered_as_the_schema_says(
    world: World, schema: BaseSchema, capsys: pytest.CaptureFixture[str]
) -> None:
    each = IN_ALL // (len(CALLERS) * len(operations(schema)))
    seen: Counter[int] = Counter()
    for who in CALLERS:
        seen += send_all(schema, caller(world, who), each)
    with capsys.disabled():
        print(f"\n{sum(seen.values())} requests drawn from the schema: {dict(sorted(seen.items()))}")
    assert sum(seen.values()) >= IN_ALL
    assert max(seen) < 500
