"""Callers for the API tests: each test has an address of its own, so that limits never meet."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.accounts.services import issue_token
from subsidy.audit.actors import SYSTEM
from subsidy.registers.services import load_starter_catalogues
from subsidy.schemes.models import Scheme
from tests import make

API = "/api/v1/"


class Caller:
    """A client that speaks JSON below /api/v1/."""

    def __init__(self, member: Member | None = None) -> None:
        self.member = member
        headers = {
            "REMOTE_ADDR": f"fd00::{secrets.token_hex(2)}:{secrets.token_hex(2)}:{secrets.token_hex(2)}"
        }
        if member is not None:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {issue_token(member)}"
        self.client = Client(raise_request_exception=False, **headers)  # type: ignore[arg-type]

    def get(self, path: str, **headers: Any) -> Any:
        """Ask for something."""
        return self.client.get(API + path, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """Send a JSON body; bytes go as they are."""
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        content_type = headers.pop("content_type", "application/json")
        return self.client.generic(method, API + path, data, content_type, **headers)

    def post(self, path: str, body: Any = None, **headers: Any) -> Any:
        """Send a POST."""
        return self.send("POST", path, body, **headers)


def fields(response: Any) -> list[str]:
    """Return the fields that a problem names."""
    return [error["field"] for error in response.json().get("errors", [])]


def is_problem(response: Any, status: int) -> bool:
    """Say whether an answer is problem JSON of that status, complete."""
    body = response.json()
    assert response["Content-Type"] == "application/problem+json", response.content
    assert response.status_code == status, response.content
    assert body["status"] == status
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    return True


@pytest.fixture
def anybody() -> Caller:
    """Return a visitor."""
    return Caller()


@pytest.fixture
def plan(db: None) -> Scheme:
    """Return the 2024 scheme."""
    return make.scheme()


@pytest.fixture
def catalogues(db: None) -> None:
    """Load the catalogues shipped with the product."""
    load_starter_catalogues(actor=SYSTEM)


@pytest.fixture
def june() -> Iterator[None]:
    """Hold business time inside the filing window."""
    with clock.at(make.DAY):
        yield


@pytest.fixture
def owner(plan: Scheme) -> Caller:
    """Return a member with all particulars, by token."""
    return Caller(make.member())


@pytest.fixture
def stranger(plan: Scheme) -> Caller:
    """Return another member."""
    return Caller(make.member(name="李小红"))


def new_application(n: int = 1, **changes: Any) -> dict[str, Any]:
    """Return the body of a new skill draft."""
    return {
        "scheme": 2024,
        "ground": "skill",
        "certificate": new_certificate(n),
        "card_number": make.card_number(n),
        "consent": {"version": "2024-01"},
    } | changes


def new_certificate(n: int = 1, **changes: Any) -> dict[str, Any]:
    """Return the fields of an eligible level-2 certificate as JSON."""
    return {
        "trade": "汽车装调工",
        "level": 2,
        "certificate_number": make.certificate_number(n),
        "issued_on": "2023-09-12",
        "awarding_body": "北京市职业技能鉴定管理中心",
    } | changes


def filed(owner: Caller) -> dict[str, Any]:
    """Return an application that its owner made and submitted over HTTP."""
    made = owner.post("applications/", new_application()).json()
    answer = owner.post(f"applications/{made['id']}/submit/", {"version": made["version"]})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found
