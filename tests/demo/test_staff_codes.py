"""Codes of the demonstration's staff: told on the terminal alone, each good for one sign-in."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.conf import LazySettings
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.test import Client

from subsidy.accounts.roles import Role
from subsidy.accounts.services.second_factor import totp_secret
from subsidy.demo.codes import staff_code
from subsidy.demo.offices import LOGINS, PASSWORD, appoint_staff, open_offices
from subsidy.demo.welcome import Messages
from tests.accounts import people
from tests.accounts.people import bound, desk_address, staff

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]


@pytest.fixture
def demonstration(settings: LazySettings) -> None:
    settings.DEMO = True


def told(username: str) -> str:
    out = StringIO()
    call_command("demo_code", username, "--json", stdout=out)
    return str(json.loads(out.getvalue())["code"])


def after_password(username: str, password: str) -> Client:
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/staff/login/", {"login": username, "password": password})
    return client


def test_every_demo_log_in_has_an_authenticator_and_no_two_share_a_secret() -> None:
    open_offices()
    users = appoint_staff().values()
    assert len({totp_secret(user) for user in users}) == len(LOGINS)


@pytest.mark.usefixtures("demonstration")
def test_a_demo_log_in_signs_in_with_the_code_of_the_command() -> None:
    open_offices()
    appoint_staff()
    client = after_password("reviewer1", PASSWORD)
    client.post("/staff/2fa/authenticate/", {"code": told("reviewer1")})
    assert SESSION_KEY in client.session


@pytest.mark.usefixtures("demonstration")
def test_after_a_code_was_used_the_next_one_is_told_and_then_none_for_a_while() -> None:
    bound(staff("reviewer", Role.REVIEWER))
    for _ in range(2):
        after_password("reviewer", people.PASSWORD).post(
            "/staff/2fa/authenticate/", {"code": told("reviewer")}
        )
    with pytest.raises(CommandError, match="刚刚用过"):
        told("reviewer")


def test_the_terminal_shows_a_code_once_the_password_is_right_and_not_before() -> None:
    user = staff("reviewer", Role.REVIEWER)
    bound(user)
    shown: list[str] = []
    messages = Messages(shown.append)
    after_password("reviewer", "a wrong password")
    messages.show_new()
    assert shown == []
    after_password("reviewer", people.PASSWORD)
    messages.show_new()
    messages.show_new()
    assert len(shown) == 1
    assert f"reviewer：{staff_code(user)[0]}" in shown[0]


@pytest.mark.usefixtures("demonstration")
def test_nobody_and_who_has_no_authenticator_are_told_apart() -> None:
    staff("reviewer", Role.REVIEWER)
    with pytest.raises(CommandError, match="没有绑定"):
        told("reviewer")
    with pytest.raises(CommandError, match="没有工号为 nobody"):
        told("nobody")


def test_outside_a_demonstration_no_code_is_told(settings: LazySettings) -> None:
    settings.DEMO = False
    bound(staff("reviewer", Role.REVIEWER))
    with pytest.raises(CommandError) as refusal:
        told("reviewer")
    assert refusal.value.returncode == 2
