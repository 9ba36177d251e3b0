"""Two realms on one session framework: each ends the other, and neither survives its end."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from subsidy import clock
from subsidy.accounts.middleware import STAFF_BEGAN, STAFF_SEEN, MemberMiddleware, StaffSessionMiddleware
from subsidy.accounts.models import Member, MemberToken
from subsidy.accounts.roles import Role
from subsidy.accounts.services import (
    actor_for,
    client_address,
    end_all_sessions,
    issue_token,
    member_for_session,
    member_for_token,
    member_of,
    revoke_token,
    sign_in_member,
    sign_in_nonce,
    sign_out_member,
)
from subsidy.accounts.services.sessions import MEMBER_BEGAN, MEMBER_SEEN
from subsidy.audit.models import AuditRow
from tests.accounts.people import IP, PASSWORD, desk_address, signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1", "A4")]


def browser(session_key: str | None = None, **headers: str) -> HttpRequest:
    """Return a request of a browser with a session, as the middleware sees it."""
    request = RequestFactory().get("/", REMOTE_ADDR=IP, headers=headers)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if session_key:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = session_key
    AuthenticationMiddleware(lambda _: HttpResponse()).process_request(request)
    return request


def seen_by_middleware(request: HttpRequest) -> Member | None:
    request.session.save()
    request.COOKIES[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    MemberMiddleware(lambda _: HttpResponse())(request)
    return member_of(request)


def staff_browser() -> Client:
    staff("reviewer", Role.REVIEWER)
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    assert SESSION_KEY in client.session
    return client


def test_a_signed_in_member_is_found_by_the_middleware() -> None:
    member, request = signed_in(), browser()
    sign_in_member(request, member)
    assert seen_by_middleware(request) == member


def test_a_visitor_without_a_cookie_is_nobody_and_costs_no_query(django_assert_num_queries: object) -> None:
    request = browser()
    with django_assert_num_queries(0):  # type: ignore[operator]
        MemberMiddleware(lambda _: HttpResponse())(request)
    assert member_of(request) is None


def test_signing_in_changes_the_session_key_and_drops_the_nonce() -> None:
    request = browser()
    nonce = sign_in_nonce(request)
    request.session.save()
    before = request.session.session_key
    sign_in_member(request, signed_in())
    assert request.session.session_key != before
    assert sign_in_nonce(request) != nonce


def test_the_nonce_of_a_browser_stays_the_same_and_differs_from_others() -> None:
    request = browser()
    assert sign_in_nonce(request) == sign_in_nonce(request)
    assert sign_in_nonce(browser()) != sign_in_nonce(request)


def test_signing_out_empties_the_session_and_is_recorded() -> None:
    member, request = signed_in(), browser()
    sign_in_member(request, member)
    sign_out_member(request)
    assert member_for_session(request.session) is None
    assert AuditRow.objects.get(action="member.sign_out").target == f"member:{member.pk}"


def test_signing_out_twice_is_harmless() -> None:
    request = browser()
    sign_out_member(request)
    assert not AuditRow.objects.exists()


def test_a_member_signing_in_ends_the_staff_session() -> None:
    client = staff_browser()
    request = browser(client.session.session_key)
    sign_in_member(request, signed_in())
    assert SESSION_KEY not in request.session
    assert not request.user.is_authenticated


def test_staff_signing_in_ends_the_members_session() -> None:
    request = browser()
    sign_in_member(request, signed_in())
    request.session.save()
    client = Client(REMOTE_ADDR=desk_address())
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    staff("reviewer", Role.REVIEWER)
    client.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    assert SESSION_KEY in client.session
    assert "member_id" not in client.session


def test_a_session_that_names_both_realms_is_no_members_session() -> None:
    request = browser()
    sign_in_member(request, signed_in())
    request.session[SESSION_KEY] = "1"
    assert member_for_session(request.session) is None


def test_a_members_session_does_not_open_the_admin() -> None:
    request = browser()
    sign_in_member(request, signed_in())
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    assert client.get("/admin/").status_code == 302


def test_ending_all_sessions_ends_browser_and_app() -> None:
    member, request = signed_in(), browser()
    sign_in_member(request, member)
    token = issue_token(member)
    end_all_sessions(member)
    assert member_for_session(request.session) is None
    assert member_for_token(token) is None


def test_a_merged_record_is_signed_out() -> None:
    member, request = signed_in(), browser()
    sign_in_member(request, member)
    target = Member(created_at=clock.now(), updated_at=clock.now())
    target.save()
    Member.objects.filter(pk=member.pk).update(merged_into=target, merged_at=clock.now())
    assert member_for_session(request.session) is None


def test_a_token_speaks_for_its_member_until_revoked() -> None:
    member = signed_in()
    token = issue_token(member)
    assert member_for_token(token) == member
    assert revoke_token(token)
    assert not revoke_token(token)
    assert member_for_token(token) is None


@pytest.mark.parametrize("raw", ["", "wrong", "0" * 43, "令牌"])
def test_what_is_no_token_speaks_for_nobody(raw: str) -> None:
    issue_token(signed_in())
    assert member_for_token(raw) is None
    assert not revoke_token(raw)


def test_a_token_ends_with_its_time() -> None:
    token = issue_token(signed_in())
    past = clock.real_now() - timedelta(days=8)
    MemberToken.objects.update(created_at=past, expires_at=past + timedelta(days=7))
    assert member_for_token(token) is None


def test_a_token_is_kept_as_a_digest_only() -> None:
    token = issue_token(signed_in())
    assert token not in MemberToken.objects.get().token_index


@pytest.mark.parametrize(
    ("key", "ago", "survives"),
    [
        (STAFF_SEEN, timedelta(minutes=14), True),
        (STAFF_SEEN, timedelta(minutes=15), False),
        (STAFF_BEGAN, timedelta(hours=7, minutes=59), True),
        (STAFF_BEGAN, timedelta(hours=8), False),
    ],
)
def test_a_staff_session_ends_after_idling_or_a_working_day(key: str, ago: timedelta, survives: bool) -> None:
    request = browser(staff_browser().session.session_key)
    request.session[key] = (clock.real_now() - ago).timestamp()
    StaffSessionMiddleware(lambda _: HttpResponse())(request)
    assert (SESSION_KEY in request.session) is survives


def test_the_actor_of_a_request_is_the_member_the_staff_or_the_system() -> None:
    member, request = signed_in(), browser()
    assert actor_for(request).realm == "system"
    sign_in_member(request, member)
    assert (actor_for(request).realm, actor_for(request).id, actor_for(request).ip) == (
        "member",
        member.pk,
        IP,
    )
    assert actor_for(browser(staff_browser().session.session_key)).label == "reviewer"


def test_a_forwarded_address_is_believed_only_from_our_own_proxies(settings: object) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0  # type: ignore[attr-defined]
    assert client_address(browser(**headers)) == IP
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    assert client_address(browser(**headers)) == "198.51.100.4"
    assert client_address(browser(**{"X-Forwarded-For": "no-address"})) == ""


def member_browser() -> HttpRequest:
    """Return a browser in which a member has just signed in."""
    request = browser()
    sign_in_member(request, signed_in())
    return request


def earlier(request: HttpRequest, key: str, seconds: int) -> None:
    """Let what the session noted have happened earlier."""
    request.session[key] -= seconds


@pytest.mark.parametrize(
    ("key", "seconds", "lasts"),
    [
        (MEMBER_SEEN, 29 * 60, True),
        (MEMBER_SEEN, 30 * 60, False),
        (MEMBER_BEGAN, 119 * 60, True),
        (MEMBER_BEGAN, 120 * 60, False),
    ],
)
def test_a_members_session_ends_after_idling_or_two_hours(key: str, seconds: int, lasts: bool) -> None:
    request = member_browser()
    earlier(request, key, seconds)
    assert (seen_by_middleware(request) is not None) is lasts


def test_what_was_typed_goes_with_the_session() -> None:
    request = member_browser()
    request.session["new_mobile"] = "sealed"
    earlier(request, MEMBER_SEEN, 30 * 60)
    seen_by_middleware(request)
    assert "new_mobile" not in request.session


def test_being_there_is_noted_once_a_minute() -> None:
    request = member_browser()
    noted = request.session[MEMBER_SEEN]
    seen_by_middleware(request)
    assert request.session[MEMBER_SEEN] == noted
    earlier(request, MEMBER_SEEN, 61)
    seen_by_middleware(request)
    assert request.session[MEMBER_SEEN] >= noted


def test_using_the_session_does_not_stretch_its_two_hours() -> None:
    request = member_browser()
    earlier(request, MEMBER_BEGAN, 2 * 60 * 60)
    request.session["touched"] = True
    assert seen_by_middleware(request) is None
