"""Bodies of every wrong kind: a 4xx problem that names the field, never a 500, never a quiet 200."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests import make
from tests.api.conftest import Caller, fields, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
SKILL = {"ground": "skill", "level": 2, "issued_on": "2023-09-12"}
SOCIAL = {"ground": "social_work", "grade": "senior", "approved_on": "2023-10-15"}
CONTEST = {"ground": "competition", "rank": 1, "team": False}
GONE = object()
NOT_TEXT = [None, True, 3, 3.5, [], {}, ["x"]]
NOT_A_LEVEL = [None, True, "2", 2.0, 0, 6, -1, 10**30, "", "一级", "SPECIAL", [], {}, [2], GONE]
NOT_A_DAY = [
    None, True, 20230912, "", "2023-02-30", "2023-02-29", "0000-01-01", "2023-13-01", "2023-00-10",
    "2023-9-12", [], {}, GONE,
    "20230912", "2023/09/12", "2023-09-12T00:00:00", "2023-09-12 ", "10000-01-01", "-001-01-01",
    "２０２３-09-12", "2023-W10-1", "today",
]  # fmt: skip
NOT_A_CODE = [None, True, 1, "", "SENIOR", "senior ", "高级", [], {}, GONE]
NOT_A_RANK = [None, True, "1", 1.0, 0, -1, 10**30, "", [], {}, GONE]
NOT_A_BOOLEAN = [None, "false", "true", 0, 1, "", [], {}, GONE]
BAD_TEXT = ["", "   ", "\u3000", "a\nb", "a\tb", "a\u0000b", "\x7f", "a\u2028b", "\u202egnp", "\u0085"]
NOT_AN_INSTANT = [
    None, True, 20240618, "", "2024-06-18", "2024-06-18T10:00:00", "2024-06-18 10:00:00+08:00",
    "2024-06-31T10:00:00+08:00", "2024-06-18T25:00:00+08:00", "2024-06-18T10:00:00+24:00",
    "2024-06-18T10:00:60+08:00", "0000-01-01T00:00:00Z", "now", [], {},
]  # fmt: skip
NOT_A_YEAR = [None, True, "2024", 2024.0, -2024, 0, 10**30, "", [], {}, GONE]


def changed(claim: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return the claim with one value put in its place, or taken out."""
    copied = copy.deepcopy(claim)
    copied[name] = value
    return {key: item for key, item in copied.items() if item is not GONE}


def table() -> list[tuple[dict[str, Any], str, Any]]:
    """Return every (claim, field, wrong value)."""
    rows: list[tuple[dict[str, Any], str, Any]] = []
    texts = {
        "certificate_number": SKILL, "trade": SKILL, "awarding_body": SKILL, "registration_number": SOCIAL,
        "issuing_authority": SOCIAL, "competition": CONTEST,
    }  # fmt: skip
    for name, claim in texts.items():
        rows += [(claim, name, value) for value in [*NOT_TEXT, *BAD_TEXT]]
    for name, claim in {"certificate_number": SKILL, "registration_number": SOCIAL}.items():
        rows.append((claim, name, "1" * 65))
    for name, claim in {"trade": SKILL, "awarding_body": SKILL, "competition": CONTEST}.items():
        rows += [(claim, name, "字" * 201), (claim, name, "x" * 100_000)]
    rows += [(SKILL, "level", value) for value in NOT_A_LEVEL]
    rows += [(SKILL, "issued_on", value) for value in NOT_A_DAY]
    rows += [(SOCIAL, "approved_on", value) for value in NOT_A_DAY]
    rows += [(SOCIAL, "grade", value) for value in NOT_A_CODE]
    rows += [(SOCIAL, "full_time_union_staff", value) for value in NOT_A_BOOLEAN if value is not GONE]
    rows += [(CONTEST, "rank", value) for value in NOT_A_RANK]
    rows += [(CONTEST, "team", value) for value in NOT_A_BOOLEAN]
    rows += [(CONTEST, "round", value) for value in NOT_A_CODE if value is not GONE]
    rows += [(SKILL, "ground", value) for value in NOT_A_CODE]
    rows += [(SKILL, "rank", 1), (SOCIAL, "level", 1), (CONTEST, "issued_on", "2023-09-12"), (SKILL, "id", 1)]
    return rows


@pytest.mark.parametrize(("claim", "name", "value"), table())
@pytest.mark.req("E9", "F6")
def test_a_wrong_value_in_a_claim_is_refused_by_its_field(
    anybody: Caller, claim: dict[str, Any], name: str, value: Any
) -> None:
    body = {"scheme": 2024, "claim": changed(claim, name, value)}
    response = anybody.post("eligibility-checks/", body)
    assert is_problem(response, 400)
    assert f"claim.{name}" in fields(response)


@pytest.mark.parametrize(
    ("name", "value"),
    [("scheme", value) for value in NOT_A_YEAR]
    + [("as_of", value) for value in NOT_AN_INSTANT]
    + [("unexpected", 1), ("claims", []), ("facts", {})],
)
def test_a_wrong_value_beside_the_claim_is_refused_by_its_field(
    anybody: Caller, name: str, value: Any
) -> None:
    body = changed({"scheme": 2024, "claim": SKILL}, name, value)
    response = anybody.post("eligibility-checks/", body)
    assert is_problem(response, 400)
    assert name in fields(response)


@pytest.mark.parametrize("claim", [None, [], "skill", 3, True, [SKILL], GONE])
def test_a_claim_that_is_no_object_is_refused_by_its_field(anybody: Caller, claim: Any) -> None:
    body = changed({"scheme": 2024}, "claim", claim)
    response = anybody.post("eligibility-checks/", body)
    assert is_problem(response, 400)
    assert "claim" in fields(response)


NO_BODIES: list[bytes] = [
    b"", b"null", b"[]", b"[{}]", b"3", b"true", b'"text"', b"{", b"{]", b"{'scheme': 2024}", b"{}{}", b"NaN",
    b'{"scheme": NaN}', b'{"scheme": Infinity}', b'{"scheme": -Infinity}', b'{"scheme": 0x7e8}',
    b'{"scheme": 2024,}', b"\xff\xfe{}", '{"scheme": 2024}'.encode("utf-16"), b"\xef\xbb\xbf{}",
    b'{"a": "\xed\xa0\x80"}', b'{"a": "\xff"}', b"[" * 100_000, b'{"a":' * 50_000, b"\x00", b"scheme=2024",
]  # fmt: skip


@pytest.mark.parametrize("body", NO_BODIES)
def test_a_body_that_is_no_json_object_is_refused_as_a_whole(anybody: Caller, body: bytes) -> None:
    response = anybody.post("eligibility-checks/", body)
    assert is_problem(response, 400)
    assert fields(response)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"scheme": 2024, "scheme": 2023}', "scheme"),
        (b'{"scheme": 2024, "claim": {"ground": "skill", "ground": "skill"}}', "claim.ground"),
        (b'{"scheme": 2024, "claim": {"level": 2, "trade": "x", "level": 3}}', "claim.level"),
        (b'{"scheme": 2024, "claim": {"ground": "skill", "trade": "\\ud800"}}', "claim.trade"),
        (b'{"scheme": 2024, "claim": {"ground": "skill", "trade": "a\\u0000"}}', "claim.trade"),
        (b'{"scheme": 2024, "claim": {"\\udc00": 1}}', "claim"),
        (b'{"scheme": ' + b"9" * 6000 + b"}", "scheme"),
        (b'{"scheme": 1e999}', "scheme"),
        (b'{"scheme": -' + b"9" * 6000 + b"}", "scheme"),
        (b'{"x": ' + b"[" * 40 + b"]" * 40 + b"}", "x"),
        (json.dumps({"键" * 500: 1, "scheme": 2024}).encode(), "键" * 60 + "…"),
        (b'{"a\\nb": 1}', "a?b"),
        (b'{"": 1}', "claim"),
    ],
)
def test_a_hostile_body_is_refused_by_its_field(anybody: Caller, body: bytes, field: str) -> None:
    response = anybody.post("eligibility-checks/", body)
    assert is_problem(response, 400)
    assert field in fields(response)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain", "application/xml", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "application/json; charset=bz2_codec",
        "application/json; charset=gbk", "application/json; charset=utf-16",
        "nonsense", "application/jsonp",
    ],
)  # fmt: skip
def test_another_content_type_is_a_415(anybody: Caller, content_type: str) -> None:
    body = json.dumps({"scheme": 2024, "claim": SKILL}).encode()
    response = anybody.post("eligibility-checks/", body, content_type=content_type)
    assert is_problem(response, 415)


@pytest.mark.parametrize("size", [257 * 1024, 3 * 1024 * 1024])
def test_a_body_too_large_is_a_413(anybody: Caller, size: int) -> None:
    response = anybody.post("eligibility-checks/", b'{"a": "' + b"x" * size + b'"}')
    assert is_problem(response, 413)


def test_a_wrong_method_is_a_405_problem(anybody: Caller) -> None:
    assert is_problem(anybody.send("PUT", "eligibility-checks/", {}), 405)


@pytest.mark.parametrize(
    "path", ["nowhere/", "applications/7/", "applications/not-a-uuid/submit/", "schemes"]
)
def test_an_address_that_does_not_exist_is_a_404_problem(anybody: Caller, path: str) -> None:
    assert is_problem(anybody.get(path), 404)
    assert is_problem(anybody.post(path, {}), 404)


def test_a_format_we_do_not_speak_is_a_406_problem(anybody: Caller) -> None:
    assert is_problem(anybody.get("schemes/", HTTP_ACCEPT="application/xml"), 406)


def test_many_unknown_fields_give_a_short_answer(anybody: Caller) -> None:
    body = {f"field{n}": n for n in range(5000)}
    response = anybody.post("eligibility-checks/", body)
    assert is_problem(response, 400)
    assert len(fields(response)) < 40


WRITING = [
    ("POST", "eligibility-checks/"),
    ("POST", "sign-in/codes/"),
    ("POST", "sign-in/"),
    ("POST", "sign-in/tickets/"),
    ("PUT", "me/"),
    ("POST", "me/corrections/"),
    ("POST", "me/mobile/codes/"),
    ("POST", "me/mobile/"),
    ("POST", "applications/"),
    ("PATCH", "applications/{id}/"),
    ("POST", "applications/{id}/submit/"),
    ("POST", "applications/{id}/resubmit/"),
    ("POST", "applications/{id}/withdraw/"),
    ("POST", "applications/{id}/card/"),
    ("POST", "applications/{id}/switch/"),
    ("POST", "applications/{id}/confirm/"),
    ("POST", "applications/{id}/decline/"),
    ("POST", "applications/{id}/object/"),
]
DEEP: Any = []
for _ in range(30):
    DEEP = {"version": DEEP}
HOSTILE: list[Any] = [
    DEEP, {"version": 1, "x": None}, {"version": {"$gt": 0}}, {"__proto__": {}}, {"version": 2**63}, {"": ""},
    {"scheme": 2**31, "ground": ["skill"]}, {"mobile": {"a": "b"}, "code": []}, {"certificate": {"x": {}}},
    {"name": "\u202e" * 300}, {"version": 1e308}, {"version": "1; DROP TABLE"}, {"consent": {"version": {}}},
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), WRITING)
@pytest.mark.parametrize("body", [*NO_BODIES, *HOSTILE])
def test_no_writing_address_takes_or_breaks_on_a_hostile_body(
    owner: Caller, draft_id: str, method: str, path: str, body: Any
) -> None:
    response = owner.send(method, path.format(id=draft_id), body)
    assert is_problem(response, 400)
    assert fields(response)


@pytest.fixture
def draft_id(owner: Caller) -> str:
    """Return the id of a draft of the owner's."""
    return str(make.draft(owner.member).public_id)


def test_every_writing_address_stands_in_the_table() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    served = {
        (method.upper(), path.removeprefix("/api/v1/"))
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert served == set(WRITING)


@pytest.mark.parametrize(
    "as_of", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+08:00", "0001-01-01T00:00:00+14:00"]
)
def test_an_instant_at_the_edge_of_the_calendar_is_judged_as_one(anybody: Caller, as_of: str) -> None:
    response = anybody.post("eligibility-checks/", {"scheme": 2024, "as_of": as_of, "claim": SKILL})
    assert response.status_code == 200, response.content
    assert response.json()["eligible"] is False


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_a_body_announced_as_compressed_is_a_415(anybody: Caller, encoding: str) -> None:
    body = {"scheme": 2024, "claim": SKILL}
    response = anybody.post("eligibility-checks/", body, HTTP_CONTENT_ENCODING=encoding)
    assert is_problem(response, 415)
    assert anybody.post("eligibility-checks/", body, HTTP_CONTENT_ENCODING="identity").status_code == 200


def test_a_question_about_methods_is_answered_by_the_header_alone(anybody: Caller) -> None:
    response = anybody.send("OPTIONS", "eligibility-checks/")
    assert (response.status_code, response.content, response["Allow"]) == (204, b"", "POST, OPTIONS")
