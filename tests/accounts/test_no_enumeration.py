"""Known and unknown numbers cannot be told apart, by API or page: status, body, queries, time (A4)."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from subsidy.accounts.models import SignInCode
from subsidy.rules.identity import mask_mobile
from tests import make
from tests.accounts.people import desk_address, last_code, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]
KNOWN, UNKNOWN = make.mobile(41), make.mobile(42)
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
ROUNDS, NOTICEABLE = 200, 0.15


def by_api(client: Client, path: str, **body: str) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def by_page(client: Client, path: str, **body: str) -> Any:
    return client.post(path, body)


def ask_api(client: Client, mobile: str) -> Any:
    return by_api(client, "sign-in/codes/", mobile=mobile)


def ask_page(client: Client, mobile: str) -> Any:
    return by_page(client, "/sign-in/", mobile=mobile)


def try_api(client: Client, mobile: str) -> Any:
    return by_api(client, "sign-in/", mobile=mobile, code=wrong(last_code()))


def try_page(client: Client, mobile: str) -> Any:
    client.get("/sign-in/code/")  # the message of the first page is shown here, once
    return by_page(client, "/sign-in/code/", code=wrong(last_code()))


def seen(response: Any, mobile: str) -> tuple[int, bytes, dict[str, str]]:
    """Return what a stranger sees; the token differs each time, the mask shows only what was typed."""
    body = TOKEN.sub(b"", response.content).replace(mask_mobile(mobile).encode(), b"")
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    return response.status_code, body, headers


def shapes(queries: CaptureQueriesContext) -> list[str]:
    """Return the statements without their values."""
    return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]


@pytest.fixture
def plan(db: None) -> None:
    make.scheme()
    make.member(41)


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("ask", [ask_api, ask_page])
def test_asking_for_a_code_answers_alike(ask: Callable[[Client, str], Any]) -> None:
    answers, work = [], []
    for mobile in (KNOWN, UNKNOWN):
        client = Client(REMOTE_ADDR=desk_address())
        with CaptureQueriesContext(connection) as queries:
            answers.append(seen(ask(client, mobile), mobile))
        work.append(shapes(queries))
    assert answers[0] == answers[1]
    assert work[0] == work[1]


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(("ask", "guess"), [(ask_api, try_api), (ask_page, try_page)])
def test_a_wrong_code_answers_alike(
    ask: Callable[[Client, str], Any], guess: Callable[[Client, str], Any]
) -> None:
    answers, work = [], []
    for mobile in (KNOWN, UNKNOWN):
        client = Client(REMOTE_ADDR=desk_address())
        ask(client, mobile)
        with CaptureQueriesContext(connection) as queries:
            answers.append(seen(guess(client, mobile), mobile))
        work.append(shapes(queries))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert work[0] == work[1]


@pytest.mark.long
@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("ask", [ask_api, ask_page])
def test_asking_for_a_code_takes_as_long(ask: Callable[[Client, str], Any]) -> None:
    spans: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for turn in range(2 * ROUNDS):
        mobile = (KNOWN, UNKNOWN)[turn % 2]
        client = Client(REMOTE_ADDR=desk_address())
        begun = time.perf_counter()
        assert ask(client, mobile).status_code in (202, 302)
        spans[mobile].append(time.perf_counter() - begun)
        SignInCode.objects.all().delete()
    known, unknown = (statistics.median(spans[mobile]) for mobile in (KNOWN, UNKNOWN))
    assert abs(known - unknown) / max(known, unknown) < NOTICEABLE
