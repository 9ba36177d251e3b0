"""Staff reach nothing without a second factor shown in this session; members and visitors notice nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client

from subsidy import clock
from subsidy.accounts.middleware import ABSOLUTE_LIMIT, IDLE_LIMIT, STAFF_BEGAN, STAFF_SEEN
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import SECOND_FACTOR_AT
from subsidy.accounts.roles import Role, sync_roles
from subsidy.accounts.services import (
    create_staff,
    leave_staff,
    reset_password,
    reset_second_factor,
    set_office,
    set_roles,
)
from subsidy.accounts.services.sessions import MEMBER_ID
from subsidy.accounts.services.staff import end_sessions
from tests import make
from tests.accounts.people import (
    MOBILE,
    OTHER_MOBILE,
    PASSWORD,
    bound,
    desk_address,
    fresh_code,
    last_code,
    office,
    password_only,
    sign_in,
    staff,
)
from tests.pages.browser import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]

CLOSED = [
    "/admin/",
    "/admin/review/queueitem/",
    "/desk/",
    "/desk/file/",
    "/",
    "/check/",
    "/me/",
    "/staff/2fa/",
]
SET_UP, SHOW_CODE, PASSWORD_PAGE = (
    "/staff/2fa/totp/activate/",
    "/staff/2fa/reauthenticate/",
    "/staff/password/change/",
)


@pytest.fixture(autouse=True)
def _groups() -> None:
    sync_roles()


def test_with_the_password_alone_every_page_leads_to_setting_up_a_second_factor() -> None:
    staff("clerk", Role.STATION)
    client = password_only("clerk")
    led = {path: client.get(path)["Location"].split("?")[0] for path in CLOSED}
    assert led == dict.fromkeys(CLOSED, SET_UP)


def test_no_role_and_no_superuser_is_let_off() -> None:
    for role in Role:
        staff(role.value, role)
    create_staff("root-like", display_name="维护员", password=PASSWORD, is_superuser=True)
    for username in (*(role.value for role in Role), "root-like"):
        client = password_only(username)
        assert client.session[SESSION_KEY]
        assert client.get("/admin/")["Location"].startswith(SET_UP), username


def test_a_change_sent_with_the_password_alone_is_not_done() -> None:
    staff("admin-one", Role.ADMINISTRATOR)
    form = {"username": "newcomer", "display_name": "乙", "roles": ["auditor"], "new_password": PASSWORD}
    response = password_only("admin-one").post("/admin/accounts/staffuser/add/", form)
    assert response["Location"] == SET_UP
    assert not StaffUser.objects.filter(username="newcomer").exists()


def test_the_api_answers_problem_json_with_a_code_of_its_own() -> None:
    staff("clerk", Role.STATION)
    client = password_only("clerk")
    for response in (client.get("/api/v1/applications/"), client.post("/api/v1/applications/", {})):
        assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
        body = response.json()
        assert (body["code"], body["status"]) == ("SECOND_FACTOR_REQUIRED", 403)
        assert "身份验证器" in body["detail"]


def test_what_leads_out_of_it_is_open() -> None:
    staff("clerk", Role.STATION)
    client = password_only("clerk")
    for path in (SET_UP, PASSWORD_PAGE, "/staff/logout/", "/healthz"):
        assert client.get(path).status_code == 200, path


def test_signing_out_is_open_and_clears_the_session() -> None:
    staff("clerk", Role.STATION)
    client = password_only("clerk")
    client.post("/staff/logout/")
    assert set(client.session.keys()) <= {"_messages"}


def test_djangos_own_sign_in_is_no_second_door() -> None:
    staff("reviewer", Role.REVIEWER)
    client = password_only("reviewer")
    assert client.post("/admin/login/", {"username": "reviewer", "password": PASSWORD})["Location"] == SET_UP
    assert SECOND_FACTOR_AT not in client.session


def test_a_bound_account_is_not_signed_in_by_the_password() -> None:
    bound(staff("reviewer", Role.REVIEWER))
    client = password_only("reviewer")
    assert SESSION_KEY not in client.session
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/staff/2fa/authenticate/"


def test_with_both_the_house_is_open_and_the_sign_in_leads_where_it_was_asked() -> None:
    staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    assert client.get("/admin/").status_code == 200
    assert SECOND_FACTOR_AT in client.session


def test_a_session_without_a_code_cannot_replace_the_authenticator_of_its_account() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    session = client.session
    del session[SECOND_FACTOR_AT]
    session.save()
    bound_before = Authenticator.objects.get(user=user, type="totp")
    assert client.get("/admin/")["Location"].startswith(SHOW_CODE)
    assert client.get(SET_UP)["Location"] == SHOW_CODE
    client.post(SET_UP, {"code": "000000"})
    assert Authenticator.objects.get(user=user, type="totp") == bound_before
    response = client.post(SHOW_CODE, {"code": fresh_code(user), "next": "/admin/review/queueitem/"})
    assert response["Location"] == "/admin/review/queueitem/"
    assert client.get("/admin/").status_code == 200


def test_an_initial_password_is_changed_before_anything_else() -> None:
    reset_password(staff("clerk", Role.STATION), "another-long-word")
    client = password_only("clerk", "another-long-word")
    for path in ("/desk/", SET_UP):
        assert client.get(path)["Location"].split("?")[0] == PASSWORD_PAGE
    assert client.get("/api/v1/applications/").json()["code"] == "PASSWORD_CHANGE_REQUIRED"
    words = {
        "oldpassword": "another-long-word",
        "password1": "my-own-choice-9",
        "password2": "my-own-choice-9",
    }
    assert client.post(PASSWORD_PAGE, words)["Location"] == SET_UP
    assert client.get("/desk/")["Location"].startswith(SET_UP)


def test_visitors_and_members_pass_the_gate() -> None:
    make.scheme()
    assert Client().get("/").status_code == 200
    assert signed_in(make.member()).get("/me/").status_code == 200


@pytest.mark.req("A8")
@pytest.mark.parametrize(
    "deed",
    [
        lambda user: leave_staff(user),
        lambda user: reset_password(user, "another-long-word"),
        lambda user: reset_second_factor(user),
        lambda user: set_roles(user, [Role.INTAKE]),
        lambda user: set_office(user, make.office("XC")),
        lambda user: end_sessions(user),
    ],
    ids=["leave", "password", "second-factor", "roles", "office", "sessions"],
)
def test_open_sessions_end_at_once_when_an_administrator_steps_in(deed: Any) -> None:
    user = staff("clerk", Role.STATION)
    client = sign_in("clerk")
    assert client.get("/desk/").status_code == 200
    deed(user)
    assert client.get("/desk/")["Location"].startswith("/staff/login/")
    assert client.get("/api/v1/applications/").status_code == 401


def test_roles_given_again_unchanged_end_no_session() -> None:
    user = staff("clerk", Role.STATION)
    client = sign_in("clerk")
    set_roles(user, [Role.STATION])
    set_office(user, office())
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    ("key", "limit", "path"),
    [(STAFF_SEEN, IDLE_LIMIT, "/desk/"), (STAFF_BEGAN, ABSOLUTE_LIMIT, "/api/v1/applications/")],
)
def test_the_limits_of_a_session_hold_at_every_door(key: str, limit: timedelta, path: str) -> None:
    staff("clerk", Role.STATION)
    client = sign_in("clerk")
    client.get("/desk/")
    session = client.session
    session[key] = (clock.real_now() - limit).timestamp()
    session.save()
    assert client.get(path).status_code in (302, 401)
    assert SESSION_KEY not in client.session


def test_the_session_changes_its_key_with_the_password_and_with_the_code() -> None:
    user = staff("reviewer", Role.REVIEWER)
    bound(user)
    client = Client(REMOTE_ADDR=desk_address())
    client.get("/staff/login/")
    session = client.session
    session.save()
    keys = [session.session_key]
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    client.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    keys.append(client.session.session_key)
    client.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    keys.append(client.session.session_key)
    assert len({*keys}) == 3
    assert not client.session.exists(keys[0] or "")
    assert not client.session.exists(keys[1] or "")


@pytest.mark.parametrize(
    "deed",
    [lambda user: reset_password(user, "another-long-word"), lambda user: set_roles(user, [Role.AUDITOR])],
    ids=["password", "roles"],
)
def test_a_sign_in_left_half_done_ends_with_what_an_administrator_does_meanwhile(deed: Any) -> None:
    user = staff("reviewer", Role.REVIEWER)
    bound(user)
    client = password_only("reviewer")
    deed(user)
    response = client.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    assert response["Location"] == "/staff/login/"
    assert SESSION_KEY not in client.session


def test_one_browser_is_never_staff_and_member_at_once() -> None:
    make.scheme()
    user = staff("reviewer", Role.REVIEWER)
    bound(user)
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    client.post("/sign-in/", {"mobile": MOBILE})
    client.post("/sign-in/code/", {"code": last_code()})
    assert (MEMBER_ID in client.session, SESSION_KEY in client.session) == (True, False)
    client.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})
    assert (MEMBER_ID in client.session, SESSION_KEY in client.session) == (False, True)
    client.post("/sign-in/", {"mobile": OTHER_MOBILE})
    client.post("/sign-in/code/", {"code": last_code()})
    assert (MEMBER_ID in client.session, SESSION_KEY in client.session) == (True, False)
    assert SECOND_FACTOR_AT not in client.session


@pytest.mark.parametrize(
    ("role", "workplace"),
    [
        (Role.HOTLINE, "/desk/"),
        (Role.INTAKE, "/desk/"),
        (Role.REVIEWER, "/admin/"),
        (Role.AUDITOR, "/admin/"),
    ],
)
def test_the_way_back_from_the_account_leads_to_where_the_work_is(role: Role, workplace: str) -> None:
    client = Client()
    client.force_login(make.staff(role))
    assert 'href="/staff/"' in client.get("/staff/2fa/").content.decode()
    assert client.get("/staff/")["Location"] == workplace


def test_a_visitor_finds_no_workplace() -> None:
    assert Client().get("/staff/")["Location"].startswith("/staff/login/")
