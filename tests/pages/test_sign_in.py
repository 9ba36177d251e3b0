"""Signing in by a code, as a browser does it (A4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from subsidy.accounts.models import Member
from tests import make
from tests.pages.browser import error_at, last_code, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]
MOBILE = make.mobile(4321)


def asked(client: Client, mobile: str = MOBILE, **more: str) -> Any:
    return client.post("/sign-in/", {"mobile": mobile, **more})


def test_a_code_signs_in_and_brings_back_to_the_page_wanted() -> None:
    client = Client()
    sent = asked(client, next="/apply/?of=skill-2")
    assert sent.status_code == 302
    page = client.get(sent["Location"])
    assert "138****4321" in text_of(page)
    assert 'autocomplete="one-time-code"' in text_of(page)
    done = client.post("/sign-in/code/", {"code": last_code(), "next": "/apply/?of=skill-2"})
    assert (done.status_code, done["Location"]) == (302, "/apply/?of=skill-2")
    assert client.get("/me/").status_code == 200


def test_a_first_sign_in_makes_a_member() -> None:
    client = Client()
    asked(client)
    client.post("/sign-in/code/", {"code": last_code()})
    assert Member.objects.get().mobile == MOBILE


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_strange_address_is_not_followed(target: str) -> None:
    client = Client()
    asked(client)
    done = client.post("/sign-in/code/", {"code": last_code(), "next": target})
    assert done["Location"] == "/me/"


def test_a_number_that_is_none_is_explained_beside_the_field() -> None:
    response = asked(Client(), "123")
    assert response.status_code == 422
    assert "11 位数字" in error_at(response, "mobile")


def test_a_missing_number_is_asked_for() -> None:
    response = asked(Client(), "")
    assert error_at(response, "mobile") == "请填写手机号。"
    assert response.status_code == 422


def test_a_number_in_full_width_is_shown_as_any_other() -> None:
    client = Client()
    sent = asked(client, "".join(chr(ord(mark) + 0xFEE0) for mark in MOBILE))
    assert "138****4321" in text_of(client.get(sent["Location"]))


def test_a_wrong_code_is_explained_beside_the_field_and_signs_nobody_in() -> None:
    client = Client()
    asked(client)
    wrong = "000000" if last_code() != "000000" else "000001"
    response = client.post("/sign-in/code/", {"code": wrong})
    assert response.status_code == 422
    assert "验证码不正确或已失效" in error_at(response, "code")
    assert client.get("/me/").status_code == 302


def test_a_code_does_not_open_another_browser() -> None:
    first, second = Client(), Client()
    asked(first)
    code = last_code()
    assert second.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
    assert second.get("/me/").status_code == 302


def test_asking_again_at_once_says_when_to_come_back() -> None:
    client = Client()
    asked(client)
    response = client.post("/sign-in/code/", {"again": "1"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "验证码刚刚发出" in text_of(response)


def test_the_number_stands_in_no_address_and_not_readable_in_the_session() -> None:
    client = Client()
    response = asked(client)
    assert MOBILE not in response["Location"]
    assert MOBILE not in str(dict(client.session.items()))


@pytest.mark.parametrize(("is_demonstration", "is_said"), [(True, True), (False, False)])
def test_only_a_demonstration_says_where_the_message_lies(
    settings: Any, is_demonstration: bool, is_said: bool
) -> None:
    settings.DEMO = is_demonstration
    client = Client()
    asked(client)
    page = text_of(client.get("/sign-in/code/"))
    assert ("演示环境不发真短信" in page) is is_said
    assert last_code() not in page


def test_signing_out_needs_a_post_and_ends_the_session() -> None:
    client = signed_in(make.member())
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/me/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/me/").status_code == 302


def test_who_is_signed_in_is_led_on() -> None:
    assert signed_in(make.member()).get("/sign-in/?next=/apply/")["Location"] == "/apply/"


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in/", {"mobile": MOBILE}).status_code == 403
