"""Switching, confirming, declining and objecting over the API (F4, F5, F2)."""

from __future__ import annotations

from typing import Any

import pytest

from applications.models import Application, Objection
from tests import make
from tests.api.conftest import Caller, fields, filed, is_problem, new_certificate
from tests.api.desk import clerk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]


def winner(n: int = 821) -> tuple[Caller, Application]:
    place = make.roster_place(n)
    return Caller(place.member), place


def agreed(place: Application, n: int = 821, **changes: Any) -> dict[str, Any]:
    body = {"version": place.version, "card_number": make.card_number(n), "consent": {"version": "2024-01"}}
    return body | changes


@pytest.mark.req("F5")
def test_a_member_switches_to_another_certificate_in_one_step(owner: Caller) -> None:
    old = filed(owner)
    body = {"version": old["version"], "certificate": new_certificate(55, level=1)}
    body["certificate"]["certificate_number"] = make.certificate_number(55, "1")
    response = owner.post(f"applications/{old['id']}/switch/", body)
    assert response.status_code == 201, response.content
    new = response.json()
    assert (new["status"], new["award"], new["first_filed_at"]) == ("submitted", 2000, old["first_filed_at"])
    assert Application.objects.get(public_id=old["id"]).status == "withdrawn"


def test_a_switch_with_the_same_key_is_made_once(owner: Caller) -> None:
    old = filed(owner)
    body = {"version": old["version"], "certificate": new_certificate(56)}
    path = f"applications/{old['id']}/switch/"
    first, second = (owner.post(path, body, HTTP_IDEMPOTENCY_KEY="s") for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Application.objects.count() == 2


def test_a_switch_that_is_refused_leaves_the_old_one_standing(owner: Caller) -> None:
    old = filed(owner)
    body = {"version": old["version"], "certificate": new_certificate(56, issued_on="2021-01-01")}
    response = owner.post(f"applications/{old['id']}/switch/", body)
    assert is_problem(response, 422)
    assert "certificate.issued_on" in fields(response)
    assert Application.objects.get().status == "submitted"


@pytest.mark.req("F4")
def test_a_winner_confirms_and_the_case_is_filed() -> None:
    caller, place = winner()
    response = caller.post(f"applications/{place.public_id}/confirm/", agreed(place))
    assert response.status_code == 200, response.content
    assert (response.json()["status"], response.json()["award"]) == ("submitted", 1000)


@pytest.mark.req("F4")
def test_a_winner_who_filed_elsewhere_chooses_by_switch_from() -> None:
    caller, place = winner()
    other = make.submitted(place.member, card_number=make.card_number(821))
    path = f"applications/{place.public_id}/confirm/"
    refused = caller.post(path, agreed(place))
    assert refused.status_code in {409, 422}
    assert refused.json()["code"] == "ALREADY_APPLIED"
    done = caller.post(path, agreed(place, switch_from=str(other.public_id)))
    assert done.status_code == 200, done.content
    other.refresh_from_db()
    assert other.status == "withdrawn"


def test_a_winner_cannot_give_up_somebody_elses_application() -> None:
    caller, place = winner()
    other = make.submitted()
    body = agreed(place, switch_from=str(other.public_id))
    response = caller.post(f"applications/{place.public_id}/confirm/", body)
    assert is_problem(response, 404)
    assert fields(response) == ["switch_from"]
    other.refresh_from_db()
    assert other.status == "submitted"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("card_number", None),
        ("card_number", 1),
        ("consent", {}),
        ("switch_from", "no-uuid"),
        ("switch_from", 5),
        ("version", "1"),
    ],
)
def test_a_wrong_confirmation_is_a_400_that_names_the_field(name: str, value: Any) -> None:
    caller, place = winner()
    response = caller.post(f"applications/{place.public_id}/confirm/", agreed(place) | {name: value})
    assert is_problem(response, 400)
    assert any(field.startswith(name) for field in fields(response))
    place.refresh_from_db()
    assert place.status == "awaiting_confirmation"


@pytest.mark.req("F4")
def test_a_winner_declines() -> None:
    caller, place = winner()
    response = caller.post(f"applications/{place.public_id}/decline/", {"version": place.version})
    assert response.json()["status"] == "withdrawn"


def test_the_intake_declines_for_a_winner_with_their_words_only() -> None:
    _, place = winner()
    caller = clerk("intake")
    path = f"applications/{place.public_id}/decline/"
    assert fields(caller.post(path, {"version": place.version})) == ["note"]
    done = caller.post(path, {"version": place.version, "note": "来电说不领取"})
    assert done.json()["status"] == "withdrawn"


@pytest.mark.req("F2")
def test_a_member_objects_to_what_a_station_filed() -> None:
    case = make.assisted()
    response = Caller(case.member).post(f"applications/{case.public_id}/object/", {"text": "我没有同意"})
    assert response.status_code == 200, response.content
    assert Objection.objects.get().text == "我没有同意"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 3}, {"text": "x" * 501}, {"text": "a", "b": 1}])
def test_a_wrong_objection_is_a_400(body: dict[str, Any]) -> None:
    case = make.assisted()
    assert is_problem(Caller(case.member).post(f"applications/{case.public_id}/object/", body), 400)
    assert Objection.objects.count() == 0


def test_nobody_objects_to_what_they_filed_themselves(owner: Caller) -> None:
    answer = filed(owner)
    assert is_problem(owner.post(f"applications/{answer['id']}/object/", {"text": "不是我"}), 409)


@pytest.mark.req("A1")
@pytest.mark.parametrize("step", ["switch/", "confirm/", "decline/", "object/"])
def test_a_stranger_and_a_visitor_find_nothing(stranger: Caller, anybody: Caller, step: str) -> None:
    _, place = winner()
    body = agreed(place) | {"text": "x"}
    assert is_problem(stranger.post(f"applications/{place.public_id}/{step}", body), 404)
    assert is_problem(anybody.post(f"applications/{place.public_id}/{step}", body), 401)
    place.refresh_from_db()
    assert place.status == "awaiting_confirmation"
