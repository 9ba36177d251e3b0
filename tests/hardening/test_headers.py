"""Every answer carries the strict policy and its companions, whoever gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.signals import template_rendered

from subsidy.accounts.roles import Role
from tests.hardening.world import World, anybody, ask

POLICY = {
    "default-src": "'self'",
    "img-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
FILE_POLICY = {"default-src": "'none'", "sandbox": ""}
PICTURES = POLICY | {"img-src": "'self' data:"}
COMPANIONS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
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


def policy(response: Any) -> dict[str, str]:
    """Return the policy by directive."""
    parts = response.get("Content-Security-Policy", "").split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


def assert_guarded(response: Any, expected: dict[str, str] = POLICY) -> None:
    """Fail when a header is missing or says less than it should."""
    assert policy(response) == expected
    assert {name: response.get(name) for name in COMPANIONS} == COMPANIONS
    for power in ("camera", "geolocation", "microphone", "payment"):
        assert f"{power}=()" in response["Permissions-Policy"]


def assert_kept_nowhere(response: Any) -> None:
    assert "no-store" in response["Cache-Control"]


def assert_nothing_inline(response: Any) -> None:
    """Fail when the policy would have to stop a part of the page: inline style, script or event."""
    if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
        assert inline_in(response.content.decode()) == []


def inline_in(text: str) -> list[str]:
    """Return what stands inline: data in a script element is no script."""
    tags = re.findall(r"<[a-zA-Z][^<>]*>", re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text))
    data = re.compile(r"<script\b[^>]*(?:\ssrc=|type=\"application/json\")")
    return [
        tag
        for tag in tags
        if re.match(r"<style\b", tag)
        or (tag.startswith("<script") and not data.match(tag))
        or re.search(r"\s(?:style|on[a-z]+)\s*=|=\s*[\"']?\s*javascript:", tag)
    ]


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


@pytest.fixture
def drawn() -> Iterator[set[Path]]:
    """Collect the file of each template that is drawn."""
    files: set[Path] = set()

    def note(template: Any, **_: Any) -> None:
        files.add(Path(template.origin.name))

    template_rendered.connect(note)
    yield files
    template_rendered.disconnect(note)


def test_every_kind_of_answer_to_a_visitor_is_guarded(world: World) -> None:
    client = anybody()
    for path, status in OPEN.items():
        for method in ("GET", "HEAD", "OPTIONS"):
            response = ask(client, method, path)
            assert method != "GET" or response.status_code == status, path
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


def test_no_answer_to_a_member_is_kept_by_a_browser_or_proxy(world: World) -> None:
    client = world.member()
    mine = [one for one in world.addresses if not one.route.startswith(("admin/", "desk/", "staff/"))]
    assert len(mine) > 40
    for one in mine:
        response = ask(client, "GET", one.path)
        assert_kept_nowhere(response)
        assert_nothing_inline(response)
        expected = PICTURES if one.name == "docs" else POLICY
        assert_guarded(response, FILE_POLICY if response.get("Content-Type") == "image/jpeg" else expected)


@pytest.mark.parametrize("role", [Role.STATION, Role.REVIEWER, Role.FINANCE_MAKER, Role.ADMINISTRATOR])
def test_no_answer_to_staff_is_kept_by_a_browser_or_proxy(world: World, role: Role, drawn: set[Path]) -> None:
    client = world.staff(role)
    begin = "desk" if role is Role.STATION else ("admin:", "account", "mfa")
    ours = [one for one in world.addresses if one.name.startswith(begin)]
    statuses = set()
    for one in ours:
        response = ask(client, "GET", one.path)
        statuses.add(response.status_code)
        assert_kept_nowhere(response)
        assert_nothing_inline(response)
        is_file = "attachment" in response.get("Content-Disposition", "") or one.name.endswith("_picture")
        assert_guarded(response, policy(response) if is_file or one.name == "mfa_activate_totp" else POLICY)
        assert policy(response)["default-src"] in ("'self'", "'none'")
    assert 200 in statuses
    packaged = {file for file in drawn if "site-packages" in file.parts and file.suffix == ".html"}
    assert {file: found for file in packaged if (found := inline_in(file.read_text("utf-8")))} == {}


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
