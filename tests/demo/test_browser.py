"""The small browser: it sends forms as a page has them, and says where a step went wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from subsidy.demo.browser import Browser, Upload, WalkError

PAGE = """<!doctype html><form action="/other/"><input name="q" value="x"></form>
<a href="/case/7/change/">案</a>
<form method="post" action="/save/"><input type="hidden" name="token" value="t&amp;1">
<input type="radio" name="level" value="1"><input type="radio" name="level" value="2" checked>
<input type="checkbox" name="agree" value="2024-01"><select name="district"><option value="">-</option>
<option value="110102" selected>西城区</option></select><textarea name="note">原文</textarea>
<input type="file" name="picture"></form>
<form method="post"><button name="edition" value="2022">A</button>
<button name="edition" value="2023">B</button></form>"""
REFUSAL = '<p class="field-error">请填写<b>姓名</b>。</p>'


class Site(BaseHTTPRequestHandler):
    seen: dict[str, str] = {}

    def do_GET(self) -> None:
        if self.path == "/gone/":
            self._answer(404, REFUSAL)
        elif self.path == "/file/":
            self._answer(
                200, "H|1", {"Content-Type": "text/plain", "Content-Disposition": 'a; filename="1.txt"'}
            )
        else:
            self._answer(200, PAGE, {"Set-Cookie": "session=1; Path=/"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Site.seen = {**dict(self.headers), "body": body.decode()}
        if "name=refuse" in Site.seen["body"]:
            self._answer(422, REFUSAL)
        else:
            self._answer(302, "", {"Location": "/after/"})

    def _answer(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def browser() -> Iterator[Browser]:
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Browser(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


def test_a_form_is_sent_with_what_the_page_put_there(browser: Browser) -> None:
    page = browser.get("/start/")
    after = browser.submit(page, page.form(action="/save/"), {"agree": "2024-01"})
    assert after.path == "/after/"
    assert Site.seen["body"] == ("token=t%261&level=2&district=110102&note=%E5%8E%9F%E6%96%87&agree=2024-01")
    assert Site.seen["Cookie"] == "session=1"
    assert Site.seen["Referer"].endswith("/start/")


def test_a_file_goes_as_one_part_among_the_fields(browser: Browser) -> None:
    page = browser.get("/start/")
    file = Upload("证书.jpg", b"bytes", "image/jpeg")
    browser.submit(page, page.form(name="picture"), {"level": "1"}, {"picture": file})
    assert Site.seen["Content-Type"].startswith("multipart/form-data; boundary=")
    assert 'name="level"\r\n\r\n1\r\n' in Site.seen["body"]
    assert 'name="picture"; filename="证书.jpg"\r\nContent-Type: image/jpeg\r\n\r\nbytes' in Site.seen["body"]


def test_a_field_that_the_page_does_not_have_is_refused(browser: Browser) -> None:
    page = browser.get("/start/")
    with pytest.raises(WalkError, match="表单没有这些栏：name"):
        browser.submit(page, page.form(action="/save/"), {"name": "x"})


def test_a_form_or_link_that_is_not_there_is_named(browser: Browser) -> None:
    page = browser.get("/start/")
    with pytest.raises(WalkError, match="/approve/"):
        page.form(action="/approve/")
    with pytest.raises(WalkError, match="没有要用的链接"):
        page.link("/batch/")
    assert page.link(r"/case/\d+/change/") == "/case/7/change/"


def test_a_named_button_is_pressed_by_its_value_and_never_unasked(browser: Browser) -> None:
    page = browser.get("/start/")
    form = page.form(name="edition")
    assert (form.choices["edition"], form.values) == (["2022", "2023"], {})
    browser.submit(page, form, {"edition": "2023"})
    assert Site.seen["body"] == "edition=2023"


def test_an_error_page_is_told_with_status_and_the_page_s_own_words(browser: Browser) -> None:
    with pytest.raises(WalkError, match="GET /gone/ 答 404。请填写 姓名 。"):
        browser.get("/gone/")


def test_a_refused_form_is_told_with_the_page_s_own_words(browser: Browser) -> None:
    page = browser.get("/start/")
    form = page.form(action="/save/")
    form.values["name"] = "refuse"
    with pytest.raises(WalkError, match="答 422。请填写 姓名 。"):
        browser.submit(page, form, {})


def test_a_download_keeps_its_name_and_bytes(browser: Browser) -> None:
    file = browser.get("/file/")
    assert (file.file_name, file.content) == ("1.txt", b"H|1")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(WalkError, match="连不上"):
        Browser("http://127.0.0.1:9").get("/")


def test_only_web_addresses_are_opened() -> None:
    with pytest.raises(WalkError, match="不是网址"):
        Browser("file:///etc").get("/passwd")
