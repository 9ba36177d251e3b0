"""A real browser before a real server: where Chromium is, the served house, who sits at the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from subsidy.accounts.models import Member, StaffUser
from tests.pages.browser import signed_in

Visitor = Member | StaffUser | None
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = (390, 844)
DESKTOP = (1280, 900)
PATIENCE = 20_000  # milliseconds; the machine may be busy
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]


def find_chromium() -> str:
    """Return the program, named by CHROMIUM or in the usual places; empty when there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """Run Chromium; Django must be told that an event loop in this thread does the database no harm."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
            try:
                yield browser
            finally:
                browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@contextmanager
def served() -> Iterator[str]:
    """Serve this process's database on a free port, in threads of their own."""
    server = LiveServerThread("127.0.0.1", static_handler=StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://{server.host}:{server.port}"
    finally:
        server.terminate()


class Screen:
    """One window of one visitor, who is signed in already; it remembers what went wrong on its pages."""

    def __init__(
        self, browser: Browser, base: str, who: Visitor = None, size: tuple[int, int] = PHONE, **options: Any
    ) -> None:
        width, height = size
        self.context: BrowserContext = browser.new_context(
            base_url=base,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        self.context.set_default_timeout(PATIENCE)
        if who is not None:
            self._bring_session(base, who)
        self.troubles: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._note_response)

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take_troubles(self) -> list[str]:
        """Return what the console said since the last call: script errors, refusals of the policy."""
        found, self.troubles = self.troubles, []
        return found

    def _bring_session(self, base: str, who: Member | StaffUser) -> None:
        client = signed_in(who) if isinstance(who, Member) else Client()
        if isinstance(who, StaffUser):
            client.force_login(who)
        name = settings.SESSION_COOKIE_NAME
        # The cookie's __Host- name wants an https address; browsers send it to 127.0.0.1 all the same.
        url, value = base.replace("http:", "https:"), client.cookies[name].value
        self.context.add_cookies([{"name": name, "value": value, "url": url, "secure": True}])

    def _note_console(self, message: ConsoleMessage) -> None:
        # A refused form and a page that is not there are answered with 4xx on purpose; the console says so.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.troubles.append(f"{message.type}: {message.text}")

    def _note_response(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400):
            self.troubles.append(f"{response.status}: {response.url}")
