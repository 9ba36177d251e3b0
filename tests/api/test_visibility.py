"""Whose application it is: the owner's alone, at every address (A1)."""

from __future__ import annotations

import uuid

import pytest

from applications.models import Application
from tests import make
from tests.api.conftest import Caller, filed, is_problem, new_application

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
EVERY_DOOR = [
    ("GET", ""),
    ("PATCH", ""),
    ("POST", "submit/"),
    ("POST", "resubmit/"),
    ("POST", "withdraw/"),
    ("POST", "card/"),
    ("GET", "timeline/"),
    ("GET", "attachments/"),
]


@pytest.mark.parametrize(("method", "path"), EVERY_DOOR)
@pytest.mark.req("A1")
def test_a_stranger_finds_no_application(owner: Caller, stranger: Caller, method: str, path: str) -> None:
    answer = filed(owner)
    body = {"version": answer["version"], "card_number": make.card_number(5)}
    response = stranger.send(method, f"applications/{answer['id']}/{path}", body)
    assert is_problem(response, 404)
    assert Application.objects.get(public_id=answer["id"]).version == answer["version"]


@pytest.mark.parametrize(("method", "path"), EVERY_DOOR)
@pytest.mark.req("A1")
def test_a_visitor_is_asked_to_sign_in(owner: Caller, anybody: Caller, method: str, path: str) -> None:
    answer = filed(owner)
    response = anybody.send(method, f"applications/{answer['id']}/{path}", {"version": 1})
    assert is_problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), [("GET", "applications/"), ("POST", "applications/")])
def test_a_visitor_has_no_applications(anybody: Caller, method: str, path: str) -> None:
    assert is_problem(anybody.send(method, path, new_application()), 401)


@pytest.mark.parametrize(("method", "path"), EVERY_DOOR)
def test_an_application_that_does_not_exist_is_a_404(owner: Caller, method: str, path: str) -> None:
    assert is_problem(owner.send(method, f"applications/{uuid.uuid4()}/{path}", {"version": 1}), 404)


@pytest.mark.req("A1")
def test_the_list_holds_ones_own_only_newest_first(owner: Caller, stranger: Caller) -> None:
    numbers = [owner.post("applications/", new_application(n)).json()["number"] for n in (1, 2)]
    stranger.post("applications/", new_application(3))
    assert [one["number"] for one in owner.get("applications/").json()] == numbers[::-1]
