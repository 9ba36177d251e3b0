"""Assisted filing through the API: each door to submitted, own office, own desk (F2, F3, A1)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from applications.models import Application
from subsidy.accounts.roles import Role
from tests import make
from tests.api.conftest import Caller, fields, is_problem, new_application, new_certificate
from tests.api.desk import assisted, at_api, clerk, on_behalf, social

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
EVERY_DOOR = [
    ("GET", ""),
    ("PATCH", ""),
    ("POST", "submit/"),
    ("POST", "resubmit/"),
    ("POST", "withdraw/"),
    ("POST", "switch/"),
    ("POST", "decline/"),
    ("POST", "card/"),
    ("GET", "timeline/"),
    ("GET", "attachments/"),
]


def begun(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    response = caller.post("applications/", body)
    assert response.status_code == 201, response.content
    made: dict[str, Any] = response.json()
    return made


@pytest.mark.req("F2")
@pytest.mark.parametrize("channel", ["station", "hotline"])
def test_a_counter_files_to_submitted(channel: str) -> None:
    caller = clerk(channel)
    made = begun(caller, assisted(channel=channel))
    response = caller.post(f"applications/{made['id']}/submit/", {"version": made["version"]})
    assert response.status_code == 200, response.content
    filed = Application.objects.get()
    assert (filed.status, filed.channel, filed.consent_evidence) == ("submitted", channel, "通话录音 000123")
    assert filed.filed_by is not None
    assert filed.office == filed.filed_by.office


@pytest.mark.req("F3")
def test_the_intake_files_a_whole_dossier_to_submitted() -> None:
    caller = clerk("intake")
    made = begun(caller, social(received_on="2024-06-03"))
    response = caller.post(f"applications/{made['id']}/submit/", {"version": made["version"]})
    assert response.status_code == 200, response.content
    assert response.json()["first_filed_at"].startswith("2024-06-03T00:00:00+08:00")


@pytest.mark.req("F3")
def test_a_dossier_is_completed_by_a_patch_before_it_is_submitted() -> None:
    caller = clerk("intake")
    made = begun(caller, social(dossier={"has_id_front": True}))
    path = f"applications/{made['id']}/"
    refused = caller.post(f"{path}submit/", {"version": made["version"]})
    assert is_problem(refused, 422)
    assert set(fields(refused)) == {"dossier.has_id_back", "dossier.has_card", "dossier.has_certificate"}
    rest = dict.fromkeys(("has_id_back", "has_card", "has_certificate"), True)
    changed = caller.send("PATCH", path, {"version": made["version"], "dossier": rest})
    assert changed.status_code == 200, changed.content
    submitted = caller.post(f"{path}submit/", {"version": changed.json()["version"]})
    assert submitted.json()["status"] == "submitted"


@pytest.mark.req("F4")
def test_a_desk_confirms_for_a_winner_who_proves_who_they_are() -> None:
    place = make.roster_place(811)
    body = {
        "version": place.version,
        "on_behalf_of": {
            "resident_id": make.resident_id(811),
            "mobile": make.mobile(811),
            "card_number": make.card_number(811),
        },
        "consent": {"version": "2024-01", "evidence": "通话录音 9"},
    }
    wrong = body | {"on_behalf_of": body["on_behalf_of"] | {"resident_id": make.resident_id(5)}}  # type: ignore[operator]
    caller = clerk("hotline")
    assert is_problem(caller.post(f"applications/{place.public_id}/confirm/", wrong), 404)
    response = caller.post(f"applications/{place.public_id}/confirm/", body)
    assert response.status_code == 200, response.content
    assert response.json()["status"] == "submitted"


@pytest.mark.req("F2")
@pytest.mark.parametrize(
    ("role", "body"),
    [
        (Role.STATION, assisted(ground="social_work", certificate=social()["certificate"])),
        (Role.INTAKE, assisted(channel="paper", received_on="2024-06-18")),
        (Role.INTAKE, assisted(channel="roster")),
    ],
)
def test_a_ground_without_the_door_says_which_door_is_open(role: Role, body: dict[str, Any]) -> None:
    response = clerk(role).post("applications/", body)
    assert is_problem(response, 422)
    assert response.json()["code"] == "DOOR_CLOSED"
    assert "可以办理的渠道" in response.json()["detail"]
    assert Application.objects.count() == 0


@pytest.mark.req("A1")
@pytest.mark.parametrize(
    ("role", "body"),
    [
        (Role.HOTLINE, assisted(channel="station")),
        (Role.STATION, assisted(channel="hotline")),
        (Role.INTAKE, assisted(channel="station")),
        (Role.STATION, social()),
    ],
)
def test_a_role_files_at_its_own_desk_only(role: Role, body: dict[str, Any]) -> None:
    assert is_problem(clerk(role).post("applications/", body), 403)
    assert Application.objects.count() == 0


@pytest.mark.req("A1")
@pytest.mark.parametrize(("method", "path"), EVERY_DOOR)
def test_another_office_finds_no_application(method: str, path: str) -> None:
    case = make.assisted()
    body = {"version": case.version}
    response = clerk("station", "ST-200").send(method, f"applications/{case.public_id}/{path}", body)
    assert is_problem(response, 404)


@pytest.mark.req("A1")
@pytest.mark.parametrize(("method", "path"), EVERY_DOOR)
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FINANCE_MAKER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_other_staff_have_nothing_to_do_here(role: Role, method: str, path: str) -> None:
    caller = at_api(make.staff(role))
    assert is_problem(caller.send(method, f"applications/{uuid.uuid4()}/{path}", {"version": 1}), 403)


@pytest.mark.req("A1")
def test_the_list_holds_the_offices_own_cases_only() -> None:
    mine = make.assisted()
    make.assisted(operator_=make.operator("station", "ST-200"))
    make.submitted()
    operator = make.operator("station")
    assert [one["number"] for one in at_api(operator).get("applications/").json()] == [mine.number]


@pytest.mark.req("A1")
def test_a_member_may_not_file_for_another(owner: Caller) -> None:
    body = new_application() | {"on_behalf_of": on_behalf(4), "channel": "station"}
    response = owner.post("applications/", body)
    assert is_problem(response, 400)
    assert {"on_behalf_of", "channel"} <= set(fields(response))
    assert Application.objects.count() == 0


def test_a_member_does_not_submit_what_a_station_is_still_typing() -> None:
    operator = clerk("station")
    made = begun(operator, assisted(803))
    member = Caller(Application.objects.get().member)
    response = member.post(f"applications/{made['id']}/submit/", {"version": made["version"]})
    assert is_problem(response, 409)
    assert Application.objects.get().status == "draft"


def test_a_staff_session_needs_the_csrf_token() -> None:
    caller = clerk("station")
    caller.client.handler.enforce_csrf_checks = True
    assert is_problem(caller.post("applications/", assisted()), 403)


def test_the_same_key_makes_one_draft() -> None:
    caller = clerk("station")
    first, second = (caller.post("applications/", assisted(), HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2))
    assert first.json() == second.json()
    assert Application.objects.count() == 1


@pytest.mark.req("E9")
def test_a_blocking_reason_gives_way_to_a_written_reason() -> None:
    caller = clerk("station")
    made = begun(caller, assisted(certificate=new_certificate(801, issued_on="2022-12-31")))
    path = f"applications/{made['id']}/submit/"
    refused = caller.post(path, {"version": made["version"]})
    assert is_problem(refused, 422)
    assert {"certificate.issued_on", "staff_reason"} == set(fields(refused))
    body = {"version": made["version"], "staff_reason": "原件已核"}
    assert caller.post(path, body).json()["status"] == "submitted"


@pytest.mark.req("F5")
def test_a_station_withdraws_with_the_members_words_only() -> None:
    case = make.assisted()
    caller = clerk("station")
    path = f"applications/{case.public_id}/withdraw/"
    assert fields(caller.post(path, {"version": case.version})) == ["note"]
    done = caller.post(path, {"version": case.version, "note": "会员来电要求撤回"})
    assert done.json()["status"] == "withdrawn"
