"""Limits: at least 120 a minute for open addresses, then 429 with Retry-After."""

from __future__ import annotations

from typing import Any

import pytest

from subsidy import limits
from tests.api.conftest import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]
OPEN = 240


def test_an_address_may_ask_often_and_is_then_told_when_to_come_back(anybody: Caller) -> None:
    statuses = [anybody.get("schemes/").status_code for _ in range(OPEN)]
    refused = anybody.get("schemes/")
    assert statuses == [200] * OPEN
    assert OPEN >= 120
    assert is_problem(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 60
    assert Caller().get("schemes/").status_code == 200


def test_a_forged_forwarding_header_does_not_make_another_caller(anybody: Caller) -> None:
    for n in range(OPEN):
        anybody.get("schemes/", HTTP_X_FORWARDED_FOR=f"10.0.0.{n % 250}")
    assert is_problem(anybody.get("schemes/", HTTP_X_FORWARDED_FOR="10.9.9.9"), 429)


def test_a_lost_redis_lets_callers_in(anybody: Caller, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert limits.wait(limits.OPEN, "anybody") == 0
    assert anybody.get("schemes/").status_code == 200
