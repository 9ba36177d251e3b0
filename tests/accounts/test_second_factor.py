"""The second factor: bound once and sealed, a code taken once, recovery codes shown once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client

from subsidy import clock
from subsidy.accounts import totp
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import PROVED_AT, SECOND_FACTOR_AT
from subsidy.accounts.roles import Role
from subsidy.accounts.services.second_factor import (
    bind_second_factor,
    prove_second_factor,
    recovery_codes_left,
    totp_secret,
)
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, RuleRefused
from tests import make
from tests.accounts.people import IP, PASSWORD, bound, desk_address, fresh_code, password_only, sign_in, staff
from tests.pages.browser import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]

SET_UP, RENEW = "/staff/2fa/totp/activate/", "/staff/2fa/recovery-codes/renew/"
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def text(response: Any) -> str:
    return str(response.content.decode())


def key_on(response: Any) -> str:
    found = re.search(r'id="totp_key">([A-Z2-7 ]+)<', text(response))
    return found[1].replace(" ", "") if found else ""


def codes_on(response: Any) -> list[str]:
    return re.findall(r"<li>(\d{8})</li>", text(response))


def now_code(secret: str) -> str:
    return totp.code_of(secret, totp.step_at(clock.real_now()))


def prove(user: StaffUser, code: str) -> Authenticator:
    return prove_second_factor(user, code, browser="", ip=IP)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_of(RFC_SECRET, totp.step_at(instant)) == code
    assert list(totp.matching_steps(RFC_SECRET, code, instant)) == [seconds // 30]


@pytest.mark.parametrize("typed", ["123 456", "123-456", "１２３４５６", " 123456\t"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert totp.tidy(typed) == "123456"


def test_setting_it_up_shows_picture_and_key_and_then_the_recovery_codes_once() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    page = client.get(SET_UP)
    assert 'src="data:image/svg+xml;base64,' in text(page)
    assert re.search(r'id="totp_key">([A-Z2-7]{4} ){7}[A-Z2-7]{4}<', text(page))
    done = client.post(SET_UP, {"code": now_code(key_on(page))})
    assert len(codes_on(done)) == 10
    assert "手机不在身边" in text(done)
    assert totp_secret(user) == key_on(page)
    assert client.get("/admin/").status_code == 200
    assert not any(code in text(client.get("/staff/2fa/")) for code in codes_on(done))


def test_after_setting_it_up_the_way_leads_where_it_was_asked() -> None:
    staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    page = client.get(client.get("/admin/review/queueitem/?status=submitted")["Location"])
    wanted = re.search(r'name="next" value="([^"]+)"', text(page))
    assert wanted is not None
    done = client.post(SET_UP, {"code": now_code(key_on(page)), "next": wanted[1]})
    assert 'href="/admin/review/queueitem/?status=submitted"' in text(done)


def test_a_strange_way_on_is_not_offered() -> None:
    staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    page = client.get(SET_UP)
    done = client.post(SET_UP, {"code": now_code(key_on(page)), "next": "https://evil.example/"})
    assert "evil.example" not in text(done)
    assert len(codes_on(done)) == 10


def test_a_wrong_code_keeps_the_key_and_says_what_to_do() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    key = key_on(client.get(SET_UP))
    refused = client.post(SET_UP, {"code": "abc"})
    assert (refused.status_code, key_on(refused)) == (422, key)
    assert "手机时间" in text(refused)
    assert not Authenticator.objects.filter(user=user).exists()


def test_the_page_opened_again_after_scanning_shows_the_same_key_and_another_browser_another() -> None:
    staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    key = key_on(client.get(SET_UP))
    assert key_on(client.get(SET_UP)) == key
    assert key_on(password_only("reviewer").get(SET_UP)) != key


def test_visitors_and_members_are_sent_to_sign_in() -> None:
    for client in (Client(), signed_in(make.member())):
        for path in (SET_UP, "/staff/2fa/", "/staff/2fa/reauthenticate/", "/staff/password/change/"):
            assert client.get(path)["Location"].startswith("/staff/login/"), path


def test_setting_it_up_changes_the_key_of_the_session_and_ends_the_others() -> None:
    staff("reviewer", Role.REVIEWER)
    one, other = password_only("reviewer"), password_only("reviewer")
    before = one.session.session_key
    one.post(SET_UP, {"code": now_code(key_on(one.get(SET_UP)))})
    assert one.session.session_key != before
    assert {PROVED_AT, SECOND_FACTOR_AT} <= set(one.session.keys())
    assert other.get(SET_UP)["Location"].startswith("/staff/login/")


def test_two_who_set_it_up_at_once_bind_one(thread_race: Callable[..., list[Any]]) -> None:
    user = staff("reviewer", Role.REVIEWER)
    results = thread_race(lambda number: bind_second_factor(user, totp.new_secret()), times=8)
    assert sum(isinstance(result, list) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7
    assert Authenticator.objects.filter(user=user, type="totp").count() == 1


def test_secrets_and_seeds_lie_sealed_in_the_database() -> None:
    user = staff("reviewer", Role.REVIEWER)
    secret = bound(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data ->> 'secret', data ->> 'seed' FROM mfa_authenticator ORDER BY type")
        stored = [value for row in cursor.fetchall() for value in row if value]
    key_id = settings.FIELD_KEYS[0][0]
    assert len(stored) == 2
    assert all(value.startswith(f"{key_id}$") and secret not in value for value in stored)


def test_the_key_being_bound_lies_sealed_in_the_session() -> None:
    staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    key = key_on(client.get(SET_UP))
    assert key not in str(dict(client.session))


def test_a_code_is_taken_once_under_32_threads(thread_race: Callable[..., list[Any]]) -> None:
    user = staff("reviewer", Role.REVIEWER)
    code = now_code(bound(user))
    results = thread_race(lambda number: prove(user, code), times=32)
    assert sum(isinstance(result, Authenticator) for result in results) == 1


def test_a_used_code_is_refused_with_its_reason_and_an_earlier_one_too() -> None:
    user = staff("reviewer", Role.REVIEWER)
    secret = bound(user)
    step = totp.step_at(clock.real_now())
    prove(user, totp.code_of(secret, step))
    for used in (step, step - 1):
        with pytest.raises(RuleRefused) as refusal:
            prove(user, totp.code_of(secret, used))
        assert refusal.value.code == "CODE_USED"
    assert prove(user, totp.code_of(secret, step + 1)).type == "totp"


def test_a_code_of_five_minutes_ago_is_wrong() -> None:
    user = staff("reviewer", Role.REVIEWER)
    secret = bound(user)
    with pytest.raises(RuleRefused) as refusal:
        prove(user, totp.code_of(secret, totp.step_at(clock.real_now()) - 10))
    assert refusal.value.code == "CODE_INVALID"


def test_a_recovery_code_signs_in_once() -> None:
    user = staff("reviewer", Role.REVIEWER)
    codes = bind_second_factor(user, totp.new_secret())
    for number, expected in enumerate((True, False)):
        client = password_only("reviewer")
        client.post("/staff/2fa/authenticate/", {"code": codes[0]})
        assert (SESSION_KEY in client.session) is expected, number
    assert recovery_codes_left(user) == 9


def test_a_recovery_code_is_taken_once_under_threads(thread_race: Callable[..., list[Any]]) -> None:
    user = staff("reviewer", Role.REVIEWER)
    codes = bind_second_factor(user, totp.new_secret())
    results = thread_race(lambda number: prove(user, codes[3]), times=4)
    assert sum(isinstance(result, Authenticator) for result in results) == 1


def test_new_recovery_codes_end_the_old_and_need_a_recent_proof() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    renewed = codes_on(client.post(RENEW))
    assert len(renewed) == 10
    assert prove(user, renewed[0]).type == "recovery_codes"
    session = client.session
    session[PROVED_AT] = 0
    session.save()
    assert client.post(RENEW).status_code == 403
    assert recovery_codes_left(user) == 9


def test_another_phone_replaces_the_first_and_its_codes_are_worth_nothing() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    old = totp_secret(user)
    page = client.get(SET_UP)
    assert "换一部手机" in text(page)
    assert len(codes_on(client.post(SET_UP, {"code": now_code(key_on(page))}))) == 10
    with pytest.raises(RuleRefused):
        prove(user, now_code(old))
    assert AuditRow.objects.filter(action="staff.bind_second_factor", data__replaced=True).exists()


def test_the_second_factor_cannot_be_taken_off_by_its_owner() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    for path in (
        "totp/deactivate/",
        "recovery-codes/",
        "recovery-codes/download/",
        "recovery-codes/generate/",
    ):
        assert client.post(f"/staff/2fa/{path}").status_code == 404
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_signing_out_elsewhere_keeps_this_session_alone() -> None:
    user = staff("reviewer", Role.REVIEWER)
    here = sign_in("reviewer")
    there = Client(REMOTE_ADDR=desk_address())
    there.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    there.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    assert there.get("/admin/").status_code == 200
    here.post("/staff/2fa/end-other-sessions/")
    assert here.get("/admin/").status_code == 200
    assert SESSION_KEY not in there.session or there.get("/admin/").status_code == 302
    assert AuditRow.objects.filter(action="staff.end_sessions").count() == 1


def test_a_changed_password_ends_the_other_sessions() -> None:
    user = staff("reviewer", Role.REVIEWER)
    here = sign_in("reviewer")
    there = Client(REMOTE_ADDR=desk_address())
    there.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    there.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    words = {"oldpassword": PASSWORD} | dict.fromkeys(("password1", "password2"), "my-own-choice-9")
    assert here.post("/staff/password/change/", words)["Location"] == "/admin/"
    assert (here.get("/admin/").status_code, there.get("/admin/").status_code) == (200, 302)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (PASSWORD, "不能和现在的一样"),
        ("short", "10"),
        ("12345678901", "数字"),
        ("reviewer-1", "工号|用户名|相似"),
    ],
)
def test_a_poor_new_password_is_refused_with_the_reason(new: str, words: str) -> None:
    staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    form = {"oldpassword": PASSWORD} | dict.fromkeys(("password1", "password2"), new)
    assert re.search(words, text(client.post("/staff/password/change/", form)))
    assert StaffUser.objects.get().check_password(PASSWORD)


def test_the_present_password_is_guessed_no_further_than_at_the_door() -> None:
    staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    form = dict.fromkeys(("password1", "password2"), "my-own-choice-9")
    for number in range(5):
        client.post("/staff/password/change/", form | {"oldpassword": f"guess {number}"})
    refused = client.post("/staff/password/change/", form | {"oldpassword": PASSWORD})
    assert "暂停登录" in text(refused)
    assert StaffUser.objects.get().check_password(PASSWORD)
