"""Passwords and codes cannot be guessed; no office is locked out, and no colleague by a stranger."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from subsidy import clock
from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.models import SignInTries, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import set_roles
from subsidy.accounts.services.tries import (
    FORGOTTEN_AFTER,
    LIMIT,
    account_named,
    count_try,
    locked_until,
    unlock_staff,
)
from subsidy.audit.models import AuditRow
from subsidy.errors import TooManyRequests
from tests.accounts.people import IP, PASSWORD, bound, desk_address, fresh_code, sign_in, staff, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]


def typed(client: Client, username: str, password: str) -> Any:
    return client.post("/staff/login/", {"login": username, "password": password})


def stranger() -> Client:
    return Client(REMOTE_ADDR=desk_address())


def closed_to_strangers(username: str, tries: int = LIMIT) -> Client:
    client = stranger()
    for _ in range(tries):
        typed(client, username, "a wrong guess")
    return client


def complaint(response: Any) -> str:
    found = re.search(r'id="error-summary".*?<p>(.*?)</p>', response.content.decode(), re.S)
    return found[1] if found else ""


def later(passed: timedelta) -> None:
    """Let time pass for the counts: they lie further back."""
    for row in SignInTries.objects.all():
        row.tried_at -= passed
        row.locked_until = row.locked_until and row.locked_until - passed
        row.save()


def test_of_1000_tries_by_32_threads_at_most_five_are_looked_at(
    thread_race: Callable[..., list[Any]],
) -> None:
    user = staff("reviewer", Role.REVIEWER)
    account = account_named("reviewer")

    def guess(number: int) -> int:
        passed = 0
        for _ in range(32):
            try:
                count_try(StaffDoor.PASSWORD, account, browser="", ip=IP)
                passed += 1
            except TooManyRequests:
                pass
        return passed

    looked_at = thread_race(guess, times=32)
    assert sum(looked_at) == LIMIT
    assert locked_until(user) is not None


def test_parallel_sign_ins_are_answered_alike_once_the_door_is_closed(
    thread_race: Callable[..., list[Any]],
) -> None:
    staff("reviewer", Role.REVIEWER)
    thread_race(lambda number: typed(stranger(), "reviewer", f"guess {number}").status_code, times=16)
    assert AuditRow.objects.filter(action="staff.sign_in_failed").count() == LIMIT
    assert "暂停登录" in complaint(typed(stranger(), "reviewer", PASSWORD))


def test_the_right_password_does_not_open_a_closed_door() -> None:
    staff("reviewer", Role.REVIEWER)
    response = typed(closed_to_strangers("reviewer"), "reviewer", PASSWORD)
    assert SESSION_KEY not in response.wsgi_request.session
    assert "请找本单位管理员解锁" in complaint(response)


def test_a_name_that_nobody_bears_is_closed_with_the_same_words() -> None:
    staff("reviewer", Role.REVIEWER)
    answers = []
    for name in ("reviewer", "nobody"):
        client = closed_to_strangers(name, LIMIT - 1)
        answers.append([complaint(typed(client, name, "a wrong guess")) for _ in range(3)])
    assert answers[0] == answers[1]
    assert answers[0][0] == "工号或密码不正确。"
    assert "暂停登录" in answers[0][1]


def test_case_and_width_of_a_name_give_no_tries_more() -> None:
    staff("reviewer", Role.REVIEWER)
    for name in ("Reviewer", "REVIEWER", "reviewer ", "reViewer", "reviewer"):
        typed(stranger(), name, "a wrong guess")
    assert "暂停登录" in complaint(typed(stranger(), "reviewer", PASSWORD))
    for name in ("NOBODY", "Nobody", "nobody", "ｎobody", " nobody"):
        typed(stranger(), name, "a wrong guess")
    assert "暂停登录" in complaint(typed(stranger(), "nobody", PASSWORD))


def test_each_failure_after_the_fifth_closes_the_door_for_twice_as_long() -> None:
    staff("reviewer", Role.REVIEWER)
    client, waits = closed_to_strangers("reviewer"), []
    for _ in range(8):
        row = SignInTries.objects.get()
        assert row.locked_until is not None
        waits.append((row.locked_until - row.tried_at) // timedelta(minutes=1))
        later(row.locked_until - clock.real_now() + timedelta(seconds=1))
        assert complaint(typed(client, "reviewer", "a wrong guess")) == "工号或密码不正确。"
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_after_the_wait_the_right_password_opens_and_the_count_begins_anew() -> None:
    staff("reviewer", Role.REVIEWER)
    client = closed_to_strangers("reviewer")
    later(timedelta(minutes=1, seconds=1))
    typed(client, "reviewer", PASSWORD)
    assert SESSION_KEY in client.session
    assert not SignInTries.objects.exists()


def test_failures_of_yesterday_are_forgotten_and_swept_away() -> None:
    staff("reviewer", Role.REVIEWER)
    closed_to_strangers("reviewer", LIMIT - 1)
    closed_to_strangers("nobody", 1)
    later(FORGOTTEN_AFTER)
    client = closed_to_strangers("reviewer", 1)
    assert [row.tries for row in SignInTries.objects.all()] == [1]
    typed(client, "reviewer", PASSWORD)
    assert SESSION_KEY in client.session


def test_a_stranger_cannot_lock_a_colleague_out_of_the_browser_they_use() -> None:
    user = staff("reviewer", Role.REVIEWER)
    own = sign_in("reviewer")
    own.post("/staff/logout/")
    closed_to_strangers("reviewer", 20)
    typed(own, "reviewer", PASSWORD)
    own.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    assert SESSION_KEY in own.session
    assert "暂停登录" in complaint(typed(stranger(), "reviewer", PASSWORD))


def test_a_known_browser_has_five_tries_too_and_none_for_somebody_else() -> None:
    staff("reviewer", Role.REVIEWER)
    staff("maker", Role.FINANCE_MAKER)
    own = sign_in("reviewer")
    own.post("/staff/logout/")
    for _ in range(LIMIT):
        typed(own, "reviewer", "a wrong guess")
    assert "暂停登录" in complaint(typed(own, "reviewer", PASSWORD))
    closed_to_strangers("maker")
    assert "暂停登录" in complaint(typed(own, "maker", PASSWORD))


def test_a_cookie_of_ones_own_making_is_no_known_browser() -> None:
    user = staff("reviewer", Role.REVIEWER)
    closed_to_strangers("reviewer")
    forger = stranger()
    forger.cookies["staff-browser"] = f'{{"{user.pk}": "nonce"}}:x:y'
    forger.cookies["__Host-staff-browser"] = f'{{"{user.pk}": "nonce"}}:x:y'
    assert "暂停登录" in complaint(typed(forger, "reviewer", PASSWORD))


def test_an_open_session_goes_on_while_the_door_is_closed() -> None:
    staff("reviewer", Role.REVIEWER)
    set_roles(StaffUser.objects.get(), [Role.REVIEWER])
    own = sign_in("reviewer")
    closed_to_strangers("reviewer")
    assert own.get("/admin/").status_code == 200


def test_a_colleague_behind_the_same_address_signs_in() -> None:
    address = desk_address()
    staff("reviewer", Role.REVIEWER)
    staff("maker", Role.FINANCE_MAKER)
    for number in range(60):
        typed(Client(REMOTE_ADDR=address), "reviewer" if number % 2 else f"nobody-{number}", "a wrong guess")
    client = Client(REMOTE_ADDR=address)
    typed(client, "maker", PASSWORD)
    assert SESSION_KEY in client.session


def test_unlocking_opens_every_door_and_is_recorded_once() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = closed_to_strangers("reviewer")
    assert unlock_staff(user)
    assert not unlock_staff(user)
    typed(client, "reviewer", PASSWORD)
    assert SESSION_KEY in client.session
    assert AuditRow.objects.filter(action="staff.unlock", target=f"staff:{user.pk}").count() == 1


def test_closing_a_door_is_recorded_without_what_was_typed() -> None:
    user = staff("reviewer", Role.REVIEWER)
    closed_to_strangers("reviewer")
    closed_to_strangers("a-secret-typed-as-name")
    first, second = AuditRow.objects.filter(action="staff.lock").order_by("pk")
    assert (first.target, second.target) == (f"staff:{user.pk}", "")
    assert "a-secret" not in str(second.data)


def test_codes_are_tried_five_times_and_then_the_right_one_is_refused_too() -> None:
    user = staff("reviewer", Role.REVIEWER)
    bound(user)
    client = stranger()
    typed(client, "reviewer", PASSWORD)
    for _ in range(LIMIT):
        client.post("/staff/2fa/authenticate/", {"code": wrong(fresh_code(user))})
    response = client.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    assert "暂停登录" in response.content.decode()
    assert SESSION_KEY not in client.session
    again = stranger()
    typed(again, "reviewer", PASSWORD)
    assert "暂停登录" in again.post("/staff/2fa/authenticate/", {"code": fresh_code(user)}).content.decode()
