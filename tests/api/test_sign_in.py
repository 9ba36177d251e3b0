"""Signing in by one-time code, by session and by token (A4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from subsidy.accounts.models import Member, MemberToken
from subsidy.accounts.roles import Role
from tests import make
from tests.accounts.people import last_code, wrong
from tests.api.conftest import API, Caller, fields, is_problem, new_application

pytestmark = pytest.mark.django_db
NUMBER = make.mobile(4711)


def signed_in(caller: Caller, mobile: str = NUMBER) -> Any:
    """Ask for a code and redeem it in the same session."""
    assert caller.post("sign-in/codes/", {"mobile": mobile}).status_code == 202
    return caller.post("sign-in/", {"mobile": mobile, "code": last_code()})


def browser(mobile: str = NUMBER) -> Caller:
    """Return a signed-in browser that enforces CSRF as production does."""
    caller = Caller()
    caller.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=caller.client.defaults["REMOTE_ADDR"])
    assert signed_in(caller, mobile).status_code == 200
    return caller


@pytest.mark.req("A4")
def test_the_code_opens_the_session_and_gives_a_token(anybody: Caller) -> None:
    response = signed_in(anybody)
    assert response.status_code == 200
    assert anybody.get("me/").json()["mobile"] == f"{NUMBER[:3]}****{NUMBER[-4:]}"
    app = Caller()
    token = response.json()["token"]
    assert app.get("me/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


@pytest.mark.req("A4")
def test_known_and_unknown_numbers_get_the_same_answer() -> None:
    make.member(12)
    known = Caller().post("sign-in/codes/", {"mobile": make.mobile(12)})
    unknown = Caller().post("sign-in/codes/", {"mobile": make.mobile(13)})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert not Member.objects.filter(mobile_index__isnull=False).exclude(name="王建国").exists()


@pytest.mark.req("A4")
def test_a_wrong_code_is_refused(anybody: Caller) -> None:
    anybody.post("sign-in/codes/", {"mobile": NUMBER})
    response = anybody.post("sign-in/", {"mobile": NUMBER, "code": wrong(last_code())})
    assert is_problem(response, 422)
    assert fields(response) == ["code"]
    assert is_problem(anybody.get("me/"), 401)


@pytest.mark.req("A4")
def test_a_code_is_worth_nothing_in_another_session(anybody: Caller) -> None:
    anybody.post("sign-in/codes/", {"mobile": NUMBER})
    assert is_problem(Caller().post("sign-in/", {"mobile": NUMBER, "code": last_code()}), 422)


@pytest.mark.req("A4")
def test_a_code_works_once(anybody: Caller) -> None:
    signed_in(anybody)
    assert is_problem(anybody.post("sign-in/", {"mobile": NUMBER, "code": last_code()}), 422)


@pytest.mark.req("A4")
def test_a_second_code_within_a_minute_is_a_429(anybody: Caller) -> None:
    anybody.post("sign-in/codes/", {"mobile": NUMBER})
    response = anybody.post("sign-in/codes/", {"mobile": NUMBER})
    assert is_problem(response, 429)
    assert 0 < int(response["Retry-After"]) <= 60


@pytest.mark.parametrize("path", ["sign-in/codes/", "sign-in/"])
@pytest.mark.parametrize(
    "mobile", [None, True, 13800000000, "", [], {}, "1380\u0000", "1" * 65, "138\n00000000"]
)
def test_a_malformed_number_is_refused_by_its_field(anybody: Caller, path: str, mobile: Any) -> None:
    body = {"mobile": mobile} | ({"code": "123456"} if path == "sign-in/" else {})
    response = anybody.post(path, body)
    assert is_problem(response, 400)
    assert fields(response) == ["mobile"]


@pytest.mark.parametrize("mobile", ["12345", "23800000000", "0086", "abc", "１３８"])
@pytest.mark.req("E11")
def test_a_number_that_is_no_mobile_is_a_422(anybody: Caller, mobile: str) -> None:
    response = anybody.post("sign-in/codes/", {"mobile": mobile})
    assert is_problem(response, 422)
    assert fields(response) == ["mobile"]


@pytest.mark.parametrize("code", [None, 123456, "", [], "x" * 65, GONE := object()])
def test_a_malformed_code_is_refused_by_its_field(anybody: Caller, code: Any) -> None:
    body = {"mobile": NUMBER} | ({} if code is GONE else {"code": code})
    response = anybody.post("sign-in/", body)
    assert is_problem(response, 400)
    assert fields(response) == ["code"]


@pytest.mark.req("A4")
def test_signing_out_ends_the_session(anybody: Caller) -> None:
    signed_in(anybody)
    assert anybody.send("DELETE", "sign-in/").status_code == 204
    assert is_problem(anybody.get("me/"), 401)


@pytest.mark.req("A4")
def test_signing_out_ends_the_token() -> None:
    app = Caller(make.member())
    assert app.send("DELETE", "sign-in/").status_code == 204
    assert is_problem(app.get("me/"), 401)
    assert MemberToken.objects.get().revoked_at is not None


def test_a_visitor_cannot_sign_out(anybody: Caller) -> None:
    assert is_problem(anybody.send("DELETE", "sign-in/"), 401)


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Bearer \xff", "bearer x y"])
@pytest.mark.req("A4")
def test_a_token_that_is_none_is_a_401(anybody: Caller, header: str) -> None:
    assert is_problem(anybody.get("me/", HTTP_AUTHORIZATION=header), 401)


@pytest.mark.req("A1")
def test_a_staff_session_is_nobody_here(anybody: Caller) -> None:
    anybody.client.force_login(make.staff(Role.ADMINISTRATOR))
    assert is_problem(anybody.get("me/"), 401)
    assert is_problem(anybody.get("applications/"), 403)


@pytest.mark.req("A4")
def test_a_change_by_session_needs_the_csrf_token(plan: Any, june: None) -> None:
    caller = browser()
    refused = caller.post("applications/", new_application())
    token = caller.client.cookies[settings.CSRF_COOKIE_NAME].value
    allowed = caller.post("applications/", new_application(), HTTP_X_CSRFTOKEN=token)
    assert is_problem(refused, 403)
    assert allowed.status_code == 201


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_broken_form_by_session_is_no_server_error(plan: Any, june: None, content_type: str) -> None:
    caller = browser()
    token = caller.client.cookies[settings.CSRF_COOKIE_NAME].value
    made = caller.post("applications/", new_application(), HTTP_X_CSRFTOKEN=token).json()
    path = f"applications/{made['id']}/attachments/"
    response = caller.post(path, b"--y\r\nbroken", content_type=content_type, HTTP_X_CSRFTOKEN=token)
    assert is_problem(response, 400)


@pytest.mark.req("A4")
def test_reading_by_session_needs_no_csrf_token() -> None:
    assert browser().get("me/").status_code == 200


def test_open_addresses_do_not_look_at_the_session(plan: Any, june: None) -> None:
    caller = browser()
    claim = {"ground": "skill", "level": 2, "issued_on": "2023-09-12"}
    response = caller.client.post(
        f"{API}eligibility-checks/", {"scheme": 2024, "claim": claim}, content_type="application/json"
    )
    assert response.status_code == 200
