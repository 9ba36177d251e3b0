"""Trust from the register: agreement raises it, disagreement is noted and forbids nothing (E1, A4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from applications.services.trust import refresh_trust
from subsidy import clock
from subsidy.accounts.enums import Trust
from subsidy.accounts.models import Member
from subsidy.accounts.services import member_actor
from subsidy.audit.models import AuditRow
from subsidy.crypto import blind_index
from subsidy.registers.models import CardHolder
from tests import make
from tests.accounts.people import desk_address
from tests.pages.browser import last_code

pytestmark = [pytest.mark.django_db, pytest.mark.req("E1", "A4")]
ANOTHER_CARD = make.card_number(9_999)


def trust_of(person: Member) -> str:
    refresh_trust(person, actor=member_actor(person))
    person.refresh_from_db()
    return str(person.trust)


def on_register(person: Member, **changes: Any) -> CardHolder:
    mobile = changes.pop("mobile", None)
    if mobile:
        changes |= {"mobile": mobile, "mobile_index": blind_index("mobile", mobile)}
    return make.card_holder(person, **changes)


def test_name_number_and_card_that_agree_raise_the_trust() -> None:
    person = make.member()
    on_register(person)
    assert trust_of(person) == Trust.REGISTER
    row = AuditRow.objects.get(action="member.trust")
    assert row.data == {"from": "none", "to": "register", "agreeing": ["name", "card_number"]}


def test_a_proved_mobile_stands_in_for_the_card() -> None:
    person = make.member()
    on_register(person, card_number=ANOTHER_CARD, mobile=person.mobile)
    assert trust_of(person) == Trust.REGISTER


def test_a_mobile_that_nobody_proved_does_not() -> None:
    person = make.member()
    on_register(person, card_number=ANOTHER_CARD, mobile=person.mobile)
    Member.objects.filter(pk=person.pk).update(mobile_verified_at=None)
    person.refresh_from_db()
    assert trust_of(person) == Trust.DISPUTED


@pytest.mark.parametrize("changes", [{"name": "王建军"}, {"card_number": ANOTHER_CARD}])
def test_a_contradiction_is_noted(changes: dict[str, str]) -> None:
    person = make.member()
    on_register(person, **changes)
    assert trust_of(person) == Trust.DISPUTED


def test_an_empty_register_changes_nothing() -> None:
    person = make.member()
    before = person.trust
    assert trust_of(person) == before
    assert not AuditRow.objects.filter(action="member.trust").exists()


def test_a_register_without_the_person_changes_nothing() -> None:
    person = make.member()
    on_register(make.member(name="李小红"))
    assert trust_of(person) == Trust.MOBILE


def test_who_leaves_the_register_loses_its_trust() -> None:
    person, other = make.member(), make.member(name="李小红")
    holder = on_register(person)
    on_register(other)
    trust_of(person)
    CardHolder.objects.filter(pk=holder.pk).update(active=False)
    assert trust_of(person) == Trust.MOBILE


def test_the_same_answer_twice_is_written_down_once() -> None:
    person = make.member()
    on_register(person)
    trust_of(person)
    trust_of(person)
    assert AuditRow.objects.filter(action="member.trust").count() == 1


def test_signing_in_by_page_raises_it() -> None:
    make.scheme()
    person = make.member(61)
    on_register(person)
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/sign-in/", {"mobile": make.mobile(61)})
    assert client.post("/sign-in/code/", {"code": last_code()}).status_code == 302
    person.refresh_from_db()
    assert person.trust == Trust.REGISTER


def test_signing_in_by_api_raises_it() -> None:
    person = make.member(62)
    on_register(person)
    client = Client(REMOTE_ADDR=desk_address())
    body = {"mobile": make.mobile(62)}
    client.post("/api/v1/sign-in/codes/", body, content_type="application/json")
    body["code"] = last_code()
    assert client.post("/api/v1/sign-in/", body, content_type="application/json").status_code == 200
    person.refresh_from_db()
    assert person.trust == Trust.REGISTER


def test_filing_raises_it() -> None:
    person = make.member()
    on_register(person)
    make.submitted(person)
    person.refresh_from_db()
    assert person.trust == Trust.REGISTER


def test_a_disputed_member_files_all_the_same() -> None:
    person = make.member()
    on_register(person, name="王建军")
    application = make.submitted(person)
    person.refresh_from_db()
    assert (application.status, person.trust) == ("submitted", Trust.DISPUTED)
    assert "CARD_HOLDER_MISMATCH" in [reason["code"] for reason in application.reasons]


@pytest.mark.req("V2")
def test_the_reviewer_sees_it_on_the_case_page() -> None:
    person = make.member()
    on_register(person, name="王建军")
    case = make.submitted(person)
    client = Client()
    client.force_login(make.staff("reviewer"))
    with clock.at(make.DAY):
        text = client.get(f"/admin/review/queueitem/{case.pk}/change/").content.decode()
    assert Trust.DISPUTED.label in text
