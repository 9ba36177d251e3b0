"""Hostile assisted bodies: a clear Chinese error that names the field, and nothing half-written."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from applications.models import Application
from subsidy.accounts.models import Member
from tests.api.conftest import Caller, fields, is_problem
from tests.api.desk import assisted, clerk, social

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
GONE = object()
CHINESE = re.compile("[\u4e00-\u9fff]")
SHAPES: list[tuple[str, Any]] = [
    ("channel", GONE),
    ("channel", "member"),
    ("channel", "fax"),
    ("channel", 1),
    ("on_behalf_of", GONE),
    ("on_behalf_of", None),
    ("on_behalf_of", []),
    ("on_behalf_of", "李秀英"),
    ("on_behalf_of.name", GONE),
    ("on_behalf_of.name", ""),
    ("on_behalf_of.name", 7),
    ("on_behalf_of.name", "王" * 51),
    ("on_behalf_of.resident_id", GONE),
    ("on_behalf_of.resident_id", 110102196001010000),
    ("on_behalf_of.resident_id", "1" * 65),
    ("on_behalf_of.mobile", GONE),
    ("on_behalf_of.mobile", None),
    ("on_behalf_of.card_number", GONE),
    ("on_behalf_of.card_number", True),
    ("on_behalf_of.nickname", "小李"),
    ("on_behalf_of.employer", "x" * 201),
    ("on_behalf_of.position", "a\nb"),
    ("consent", GONE),
    ("consent", "2024-01"),
    ("consent.version", GONE),
    ("consent.evidence", 5),
    ("consent.evidence", "x" * 201),
    ("certificate", GONE),
    ("certificate.level", "2"),
    ("certificate.issued_on", "2023-02-30"),
    ("received_on", "2024-06-18"),
    ("dossier", {"has_card": True}),
    ("staff_reason", "x" * 501),
    ("staff_reason", ["x"]),
    ("scheme", "2024"),
    ("ground", "luck"),
    ("district", "火星"),
]
PAPER: list[tuple[str, Any]] = [
    ("received_on", GONE),
    ("received_on", "2024-6-18"),
    ("received_on", "2024-02-30"),
    ("received_on", "2024-06-18T10:00:00+08:00"),
    ("received_on", 20240618),
    ("dossier", None),
    ("dossier", []),
    ("dossier.has_card", "yes"),
    ("dossier.has_card", 1),
    ("dossier.has_photo", True),
    ("dossier.shelf_mark", "x" * 61),
    ("certificate.grade", "master"),
    ("certificate.approved_on", GONE),
]
RULES: list[tuple[str, Any]] = [
    ("on_behalf_of.name", "=1+1"),
    ("on_behalf_of.resident_id", "110102196001010001"),
    ("on_behalf_of.resident_id", "一二三"),
    ("on_behalf_of.mobile", "12345678901"),
    ("on_behalf_of.mobile", "1381234567"),
    ("on_behalf_of.card_number", "1234"),
    ("on_behalf_of.card_number", "6214 xxxx 0000 0000"),
    ("consent.version", "1999-99"),
    ("consent.evidence", "   "),
    ("consent.evidence", GONE),
]
RECEIVED = ["2024-06-19", "2023-12-31", "0001-01-01", "9999-12-31"]


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return the body with one value replaced, or taken away."""
    copied = copy.deepcopy(body)
    *above, name = path.split(".")
    place = copied
    for step in above:
        place = place[step]
    if value is GONE:
        place.pop(name)
    else:
        place[name] = value
    return copied


def assert_refused(caller: Caller, body: dict[str, Any], status: int, path: str) -> None:
    response = caller.post("applications/", body)
    assert is_problem(response, status)
    assert path in fields(response), response.content.decode()
    assert all(CHINESE.search(error["message"]) for error in response.json()["errors"])
    assert (Application.objects.count(), Member.objects.count()) == (0, 0)


@pytest.mark.parametrize(("path", "value"), SHAPES)
def test_a_wrong_shape_is_a_400_that_names_the_field(path: str, value: Any) -> None:
    assert_refused(clerk("station"), changed(assisted(), path, value), 400, path)


@pytest.mark.parametrize(("path", "value"), PAPER)
def test_a_wrong_dossier_is_a_400_that_names_the_field(path: str, value: Any) -> None:
    assert_refused(clerk("intake"), changed(social(), path, value), 400, path)


@pytest.mark.parametrize(("path", "value"), RULES)
def test_a_wrong_number_is_a_422_that_names_the_field(path: str, value: Any) -> None:
    assert_refused(clerk("station"), changed(assisted(), path, value), 422, path)


@pytest.mark.req("E8")
@pytest.mark.parametrize("day", RECEIVED)
def test_a_day_of_receipt_that_cannot_be_is_a_422(day: str) -> None:
    assert_refused(clerk("intake"), changed(social(), "received_on", day), 422, "received_on")


def test_an_unknown_scheme_is_a_404() -> None:
    assert is_problem(clerk("station").post("applications/", assisted(scheme=1999)), 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "1"},
        {"version": 0},
        {"version": 1, "colour": "red"},
        [1],
        {"version": 1, "consent": 1},
    ],
)
def test_a_wrong_submission_is_a_400(body: Any) -> None:
    caller = clerk("station")
    made = caller.post("applications/", assisted()).json()
    assert is_problem(caller.post(f"applications/{made['id']}/submit/", body), 400)
    assert Application.objects.get().status == "draft"


def test_a_stale_version_is_a_409() -> None:
    caller = clerk("station")
    made = caller.post("applications/", assisted()).json()
    path = f"applications/{made['id']}/"
    assert is_problem(caller.send("PATCH", path, {"version": 99, "employer": "x"}), 409)
    assert is_problem(caller.post(f"{path}submit/", {"version": 99}), 409)
    assert Application.objects.get().status == "draft"
