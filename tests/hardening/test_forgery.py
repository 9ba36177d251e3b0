"""Nothing is changed on somebody else's behalf: every write by session asks for the page's token."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from subsidy.accounts.roles import Role
from subsidy.accounts.services import issue_token
from tests.hardening.rows import changed, digests
from tests.hardening.world import Address, World, anybody, ask

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
OPEN_WRITES = {"api-eligibility-checks", "api-sign-in-codes", "api-sign-in", "api-sign-in-tickets"}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain")
"""All that a page elsewhere can make a browser send without asking us first."""


def is_api(one: Address) -> bool:
    return one.route.startswith("api/v1/")


def people(world: World) -> list[Client]:
    return [
        world.member(csrf=True),
        world.staff(Role.STATION, csrf=True),
        world.staff(Role.REVIEWER, csrf=True),
    ]


def test_only_the_api_judges_forgery_itself(world: World) -> None:
    exempt = {one.name for one in world.addresses if getattr(resolve(one.path).func, "csrf_exempt", False)}
    assert exempt == {one.name for one in world.addresses if is_api(one)}


def test_no_page_takes_a_form_without_its_token(world: World) -> None:
    clients = (anybody(csrf=True), world.staff(Role.REVIEWER, csrf=True))
    before = digests()
    pages = [one for one in world.addresses if not is_api(one)]
    assert len(pages) > 200
    for client in clients:
        for one in pages:
            response = client.post(one.path, {"version": "1"})
            assert response.status_code == 403, one
            assert "请重新提交" in response.content.decode(), one
    assert changed(before) - {"django_session"} == set()


def test_no_page_takes_another_way_of_writing(world: World) -> None:
    clerk, methods = world.staff(Role.ADMINISTRATOR), cycle(("PUT", "PATCH", "DELETE", "TRACE", "INVENTED"))
    for one in world.addresses:
        if not is_api(one):
            response = clerk.generic(next(methods), one.path)
            assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST"), one


@pytest.mark.parametrize("content_type", ["application/json", *FORMS])
def test_no_address_of_the_api_writes_by_session_without_the_token(world: World, content_type: str) -> None:
    clients = people(world)
    before = digests()
    for client in clients:
        for one, method in writes(world):
            if one.name in OPEN_WRITES and method == "POST":
                continue
            response = ask(client, method, one.path, data="{}", content_type=content_type)
            assert response.status_code in (401, 403), (method, one, response.content)
    assert changed(before) - {"django_session"} == set()


def test_what_needs_no_session_takes_json_only_which_no_other_site_can_send(world: World) -> None:
    for one, method in writes(world):
        if one.name in OPEN_WRITES and method == "POST":
            for content_type in FORMS:
                response = anybody(csrf=True).generic(method, one.path, "a=1", content_type)
                assert response.status_code == 415, (one, content_type)


def test_an_app_with_a_token_needs_no_cookie_and_no_page(world: World) -> None:
    app = anybody(csrf=True, HTTP_AUTHORIZATION=f"Bearer {issue_token(world.owner)}")
    path = f"/api/v1/applications/{world.case.public_id}/withdraw/"
    taken = app.post(path, {"version": world.case.version}, content_type="application/json")
    assert taken.status_code == 200, taken.content


def test_a_wrong_token_beside_a_session_is_not_made_good_by_it(world: World) -> None:
    client = world.member(csrf=True, HTTP_AUTHORIZATION="Bearer invented")
    assert client.get("/api/v1/me/").status_code == 401


def test_with_the_token_of_the_page_the_session_may_write(world: World) -> None:
    client = world.member(csrf=True)
    client.get("/me/")
    token = client.cookies["__Host-csrf"].value
    path = f"/api/v1/applications/{world.case.public_id}/withdraw/"
    body: dict[str, Any] = {"version": world.case.version}
    assert client.post(path, body, content_type="application/json").status_code == 403
    headers = {"x-csrftoken": token}
    assert client.post(path, body, content_type="application/json", headers=headers).status_code == 200


def test_every_address_of_the_api_names_its_methods_when_another_comes(world: World) -> None:
    client = anybody(HTTP_AUTHORIZATION=f"Bearer {issue_token(world.owner)}")
    for one in world.addresses:
        if is_api(one) and one.name not in ("api-nowhere", "docs"):
            allowed = allowed_at(one)
            for method in {"GET", *UNSAFE} - allowed:
                response = ask(client, method, one.path, data="{}", content_type="application/json")
                assert response.status_code == 405, (method, one)
                assert set(response["Allow"].split(", ")) >= allowed, one


def allowed_at(one: Address) -> set[str]:
    view: Any = getattr(resolve(one.path).func, "view_class", None)
    return {name.upper() for name in view.http_method_names if hasattr(view, name)} - {"HEAD", "OPTIONS"}


def writes(world: World) -> list[tuple[Address, str]]:
    """Return every address of the API with each method by which it writes."""
    served = [one for one in world.addresses if is_api(one) and one.name not in ("api-nowhere", "docs")]
    return [(one, method) for one in served for method in sorted(allowed_at(one) & set(UNSAFE))]
