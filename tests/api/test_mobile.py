"""Another mobile number by API: by session and by the app's token (F5, A4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from subsidy import clock
from subsidy.accounts.models import Member, MemberToken
from tests import make
from tests.accounts.people import last_code, wrong
from tests.api.conftest import Caller, fields, is_problem
from tests.api.test_sign_in import browser

pytestmark = [pytest.mark.django_db, pytest.mark.req("F5", "A4")]
NEW = make.mobile(7_201)
GONE = object()


def app() -> Caller:
    """Return the app of a member with all particulars."""
    return Caller(make.member(7_200))


def changed(caller: Caller, **headers: str) -> Any:
    assert caller.post("me/mobile/codes/", {"mobile": NEW}, **headers).status_code == 202
    return caller.post("me/mobile/", {"mobile": NEW, "code": last_code()}, **headers)


def test_the_app_changes_the_number_and_goes_on_with_a_new_token() -> None:
    caller = app()
    caller.client.cookies.clear()
    response = changed(caller)
    assert response.status_code == 200
    assert response.json()["mobile"] == f"{NEW[:3]}****{NEW[-4:]}"
    assert is_problem(caller.get("me/"), 401)
    token = response.json()["token"]
    assert caller.get("me/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


def test_a_browser_changes_the_number_and_stays_signed_in() -> None:
    caller = browser(make.mobile(7_200))
    token = caller.client.cookies[settings.CSRF_COOKIE_NAME].value
    response = changed(caller, HTTP_X_CSRFTOKEN=token)
    assert "token" not in response.json()
    assert caller.get("me/").json()["mobile"] == f"{NEW[:3]}****{NEW[-4:]}"


def test_a_code_asked_by_one_app_is_worth_nothing_to_another() -> None:
    caller, other = app(), Caller(make.member(7_202, name="李小红"))
    caller.post("me/mobile/codes/", {"mobile": NEW})
    response = other.post("me/mobile/", {"mobile": NEW, "code": last_code()})
    assert is_problem(response, 422)
    assert fields(response) == ["code"]


def test_a_wrong_code_is_refused_by_its_field() -> None:
    caller = app()
    caller.post("me/mobile/codes/", {"mobile": NEW})
    response = caller.post("me/mobile/", {"mobile": NEW, "code": wrong(last_code())})
    assert is_problem(response, 422)
    assert fields(response) == ["code"]


def test_a_number_of_another_member_is_a_conflict() -> None:
    caller = app()
    make.member(7_201, name="李小红")
    response = changed(caller)
    assert is_problem(response, 409)
    assert (response.json()["code"], fields(response)) == ("MOBILE_TAKEN", ["mobile"])
    assert Member.objects.filter(mobile_verified_at__isnull=False).count() == 2


def test_known_and_unknown_new_numbers_get_the_same_answer() -> None:
    make.member(7_203, name="李小红")
    known = app().post("me/mobile/codes/", {"mobile": make.mobile(7_203)})
    unknown = Caller(make.member(7_204)).post("me/mobile/codes/", {"mobile": make.mobile(7_205)})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("value", [None, True, 3, "", [], {}, "1\u0000", "1" * 65, GONE])
@pytest.mark.parametrize(("path", "field"), [("codes/", "mobile"), ("", "mobile"), ("", "code")])
def test_a_malformed_value_is_a_400_by_its_field(path: str, field: str, value: Any) -> None:
    body = ({"mobile": NEW} if path else {"mobile": NEW, "code": "123456"}) | {field: value}
    body = {name: item for name, item in body.items() if item is not GONE}
    response = app().post(f"me/mobile/{path}", body)
    assert is_problem(response, 400)
    assert fields(response) == [field]


@pytest.mark.parametrize("path", ["me/mobile/codes/", "me/mobile/"])
def test_a_visitor_is_asked_to_sign_in(anybody: Caller, path: str) -> None:
    assert is_problem(anybody.post(path, {"mobile": NEW, "code": "123456"}), 401)


@pytest.mark.req("A2")
def test_the_export_names_the_numbers_one_had_before() -> None:
    token = changed(app()).json()["token"]
    data = Caller().get("me/export/", HTTP_AUTHORIZATION=f"Bearer {token}").json()
    (change,) = data["mobile_changes"]
    assert (change["old_mobile"], change["new_tail"]) == (make.mobile(7_200), NEW[-4:])
    assert change["by_staff"] is False


@pytest.mark.parametrize("path", ["me/mobile/codes/", "me/mobile/"])
def test_an_old_token_changes_no_number(path: str) -> None:
    caller = app()
    MemberToken.objects.update(created_at=clock.real_now() - timedelta(minutes=16))
    response = caller.post(path, {"mobile": NEW} | ({} if "codes" in path else {"code": "123456"}))
    assert is_problem(response, 403)
    assert response.json()["code"] == "SIGN_IN_AGAIN"
    assert caller.get("me/").status_code == 200
