"""Tickets of the union's app: signed, for us, for two minutes, once; everything else is one refusal (A4)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from pytest_django.fixtures import Settings

from subsidy import clock
from subsidy.accounts.models import Member, UsedTicket
from subsidy.accounts.services import redeem_ticket
from subsidy.accounts.services.app_tickets import REFUSED
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, NotFound, RuleRefused
from tests import make
from tests.accounts.people import IP, MOBILE
from tests.api.conftest import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4", "F1")]
KEY, NEXT_KEY = b"1" * 32, b"2" * 32


@pytest.fixture(autouse=True)
def _door(settings: Settings) -> None:
    settings.APP_TICKET_BACKEND = "subsidy.accounts.tickets.HmacTickets"
    settings.APP_TICKET_AUDIENCE = "subsidy"
    settings.APP_TICKET_KEYS = {"k1": KEY, "k2": NEXT_KEY}


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def payload(jti: str = "one", **changes: Any) -> dict[str, Any]:
    now = int(clock.real_now().timestamp())
    claims = {"aud": "subsidy", "jti": jti, "iat": now, "exp": now + 120, "mobile": MOBILE}
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed(body: Any, *, kid: str = "k1", key: bytes = KEY) -> str:
    head = f"v1.{kid}.{text(json.dumps(body).encode())}"
    return f"{head}.{text(hmac.digest(key, head.encode(), 'sha256'))}"


def refusal_of(ticket: str) -> tuple[str, str, str]:
    with pytest.raises(RuleRefused) as refusal:
        redeem_ticket(ticket, ip=IP)
    return refusal.value.code, refusal.value.field, refusal.value.message


def test_a_good_ticket_signs_in_the_holder_of_the_number() -> None:
    person = make.member(9_301)
    assert redeem_ticket(signed(payload(mobile=make.mobile(9_301))), ip=IP) == person
    assert AuditRow.objects.get(action="member.sign_in").data["by"] == "ticket"


def test_a_new_number_begins_a_record() -> None:
    assert redeem_ticket(signed(payload()), ip=IP).mobile == MOBILE


def test_a_new_key_counts_beside_the_old_one(settings: Settings) -> None:
    redeem_ticket(signed(payload("old")), ip=IP)
    redeem_ticket(signed(payload("new"), kid="k2", key=NEXT_KEY), ip=IP)
    settings.APP_TICKET_KEYS = {"k2": NEXT_KEY}
    assert refusal_of(signed(payload("late")))[0] == "TICKET_INVALID"


def with_payload(raw: bytes) -> str:
    """Return a well signed ticket around any bytes."""
    head = f"v1.k1.{text(raw)}"
    return f"{head}.{text(hmac.digest(KEY, head.encode(), 'sha256'))}"


def around(begin: int, end: int) -> str:
    """Return a well signed ticket for other times, in seconds from now."""
    now = int(clock.real_now().timestamp())
    return signed(payload(iat=now + begin, exp=now + end))


def forged() -> str:
    """Return the signature of one ticket under the payload of another."""
    mine, other = signed(payload()).split("."), signed(payload(mobile=make.mobile(9_301))).split(".")
    return ".".join([*mine[:2], other[2], mine[3]])


BAD: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "three parts": lambda: signed(payload()).rpartition(".")[0],
    "another version": lambda: signed(payload()).replace("v1.", "v2.", 1),
    "no base64": lambda: "v1.k1.*.*",
    "no ascii": lambda: signed(payload()) + "é",
    "no json": lambda: with_payload(b"x"),
    "no text": lambda: with_payload(b"\xff\xfe"),
    "deep json": lambda: with_payload(b"[" * 2_500),
    "a list": lambda: signed([1]),
    "unknown key": lambda: signed(payload(), kid="k9"),
    "another key": lambda: signed(payload(), key=NEXT_KEY),
    "a key of zeros": lambda: signed(payload(), kid="k9", key=bytes(32)),
    "forged payload": forged,
    "another audience": lambda: signed(payload(aud="elsewhere")),
    "no audience": lambda: signed(payload(aud=None)),
    "no id": lambda: signed(payload(jti=None)),
    "a number for an id": lambda: signed(payload(jti=7)),
    "no mobile": lambda: signed(payload(mobile=None)),
    "no such mobile": lambda: signed(payload(mobile="12345")),
    "no such person": lambda: signed(payload(resident_id="1234")),
    "a list for a person": lambda: signed(payload(resident_id=[])),
    "too long a life": lambda: around(-1, 120),
    "expired": lambda: around(-100, -1),
    "from the future": lambda: around(30, 60),
    "times as text": lambda: signed(payload(iat="1")),
    "times as truth": lambda: signed(payload(exp=True)),
    "times without end": lambda: signed(payload(exp=10**30)),
    "too long": lambda: signed(payload("x" * 5_000)),
}


def test_a_ticket_at_the_edge_of_its_two_minutes_is_good() -> None:
    assert redeem_ticket(around(-100, 20), ip=IP).mobile == MOBILE


@pytest.mark.parametrize("ticket", BAD.values(), ids=BAD.keys())
def test_every_bad_ticket_gets_the_same_refusal(ticket: Callable[[], str]) -> None:
    assert refusal_of(ticket()) == ("TICKET_INVALID", "ticket", REFUSED)
    assert not Member.objects.exists()


def test_a_used_ticket_gets_the_same_refusal() -> None:
    ticket = signed(payload())
    redeem_ticket(ticket, ip=IP)
    assert refusal_of(ticket) == ("TICKET_INVALID", "ticket", REFUSED)


def test_of_32_replays_at_once_one_gets_in(thread_race: Callable[..., list[object]]) -> None:
    ticket = signed(payload())
    results = thread_race(lambda turn: redeem_ticket(ticket, ip=IP), times=32)
    assert sum(isinstance(result, Member) for result in results) == 1
    assert sum(isinstance(result, RuleRefused) for result in results) == 31
    assert (UsedTicket.objects.count(), Member.objects.count()) == (1, 1)


def test_the_identity_number_of_another_opens_no_record() -> None:
    make.member(9_301)
    ticket = signed(payload(mobile=make.mobile(9_301), resident_id=make.resident_id(9_302)))
    with pytest.raises(Conflict) as refusal:
        redeem_ticket(ticket, ip=IP)
    assert refusal.value.code == "TICKET_DIFFERS"


def test_a_new_number_with_somebody_elses_identity_number_begins_no_record() -> None:
    make.member(9_301)
    with pytest.raises(Conflict):
        redeem_ticket(signed(payload(resident_id=make.resident_id(9_301))), ip=IP)
    assert Member.objects.count() == 1


def test_the_right_identity_number_is_let_in() -> None:
    person = make.member(9_301)
    ticket = signed(payload(mobile=make.mobile(9_301), resident_id=make.resident_id(9_301)))
    assert redeem_ticket(ticket, ip=IP) == person


def test_without_an_adapter_there_is_no_such_door(settings: Settings) -> None:
    settings.APP_TICKET_BACKEND = ""
    with pytest.raises(NotFound):
        redeem_ticket(signed(payload()), ip=IP)
    assert is_problem(Caller().post("sign-in/tickets/", {"ticket": signed(payload())}), 404)


def test_the_api_answers_as_the_sign_in_does() -> None:
    caller = Caller()
    response = caller.post("sign-in/tickets/", {"ticket": signed(payload())})
    assert response.status_code == 200
    token = response.json()["token"]
    assert caller.get("me/").status_code == 200
    assert Caller().get("me/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


def test_the_api_refuses_a_bad_ticket() -> None:
    response = Caller().post("sign-in/tickets/", {"ticket": BAD["another key"]()})
    assert is_problem(response, 422)


def test_no_number_of_a_ticket_is_kept(settings: Settings) -> None:
    redeem_ticket(signed(payload("an-id-of-the-app")), ip=IP)
    kept = str(UsedTicket.objects.values().get())
    assert MOBILE not in kept
    assert "an-id-of-the-app" not in kept


def test_the_database_refuses_a_late_use() -> None:
    now = clock.real_now()
    with pytest.raises(IntegrityError, match="usedticket_was_valid_when_used"):
        UsedTicket.objects.create(ticket_index="0" * 64, used_at=now, expires_at=now - timedelta(seconds=1))
