"""POST me/corrections/: what is asked, answered masked, once for one key (A2)."""

from __future__ import annotations

from typing import Any

import pytest

from subsidy.accounts.models import MemberCorrection
from tests import make
from tests.api.conftest import Caller, fields, is_problem
from tests.api.test_sign_in import browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("A2")]
RIGHT = make.resident_id(8_901)
GONE = object()


def body(**changes: Any) -> dict[str, Any]:
    whole = {"field": "resident_id", "value": RIGHT, "reason": "填报时打错了"} | changes
    return {name: value for name, value in whole.items() if value is not GONE}


def test_a_request_is_taken_and_answered_masked(owner: Caller) -> None:
    response = owner.post("me/corrections/", body())
    assert response.status_code == 201
    answer = response.json()
    assert answer.pop("requested_at")
    assert answer == {
        "field": "resident_id",
        "value": f"{RIGHT[:6]}********{RIGHT[-4:]}",
        "reason": "填报时打错了",
        "outcome": "open",
    }


def test_the_same_key_asks_once(owner: Caller) -> None:
    first = owner.post("me/corrections/", body(), HTTP_IDEMPOTENCY_KEY="one")
    again = owner.post("me/corrections/", body(), HTTP_IDEMPOTENCY_KEY="one")
    other = owner.post("me/corrections/", body(reason="另一个理由"), HTTP_IDEMPOTENCY_KEY="one")
    assert (again.status_code, again.json()) == (201, first.json())
    assert is_problem(other, 409)
    assert MemberCorrection.objects.count() == 1


def test_a_second_request_waits_for_the_first(owner: Caller) -> None:
    owner.post("me/corrections/", body())
    response = owner.post("me/corrections/", body())
    assert is_problem(response, 409)
    assert response.json()["code"] == "CORRECTION_OPEN"


def test_who_gave_no_number_yet_has_nothing_to_correct() -> None:
    caller = browser(make.mobile(8_902))
    token = caller.client.cookies[next(name for name in caller.client.cookies if "csrf" in name)].value
    response = caller.post("me/corrections/", body(), HTTP_X_CSRFTOKEN=token)
    assert is_problem(response, 409)
    assert response.json()["code"] == "NOT_IDENTIFIED"


@pytest.mark.parametrize(("value", "status"), [("110102196001010010", 422), ("12", 422), (" " + RIGHT, 201)])
@pytest.mark.req("E11")
def test_the_value_is_judged_by_the_rules(owner: Caller, value: str, status: int) -> None:
    response = owner.post("me/corrections/", body(value=value))
    assert response.status_code == status
    assert status == 201 or fields(response) == ["value"]


@pytest.mark.parametrize("value", [None, True, 3, "", " ", [], {}, "a\u0000b", GONE])
@pytest.mark.parametrize("name", ["field", "value", "reason"])
def test_a_malformed_value_is_a_400_by_its_field(owner: Caller, name: str, value: Any) -> None:
    response = owner.post("me/corrections/", body(**{name: value}))
    assert is_problem(response, 400)
    assert fields(response) == [name]


@pytest.mark.parametrize("name", ["mobile", "card_number", "NAME", "trust"])
def test_nothing_else_is_corrected_this_way(owner: Caller, name: str) -> None:
    response = owner.post("me/corrections/", body(field=name))
    assert is_problem(response, 400)
    assert fields(response) == ["field"]


def test_a_visitor_is_asked_to_sign_in(anybody: Caller) -> None:
    assert is_problem(anybody.post("me/corrections/", body()), 401)


def test_the_export_holds_what_was_asked_in_full(owner: Caller) -> None:
    owner.post("me/corrections/", body())
    (asked,) = owner.get("me/export/").json()["corrections"]
    assert (asked["value"], asked["reason"], asked["outcome"]) == (RIGHT, "填报时打错了", "open")
