"""What goes wrong is said in Chinese, tells nothing of the inside, and repeats nothing that was sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client

from subsidy.accounts.roles import Role
from tests.api.conftest import is_problem
from tests.hardening.world import World, anybody
from tests.pages.browser import title

MARK = "marker-7f3a"
INSIDE = ("Traceback", "django", "psycopg", "hunter2", "/work", "site-packages", "SELECT", "Exception", MARK)
JSON = "application/json"


def assert_says_nothing_of_the_inside(response: Any) -> None:
    text = response.content.decode()
    assert [word for word in INSIDE if word.lower() in text.lower()] == []
    assert any("\u4e00" <= sign <= "\u9fff" for sign in text)


def too_large(client: Client) -> Any:
    return client.post("/sign-in/", data="mobile=" + MARK + "1" * 3_000_000, content_type="text/plain")


def too_many_fields(client: Client) -> Any:
    return client.post("/sign-in/", data={f"{MARK}{n}": "1" for n in range(1100)})


def broken_upload(client: Client) -> Any:
    return client.post("/sign-in/", data=MARK.encode(), content_type="multipart/form-data; boundary=x")


PAGES: list[tuple[int, Callable[[Client], Any]]] = [
    (404, lambda client: client.get(f"/{MARK}/?a={MARK}")),
    (404, lambda client: client.get(f"/applications/{MARK}/")),
    (405, lambda client: client.get("/sign-out/")),
    (405, lambda client: client.generic("PROPFIND", f"/{MARK}")),
    (413, too_large),
    (400, too_many_fields),
    (422, broken_upload),
    (400, lambda client: client.get("/", headers={"host": f"{MARK}.example"})),
]


@pytest.mark.parametrize(("status", "send"), PAGES)
def test_a_page_says_what_went_wrong_in_chinese_and_repeats_nothing(
    world: World, settings: Any, status: int, send: Callable[[Client], Any]
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    response = send(anybody())
    assert response.status_code == status
    assert_says_nothing_of_the_inside(response)
    assert title(response)


def test_a_page_that_is_another_s_or_another_role_s_says_so(world: World) -> None:
    refused = world.staff(Role.FINANCE_MAKER).get("/admin/review/queueitem/next/")
    assert refused.status_code in (403, 405)
    refused = world.staff(Role.AUDITOR).get("/desk/")
    assert refused.status_code == 403
    assert_says_nothing_of_the_inside(refused)
    forged = anybody(csrf=True).post("/sign-in/", {"mobile": MARK})
    assert (forged.status_code, title(forged)) == (403, "请重新提交")
    assert_says_nothing_of_the_inside(forged)


def out_of_order(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise OperationalError(f"connection to postgres failed: password=hunter2 {MARK}")


@pytest.mark.parametrize("path", ["/", "/me/", "/check/?of=skill:2", "/admin/", "/staff/login/"])
def test_a_page_without_its_database_says_that_nothing_was_changed(world: World, path: str) -> None:
    client = world.staff(Role.REVIEWER) if path.startswith(("/admin", "/staff")) else world.member()
    with connection.execute_wrapper(out_of_order):
        response = client.get(path)
    assert (response.status_code, title(response)) == (500, "这一步没有办成")
    assert_says_nothing_of_the_inside(response)


@pytest.mark.parametrize("path", ["schemes/", "me/", "applications/"])
def test_the_api_without_its_database_answers_a_problem(world: World, path: str) -> None:
    client = world.member()
    with connection.execute_wrapper(out_of_order):
        response = client.get(f"/api/v1/{path}")
    assert is_problem(response, 500)
    assert_says_nothing_of_the_inside(response)


API: list[tuple[int, dict[str, Any]]] = [
    (400, {"data": b"{" + MARK.encode(), "content_type": JSON}),
    (400, {"data": b"[" * 100_000, "content_type": JSON}),
    (400, {"data": b'{"mobile": "' + MARK.encode() + b'\\u0000"}', "content_type": JSON}),
    (413, {"data": b'{"a": "' + b"1" * 300_000 + b'"}', "content_type": JSON}),
    (415, {"data": MARK.encode(), "content_type": f"text/{MARK}"}),
    (422, {"data": b'{"mobile": "' + MARK.encode() + b'"}', "content_type": JSON}),
]


@pytest.mark.parametrize(("status", "sent"), API)
def test_the_api_says_what_went_wrong_and_repeats_no_value(
    world: World, status: int, sent: dict[str, Any]
) -> None:
    response = anybody().post("/api/v1/sign-in/codes/", **sent)
    assert is_problem(response, status)
    assert_says_nothing_of_the_inside(response)


@pytest.mark.parametrize(
    "path", ["/%0aINVENTED%20line/", "/api/v1/%0d%0aINVENTED/", "/applications/%0aINVENTED/"]
)
def test_no_line_can_be_written_into_the_log_from_outside(
    world: World, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "django.request"):
        assert anybody().get(path).status_code == 404
    assert "INVENTED" in caplog.text
    assert [record for record in caplog.records if "\nINVENTED" in record.getMessage()] == []


def test_every_error_page_is_drawn_without_the_database(world: World) -> None:
    for status in (400, 403, 404, 405, 413, 429, 500):
        with connection.execute_wrapper(out_of_order):
            assert "回到首页" in render_to_string(f"{status}.html", {"seconds": 3})
