"""The strict policy in a real browser, on the pages that the tour does not visit (it watches its own)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from subsidy.accounts.roles import Role
from tests import make
from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
INLINE = """() => {
  const style = document.createElement("style");
  style.textContent = "h1 { color: red }";
  document.head.append(style);
}"""


def test_the_console_tells_of_what_the_policy_stopped(open_as: Open) -> None:
    screen = open_as()
    screen.page.goto("/")
    assert screen.take_troubles() == []
    screen.page.evaluate(INLINE)
    assert "Content Security Policy" in " ".join(screen.take_troubles())


def test_the_api_s_page_and_the_error_pages_keep_the_policy(open_as: Open) -> None:
    screen = open_as()
    screen.page.goto("/api/v1/docs/")
    expect(screen.page.locator("#swagger-ui .info")).to_be_visible()
    for path in ("/sign-out/", "/%0a/", "/admin/nowhere/"):
        screen.page.goto(path)
        expect(screen.page.locator("h1")).to_be_visible()
    assert screen.take_troubles() == []


def test_the_picture_for_the_authenticator_is_shown(open_as: Open) -> None:
    screen = open_as(make.staff(Role.AUDITOR))
    screen.page.goto("/staff/2fa/totp/activate/")
    picture = screen.page.locator("main img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.naturalWidth") > 0
    assert screen.take_troubles() == []


def test_after_signing_out_the_way_back_shows_nothing_of_the_member(open_as: Open) -> None:
    member = make.member()
    screen = open_as(member, (1280, 900))
    screen.page.goto("/me/")
    assert member.name in screen.page.content()
    screen.page.locator("header").get_by_role("button", name="退出").click()
    expect(screen.page.get_by_role("link", name="登录")).to_be_visible()
    screen.page.go_back()
    expect(screen.page).to_have_url(re.compile("/sign-in/"))
    assert member.name not in screen.page.content()
