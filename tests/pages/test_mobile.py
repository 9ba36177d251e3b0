"""The member's pages for another number, an objection to one, and signing out of every device (F5, A4)."""

from __future__ import annotations

import pytest
from django.test import Client

from applications.services.trust import refresh_trust
from subsidy import clock
from subsidy.accounts.models import Member, MobileChange
from subsidy.accounts.services import issue_token, member_actor, member_for_token
from subsidy.accounts.services.sessions import MEMBER_BEGAN, MEMBER_SEEN
from subsidy.crypto import blind_index
from subsidy.notices.models import Notice
from tests import make
from tests.accounts.people import desk_address
from tests.pages.browser import error_at, last_code, signed_in, text_of, title

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("F5", "A4")]
NEW = make.mobile(7_001)


@pytest.fixture
def person(plan: object) -> Member:
    """Return a member with all particulars."""
    return make.member(7_000)


def changed(client: Client, mobile: str = NEW) -> object:
    client.post("/me/mobile/", {"mobile": mobile})
    return client.post("/me/mobile/code/", {"code": last_code()}, follow=True)


def by_code(mobile: str) -> Client:
    """Return a browser that signed in to a number by code."""
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/sign-in/", {"mobile": mobile})
    client.post("/sign-in/code/", {"code": last_code()})
    return client


def test_the_number_is_changed_and_the_member_stays_signed_in(person: Member) -> None:
    client = signed_in(person)
    response = changed(client)
    person.refresh_from_db()
    assert person.mobile == NEW
    assert title(response) == "我的申报"
    assert "手机号已换成" in text_of(response)


def test_the_other_browser_is_signed_out(person: Member) -> None:
    other, client = signed_in(person), signed_in(person)
    changed(client)
    assert other.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


def test_the_code_page_helps_the_phone_to_fill_it_in(person: Member) -> None:
    client = signed_in(person)
    client.post("/me/mobile/", {"mobile": NEW})
    text = text_of(client.get("/me/mobile/code/"))
    assert 'autocomplete="one-time-code"' in text
    assert 'inputmode="numeric"' in text
    assert NEW not in text


def test_a_wrong_code_is_told_at_the_field(person: Member) -> None:
    client = signed_in(person)
    client.post("/me/mobile/", {"mobile": NEW})
    response = client.post("/me/mobile/code/", {"code": f"{(int(last_code()) + 1) % 10**6:06d}"})
    assert response.status_code == 422
    assert "验证码不正确" in error_at(response, "code")


def test_the_code_page_without_a_number_leads_back(person: Member) -> None:
    response = signed_in(person).get("/me/mobile/code/")
    assert (response.status_code, response["Location"]) == (302, "/me/mobile/")


@pytest.mark.parametrize("typed", ["", "12345", make.mobile(7_000)])
def test_a_number_that_will_not_do_is_told_at_the_field(person: Member, typed: str) -> None:
    response = signed_in(person).post("/me/mobile/", {"mobile": typed})
    assert response.status_code == 422
    assert error_at(response, "mobile")


def test_too_many_codes_say_when_to_come_back(person: Member) -> None:
    client = signed_in(person)
    client.post("/me/mobile/", {"mobile": NEW})
    response = client.post("/me/mobile/code/", {"again": "1"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60


def test_a_number_of_another_member_is_refused_in_words(person: Member) -> None:
    make.member(7_001, name="李小红")
    response = changed(signed_in(person))
    person.refresh_from_db()
    assert "已是另一位会员的登录手机号" in text_of(response)
    assert person.mobile == make.mobile(7_000)


@pytest.mark.req("E1")
def test_the_registers_number_raises_the_trust(person: Member) -> None:
    make.card_holder(
        person,
        card_number=make.card_number(9_999),
        mobile=NEW,
        mobile_index=blind_index("mobile", NEW),
    )
    refresh_trust(person, actor=member_actor(person))
    assert person.trust == "disputed"
    changed(signed_in(person))
    person.refresh_from_db()
    assert person.trust == "register"


def test_the_old_number_sees_the_change_and_may_object(person: Member) -> None:
    changed(signed_in(person))
    holder = by_code(make.mobile(7_000))
    change = MobileChange.objects.get()
    assert "不是我换的" in text_of(holder.get("/me/"))
    response = holder.post(f"/me/mobile/objection/{change.pk}/", {"text": "我没有换过"}, follow=True)
    change.refresh_from_db()
    assert change.is_open
    assert "异议已收到" in text_of(response)
    assert "不是我换的" not in text_of(holder.get("/me/"))


def test_an_objection_needs_words(person: Member) -> None:
    changed(signed_in(person))
    holder = by_code(make.mobile(7_000))
    response = holder.post(f"/me/mobile/objection/{MobileChange.objects.get().pk}/", {"text": " "})
    assert "请填写" in error_at(response, "text")


def test_a_change_of_others_does_not_exist_for_a_stranger(person: Member) -> None:
    changed(signed_in(person))
    stranger = signed_in(make.member(name="李小红"))
    assert stranger.get(f"/me/mobile/objection/{MobileChange.objects.get().pk}/").status_code == 404


def test_signing_out_everywhere_asks_first(person: Member) -> None:
    client = signed_in(person)
    assert title(client.get("/me/sign-out/")) == "在全部设备上退出登录？"
    assert client.get("/me/").status_code == 200


def test_signing_out_everywhere_ends_browsers_and_tokens(person: Member) -> None:
    client, other, token = signed_in(person), signed_in(person), issue_token(person)
    assert client.post("/me/sign-out/").status_code == 302
    assert [one.get("/me/").status_code for one in (client, other)] == [302, 302]
    assert member_for_token(token) is None


@pytest.mark.parametrize("path", ["mobile/", "mobile/code/", "mobile/objection/1/", "sign-out/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_is_asked_to_sign_in(path: str, method: str) -> None:
    response = getattr(Client(), method)(f"/me/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def signed_in_long_ago(person: Member) -> Client:
    client = signed_in(person)
    session = client.session
    session[MEMBER_BEGAN] = session[MEMBER_SEEN] = clock.real_now().timestamp() - 16 * 60
    session.save()
    return client


def test_who_signed_in_long_ago_signs_in_once_more_first(person: Member) -> None:
    client = signed_in_long_ago(person)
    assert title(client.get("/me/mobile/")) == "请再登录一次"
    response = client.post("/me/mobile/", {"mobile": NEW})
    assert response["Location"] == "/sign-in/?next=%2Fme%2Fmobile%2F"
    assert client.get("/me/").status_code == 302
    assert not Notice.objects.exists()


def test_a_code_taken_in_time_is_worth_nothing_later(person: Member) -> None:
    client = signed_in(person)
    client.post("/me/mobile/", {"mobile": NEW})
    session = client.session
    session[MEMBER_BEGAN] = session[MEMBER_SEEN] = clock.real_now().timestamp() - 16 * 60
    session.save()
    response = client.post("/me/mobile/code/", {"code": last_code()})
    person.refresh_from_db()
    assert (response["Location"], person.mobile) == ("/me/mobile/", make.mobile(7_000))
