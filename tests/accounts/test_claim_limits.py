"""Naming an identity number that is on another record: refused alike, counted, written down (A4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from subsidy import clock
from subsidy.accounts.models import Member, RefusedClaim
from subsidy.accounts.roles import Role
from subsidy.accounts.services import claim_identity, update_profile
from subsidy.accounts.services.filing import find_or_create_member_for_filing
from subsidy.audit.models import AuditRow
from subsidy.errors import RuleRefused, TooManyRequests
from tests import make
from tests.accounts.people import CARD, IP, resident_id, signed_in, staff
from tests.api.conftest import Caller, is_problem
from tests.pages.browser import signed_in as signed_in_browser

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]
NAME = "赵小禾"
TAKEN = [resident_id(serial) for serial in range(1, 41)]


@pytest.fixture
def holders(db: None) -> None:
    """Put forty other people on record."""
    operator = staff("clerk", Role.STATION)
    for serial, number in enumerate(TAKEN):
        find_or_create_member_for_filing(
            name=f"王小{'一二三四五六七八九十'[serial % 10]}",
            resident_id=number,
            mobile=f"139001{serial:05d}",
            card_number=None,
            operator=operator,
        )


def newcomer(serial: int = 0) -> Member:
    """Return somebody who has just proved a number."""
    return signed_in(f"138002{serial:05d}", nonce=f"browser-{serial}")


def outcome(member: Member, number: str, *, ip: str = IP) -> str:
    """Return what came of a claim."""
    try:
        claim_identity(member, name=NAME, resident_id=number, ip=ip)
    except (RuleRefused, TooManyRequests) as refusal:
        return refusal.code
    return "claimed"


def let_pass(hours: float) -> None:
    """Let the refusals so far have come earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_refusedclaim SET refused_at = refused_at - %s * interval '1 hour'", [hours]
        )


@pytest.mark.usefixtures("holders")
def test_the_fourth_taken_number_of_a_day_is_not_even_looked_at() -> None:
    member = newcomer()
    assert [outcome(member, number) for number in TAKEN[:4]] == ["RESIDENT_ID_TAKEN"] * 3 + ["throttled"]


@pytest.mark.usefixtures("holders")
def test_past_the_limit_a_free_number_gets_the_same_answer_as_a_taken_one() -> None:
    member = newcomer()
    for number in TAKEN[:3]:
        outcome(member, number)
    assert outcome(member, resident_id(99)) == outcome(member, TAKEN[3]) == "throttled"


@pytest.mark.usefixtures("holders")
def test_the_refusal_says_when_to_come_back() -> None:
    member = newcomer()
    for number in TAKEN[:3]:
        outcome(member, number)
    with pytest.raises(TooManyRequests) as refusal:
        claim_identity(member, name=NAME, resident_id=TAKEN[0], ip=IP)
    assert 86_000 <= refusal.value.retry_after <= 86_400


@pytest.mark.usefixtures("holders")
def test_a_day_later_the_member_may_try_again() -> None:
    member = newcomer()
    for number in TAKEN[:3]:
        outcome(member, number)
    let_pass(24)
    assert outcome(member, resident_id(99)) == "claimed"


@pytest.mark.usefixtures("holders")
def test_ten_refusals_in_an_hour_close_a_network_and_no_other() -> None:
    members = [newcomer(serial) for serial in range(5)]
    for turn in range(10):
        assert outcome(members[turn // 3], TAKEN[turn]) == "RESIDENT_ID_TAKEN"
    assert outcome(members[4], resident_id(99)) == "throttled"
    assert outcome(members[4], resident_id(99), ip="192.0.2.8") == "claimed"


@pytest.mark.usefixtures("holders")
def test_an_office_full_of_members_signs_up_behind_one_address() -> None:
    assert {outcome(newcomer(serial), resident_id(100 + serial)) for serial in range(20)} == {"claimed"}


@pytest.mark.usefixtures("holders")
@pytest.mark.req("A3")
def test_a_refused_claim_is_written_down_without_the_number() -> None:
    member = newcomer()
    outcome(member, TAKEN[0])
    row = AuditRow.objects.get(action="member.identify_refused")
    assert (row.actor_id, row.target, row.ip, row.data) == (member.pk, f"member:{member.pk}", IP, {})


@pytest.mark.usefixtures("holders")
def test_the_particulars_form_counts_as_well() -> None:
    member = newcomer()
    for number in TAKEN[:4]:
        with pytest.raises((RuleRefused, TooManyRequests)):
            update_profile(
                member, name=NAME, resident_id=number, mobile=member.mobile or "", card_number=CARD, ip=IP
            )
    assert RefusedClaim.objects.filter(member_id=member.pk).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_claim_inside_a_callers_transaction_is_an_error() -> None:
    member = newcomer()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        claim_identity(member, name=NAME, resident_id=TAKEN[0], ip=IP)


def test_of_32_claims_at_once_by_one_member_three_are_answered(
    thread_race: Callable[..., list[object]], transactional_db: None
) -> None:
    operator = staff("clerk", Role.STATION)
    for serial, number in enumerate(TAKEN[:32]):
        find_or_create_member_for_filing(
            name="王小一",
            resident_id=number,
            mobile=f"139001{serial:05d}",
            card_number=None,
            operator=operator,
        )
    member = newcomer()
    results = thread_race(lambda turn: outcome(member, TAKEN[turn], ip=f"192.0.2.{turn}"), times=32)
    assert (results.count("RESIDENT_ID_TAKEN"), results.count("throttled")) == (3, 29)


@pytest.mark.usefixtures("holders")
def test_the_page_says_when_to_come_back() -> None:
    make.scheme()
    member = newcomer()
    for number in TAKEN[:3]:
        outcome(member, number)
    with clock.at(make.DAY):
        response = signed_in_browser(member).post(
            "/apply/applicant/", {"name": NAME, "resident_id": resident_id(99), "then": "next"}
        )
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 80_000
    assert "登记证件号码的次数过多" in response.content.decode()


@pytest.mark.usefixtures("holders")
def test_the_api_says_when_to_come_back() -> None:
    member = newcomer()
    for number in TAKEN[:3]:
        outcome(member, number)
    body = {"name": NAME, "resident_id": resident_id(99), "mobile": member.mobile, "card_number": CARD}
    response = Caller(member).send("PUT", "me/", body)
    assert is_problem(response, 429)
    assert int(response["Retry-After"]) > 80_000
