"""Whoever asks too often is told when to come back: on pages and at the API, counted together."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from applications.api.throttles import AddressThrottle, CodeThrottle
from subsidy import limits
from subsidy.accounts.roles import Role
from subsidy.limits import Limit
from tests.api.conftest import is_problem
from tests.hardening.world import World, anybody, as_strict
from tests.pages.browser import photo

SHORT = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every limit be three a minute: what is shown is that it is asked, not how long it takes to fill."""
    for limit in (limits.CODE, limits.WRITING, limits.UPLOAD, limits.EXPORT, limits.SEARCH, limits.OPEN):
        monkeypatch.setattr(limits, limit.name.upper(), Limit(limit.name, SHORT, limit.closed))


@pytest.fixture
def visitor(world: World) -> Client:
    """Return a browser at an address of its own."""
    return as_strict(Client(REMOTE_ADDR=new_address()))


def new_address() -> str:
    return f"fd00::{secrets.token_hex(2)}:{secrets.token_hex(2)}:{secrets.token_hex(2)}"


def assert_told_to_wait(response: Any) -> None:
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    text = response.content.decode()
    assert f"{response['Retry-After']} 秒" in text
    assert "请稍后再试" in text
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/sign-in/", "/display/", "/staff/login/"])
def test_who_sends_forms_without_end_is_told_to_wait(visitor: Client, path: str) -> None:
    statuses = [visitor.post(path, {"mobile": "1"}).status_code for _ in range(SHORT)]
    assert 429 not in statuses
    assert_told_to_wait(visitor.post(path, {"mobile": "1"}))


def test_questions_about_awards_are_counted_and_the_bare_page_is_not(visitor: Client) -> None:
    for _ in range(SHORT):
        assert visitor.get("/check/?of=skill:2").status_code == 200
    assert_told_to_wait(visitor.get("/check/?of=skill:2"))
    assert visitor.get("/check/").status_code == 200


@pytest.mark.req("A4")
def test_pages_and_api_share_the_count_of_codes(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CodeThrottle, "limit", limits.CODE)
    for _ in range(SHORT):
        visitor.post("/sign-in/", {"mobile": "1"})
    refused = visitor.post("/api/v1/sign-in/codes/", {"mobile": "1"}, content_type="application/json")
    assert is_problem(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 60


def test_sending_files_is_counted_by_person_wherever_they_sit(world: World) -> None:
    path = f"/applications/{world.case.public_id}/certificate/"
    for _ in range(SHORT):
        assert world.member(REMOTE_ADDR=new_address()).post(path, {"picture": photo()}).status_code != 429
    assert_told_to_wait(world.member(REMOTE_ADDR=new_address()).post(path, {"picture": photo()}))


def test_searching_people_is_counted_by_colleague(world: World) -> None:
    clerk, other = world.staff(Role.REVIEWER), world.staff(Role.AUDITOR)
    for _ in range(SHORT):
        assert clerk.get("/admin/review/queueitem/?q=王").status_code == 200
    assert_told_to_wait(clerk.get("/admin/review/queueitem/?q=王"))
    assert clerk.get("/admin/review/queueitem/").status_code == 200
    assert other.get("/admin/review/queueitem/?q=王").status_code == 200


def test_without_redis_members_file_and_sign_in_but_nobody_searches(world: World, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert anybody().post("/sign-in/", {"mobile": "1"}).status_code == 422
    assert world.member().get("/me/").status_code == 200
    clerk = world.staff(Role.REVIEWER)
    assert clerk.get("/admin/review/queueitem/").status_code == 200
    assert_told_to_wait(clerk.get("/admin/review/queueitem/?q=王"))


def test_an_address_that_a_caller_claims_is_not_believed(visitor: Client) -> None:
    for number in range(SHORT):
        visitor.post("/sign-in/", {"mobile": "1"}, headers={"x-forwarded-for": f"10.0.0.{number}"})
    assert_told_to_wait(visitor.post("/sign-in/", {"mobile": "1"}, headers={"x-forwarded-for": "10.9.9.9"}))


def test_behind_our_proxy_the_address_that_it_saw_counts(world: World, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    proxy, mine, other = anybody(), new_address(), new_address()
    for number in range(SHORT):
        claimed = {"x-forwarded-for": f"10.0.0.{number}, {mine}"}
        assert proxy.post("/sign-in/", {"mobile": "1"}, headers=claimed).status_code == 422
    assert_told_to_wait(proxy.post("/sign-in/", {"mobile": "1"}, headers={"x-forwarded-for": f"::1, {mine}"}))
    assert proxy.post("/sign-in/", {"mobile": "1"}, headers={"x-forwarded-for": other}).status_code == 422


def test_of_many_callers_at_once_no_more_than_the_limit_get_in() -> None:
    who, limit = new_address(), Limit("race", 20)
    with ThreadPoolExecutor(32) as pool:
        waits = list(pool.map(lambda _: limits.wait(limit, who), range(64)))
    assert sum(seconds == 0 for seconds in waits) == 20


def test_the_limits_of_the_contract_are_kept() -> None:
    assert AddressThrottle.limit.a_minute >= 120
    assert not AddressThrottle.limit.closed
