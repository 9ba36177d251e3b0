"""Every answer carries the strict policy and its companions, whoever gives it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from subsidy.accounts.roles import Role
from tests.hardening.judging import (
    FILE_POLICY,
    PICTURES,
    assert_guarded,
    assert_kept_nowhere,
    inline_in,
    policy,
)
from tests.hardening.world import HOSTILE, World, anybody, ask

OPEN = {
    "/": 200,
    "/check/": 200,
    "/sign-in/": 200,
    "/me/": 302,
    "/nowhere/": 404,
    "/sign-out/": 405,
    "/favicon.ico": 302,
    "/static/subsidy/house.css": 200,
    "/static/nowhere.css": 404,
    "/healthz": 200,
    "/readyz": 200,
    "/staff/login/": 200,
    "/admin/": 302,
    "/api/v1/schemes/": 200,
    "/api/v1/me/": 401,
    "/api/v1/nowhere/": 404,
    "/api/v1/sign-in/": 405,
    "/api/v1/schema/": 200,
}


@pytest.mark.parametrize(
    "faulty",
    [
        "<style>", '<p style="a">', "<script>", '<a href="javascript:x">', "<b onclick=x>",
        '<script type="module">', "<style nonce=x>",
    ],
)  # fmt: skip
def test_the_measure_sees_what_is_inline(faulty: str) -> None:
    assert inline_in(f"<p class=on>{faulty}") == [faulty]
    assert inline_in('<script src="/a.js"></script><script id="a" type="application/json">{}</script>') == []


def test_every_kind_of_answer_to_a_visitor_is_guarded(world: World) -> None:
    client = anybody()
    for path, status in OPEN.items():
        for method in ("GET", "HEAD", "OPTIONS"):
            response = ask(client, method, path)
            assert method != "GET" or response.status_code in (status, 503 if path == "/readyz" else status)
            assert_guarded(response)
            if not path.startswith("/static/subsidy"):
                assert_kept_nowhere(response)


def test_a_refused_form_is_guarded(world: World) -> None:
    response = anybody(csrf=True).post("/sign-in/", {"mobile": "1"})
    assert response.status_code == 403
    assert_guarded(response)


def test_a_wrong_host_is_refused_behind_the_same_headers(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.org"]
    settings.SECURE_SSL_REDIRECT = True
    response = anybody().get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert_guarded(response)


def test_the_way_to_https_is_guarded_and_https_stays(world: World, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = anybody().get("/")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/")
    assert_guarded(response)
    strict = anybody().get("/", secure=True)["Strict-Transport-Security"]
    assert strict == "max-age=31536000; includeSubDomains; preload"


def test_a_failing_page_is_guarded(world: World, settings: Any) -> None:
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": ["/nowhere"], "APP_DIRS": False}]
    for path in ("/", "/me/"):
        response = world.member().get(path)
        assert response.status_code == 500
        assert_guarded(response)
        assert_kept_nowhere(response)


def test_what_somebody_typed_is_shown_and_never_run(world: World) -> None:
    """The walks above see each page with it; here it is shown to be there at all."""
    paths = {one.name: one.path for one in world.addresses}
    readers = [
        (world.staff(Role.STATION), "desk-case"),
        (world.staff(Role.REVIEWER), "admin:review_queueitem_change"),
    ]
    for client, name in readers:
        page = client.get(paths[name]).content.decode()
        assert HOSTILE not in page, name
        assert "&lt;img src=x onerror" in page, name


def test_only_two_pages_may_show_pictures_written_into_the_page(world: World) -> None:
    visitor, clerk = anybody(), world.staff(Role.AUDITOR)
    wider = {one.name for one in world.addresses if policy(ask(visitor, "GET", one.path)) == PICTURES}
    assert "docs" in wider
    assert wider <= {"docs", "mfa_activate_totp"}
    assert policy(clerk.get("/staff/2fa/totp/activate/")) == PICTURES


def test_a_file_that_somebody_sent_in_is_locked_into_its_frame(world: World) -> None:
    paths = {one.name: one.path for one in world.addresses}
    pictures = [
        (world.member(), "application-attachment"),
        (world.member(), "api-attachment"),
        (world.staff(Role.REVIEW_LEAD), "admin:review_queueitem_picture"),
    ]
    for client, name in pictures:
        response = ask(client, "GET", paths[name])
        assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg"), name
        assert_guarded(response, FILE_POLICY)


def test_signing_out_empties_the_browser(world: World) -> None:
    emptied = '"cache", "storage"'
    assert world.member().post("/sign-out/")["Clear-Site-Data"] == emptied
    assert world.member().delete("/api/v1/sign-in/")["Clear-Site-Data"] == emptied
    for path in ("/staff/logout/", "/admin/logout/"):
        assert world.staff(Role.AUDITOR).post(path)["Clear-Site-Data"] == emptied
    assert "Clear-Site-Data" not in world.member().get("/me/")
    assert "Clear-Site-Data" not in anybody().post("/api/v1/sign-in/", {}, content_type="application/json")


def test_a_refused_way_out_empties_nothing(world: World) -> None:
    assert "Clear-Site-Data" not in world.member(csrf=True).post("/sign-out/")
    assert "Clear-Site-Data" not in world.member().get("/sign-out/")


@pytest.mark.parametrize("name", ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"])
def test_in_production_a_cookie_is_bound_to_this_host(settings: Any, name: str) -> None:
    assert getattr(settings, name).startswith("__Host-")


def test_a_cookie_is_sent_by_https_to_this_host_alone_and_hidden_from_scripts(world: World) -> None:
    client = Client()
    client.get("/sign-in/", secure=True)
    make_cookies = client.cookies
    member = world.member().cookies
    csrf = make_cookies["__Host-csrf"]
    assert (csrf["secure"], csrf["path"], csrf["domain"], csrf["samesite"]) == (True, "/", "", "Lax")
    assert set(member) == {"__Host-session"}


def test_messages_travel_in_the_session_not_in_a_cookie(world: World) -> None:
    client = world.member()
    client.post("/sign-out/")
    assert set(client.cookies) <= {"__Host-session", "__Host-csrf"}
    assert "您已退出登录" in client.get("/").content.decode()
