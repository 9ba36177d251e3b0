"""Malformed filings: a problem that names the field, and nothing kept (F1, E11)."""

from __future__ import annotations

from typing import Any

import pytest

from applications.models import Application
from tests.api.conftest import Caller, fields, is_problem, new_application, new_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
GONE = object()
BAD_DRAFTS: list[tuple[str, Any, str]] = [
    ("scheme", GONE, "scheme"),
    ("scheme", "2024", "scheme"),
    ("scheme", True, "scheme"),
    ("ground", GONE, "ground"),
    ("ground", "skills", "ground"),
    ("ground", None, "ground"),
    ("certificate", GONE, "certificate"),
    ("certificate", None, "certificate"),
    ("certificate", [], "certificate"),
    ("certificate", "x", "certificate"),
    ("certificate", {}, "certificate.trade"),
    ("certificate", new_certificate(level="2"), "certificate.level"),
    ("certificate", new_certificate(level=True), "certificate.level"),
    ("certificate", new_certificate(issued_on="2023-02-30"), "certificate.issued_on"),
    ("certificate", new_certificate(issued_on=20230912), "certificate.issued_on"),
    ("certificate", new_certificate(trade=""), "certificate.trade"),
    ("certificate", new_certificate(trade="字" * 201), "certificate.trade"),
    ("certificate", new_certificate(certificate_number="1" * 65), "certificate.certificate_number"),
    ("certificate", new_certificate(awarding_body="a\nb"), "certificate.awarding_body"),
    ("certificate", new_certificate(training_fee=3000), "certificate.training_fee"),
    ("certificate", new_certificate(training_hours="9" * 65), "certificate.training_hours"),
    ("certificate", new_certificate(trade_id="1"), "certificate.trade_id"),
    ("certificate", new_certificate(trade_id=10**30), "certificate.trade_id"),
    ("certificate", new_certificate(rank=1), "certificate.rank"),
    ("certificate", new_certificate(first_issued_on="2023-01-01"), "certificate.first_issued_on"),
    ("card_number", GONE, "card_number"),
    ("card_number", None, "card_number"),
    ("card_number", 6214000000000000, "card_number"),
    ("card_number", "", "card_number"),
    ("card_number", "6" * 65, "card_number"),
    ("employer", 3, "employer"),
    ("employer", None, "employer"),
    ("employer", "字" * 201, "employer"),
    ("position", ["x"], "position"),
    ("district", "999999", "district"),
    ("district", 110102, "district"),
    ("consent", GONE, "consent"),
    ("consent", None, "consent"),
    ("consent", "2024-01", "consent"),
    ("consent", [], "consent"),
    ("consent", {}, "consent.version"),
    ("consent", {"version": 1}, "consent.version"),
    ("consent", {"version": "2024-01", "evidence": "录音"}, "consent.evidence"),
    ("on_behalf_of", {"name": "王建国"}, "on_behalf_of"),
    ("channel", "station", "channel"),
    ("channel", "member", "channel"),
    ("received_on", "2024-06-01", "received_on"),
    ("status", "approved", "status"),
    ("amount", 2000, "amount"),
    ("member", 1, "member"),
]


@pytest.mark.parametrize(("name", "value", "field"), BAD_DRAFTS)
@pytest.mark.req("F1")
def test_a_malformed_draft_is_refused_by_its_field(owner: Caller, name: str, value: Any, field: str) -> None:
    body = {key: item for key, item in (new_application() | {name: value}).items() if item is not GONE}
    response = owner.post("applications/", body)
    assert is_problem(response, 400)
    assert field in fields(response)
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("card_number", "123", "card_number"),
        ("card_number", "62140000000000ab", "card_number"),
        ("consent", {"version": "1999"}, "consent.version"),
    ],
)
@pytest.mark.req("E11", "A2")
def test_a_draft_against_a_rule_is_a_422(owner: Caller, name: str, value: Any, field: str) -> None:
    response = owner.post("applications/", new_application() | {name: value})
    assert is_problem(response, 422)
    assert fields(response) == [field]
    assert not Application.objects.exists()


@pytest.mark.parametrize("path", ["submit/", "resubmit/", "withdraw/", "card/"])
@pytest.mark.parametrize("version", [None, True, "1", 1.0, 0, -1, [], GONE, 10**30])
def test_a_step_without_a_true_version_is_refused(owner: Caller, path: str, version: Any) -> None:
    made = owner.post("applications/", new_application()).json()
    body = {} if version is GONE else {"version": version}
    response = owner.post(f"applications/{made['id']}/{path}", body)
    assert is_problem(response, 400)
    assert "version" in fields(response)


@pytest.mark.parametrize("body", [b"null", b"[]", b"3", b"{", b"\xff", b""])
@pytest.mark.parametrize("path", ["", "submit/", "withdraw/", "card/"])
def test_a_step_without_an_object_is_refused(owner: Caller, path: str, body: bytes) -> None:
    made = owner.post("applications/", new_application()).json()
    method = "POST" if path else "PATCH"
    assert is_problem(owner.send(method, f"applications/{made['id']}/{path}", body), 400)


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"ground": "social_work"}, "ground"),
        ({"scheme": 2024}, "scheme"),
        ({"certificate": {"grade": "senior"}}, "certificate.grade"),
        ({"certificate": {"level": "1"}}, "certificate.level"),
        ({"certificate": {"trade": ""}}, "certificate.trade"),
        ({"certificate": None}, "certificate"),
        ({"certificate": []}, "certificate"),
        ({"certificate": {"trade_id": 1}}, "certificate.trade"),
        ({"card_number": None}, "card_number"),
        ({"consent": {}}, "consent.version"),
        ({"channel": "paper"}, "channel"),
        ({"payment": "paid"}, "payment"),
    ],
)
def test_a_malformed_change_is_refused_by_its_field(owner: Caller, patch: dict[str, Any], field: str) -> None:
    made = owner.post("applications/", new_application()).json()
    response = owner.send("PATCH", f"applications/{made['id']}/", {"version": 1} | patch)
    assert is_problem(response, 400)
    assert field in fields(response)
    assert Application.objects.get().version == 1
