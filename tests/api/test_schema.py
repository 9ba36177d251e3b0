"""The generated schema: valid, without a warning, every operation described."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

OPEN = {
    ("schemes/", "get"),
    ("trades/", "get"),
    ("awarding-bodies/", "get"),
    ("eligibility-checks/", "post"),
    ("sign-in/codes/", "post"),
    ("sign-in/", "post"),
    ("sign-in/tickets/", "post"),
}


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return every (path, method) of the schema."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    return {
        (path.removeprefix("/api/v1/"), method): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_the_schema_is_made_without_a_warning() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "eligibility-checks" in out.getvalue()


def test_every_operation_outside_the_open_ones_asks_for_a_member() -> None:
    for key, operation in operations().items():
        security = operation.get("security", [])
        needs_nobody = not security or {} in security
        assert needs_nobody is (key in OPEN), key


def test_every_writing_operation_says_how_it_is_refused() -> None:
    writing = {key: one for key, one in operations().items() if key[1] in {"post", "put", "patch"}}
    assert len(writing) > 8
    for key, operation in writing.items():
        assert {"400", "415"} <= set(operation["responses"]), key
        assert "application/problem+json" in operation["responses"]["400"]["content"], key


def test_creating_operations_take_an_idempotency_key() -> None:
    found = operations()
    for path in ("applications/", "applications/{id}/attachments/"):
        names = {parameter["name"] for parameter in found[path, "post"]["parameters"]}
        assert "Idempotency-Key" in names


@pytest.mark.parametrize("path", ["schema/", "docs/"])
def test_schema_and_documentation_are_served(client: Any, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 200
