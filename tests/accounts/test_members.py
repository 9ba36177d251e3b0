"""Who is who: identity given once, records adopted, and the person behind an assisted filing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection

from subsidy import clock
from subsidy.accounts.enums import Trust
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import (
    claim_identity,
    find_or_create_member_for_filing,
    issue_token,
    load_districts,
    member_for_token,
    update_profile,
)
from subsidy.audit.models import AuditRow
from subsidy.errors import RuleRefused
from tests.accounts.people import CARD, MOBILE, OTHER_MOBILE, resident_id, signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.req("A2")]
NAME = "王小禾"


def filed_for(operator: StaffUser, *, serial: int = 1, name: str = NAME, mobile: str = MOBILE) -> Member:
    return find_or_create_member_for_filing(
        name=name,
        resident_id=resident_id(serial),
        mobile=mobile,
        card_number=CARD,
        employer="示例机械厂",
        operator=operator,
    )


def profile(**changes: Any) -> dict[str, Any]:
    return {"name": NAME, "resident_id": resident_id(1), "mobile": MOBILE, "card_number": CARD} | changes


@pytest.fixture
def operator() -> StaffUser:
    return staff("station-clerk", Role.STATION)


def test_a_member_gives_name_number_and_card() -> None:
    load_districts()
    member = update_profile(signed_in(), **profile(employer="示例机械厂"))
    member.refresh_from_db()
    assert (member.name, member.resident_id, member.card_tail) == (NAME, resident_id(1), CARD[-4:])
    assert (member.is_identified, member.trust) == (True, Trust.MOBILE.value)


def test_the_audit_names_the_changed_fields_and_no_values() -> None:
    update_profile(signed_in(), **profile())
    row = AuditRow.objects.get(action="member.update_profile")
    assert row.data == {"changed": ["card_number"]}


def test_numbers_written_otherwise_are_the_same_numbers() -> None:
    first = update_profile(signed_in(), **profile())
    spaced = f"{resident_id(1)[:6]} {resident_id(1)[6:]}".lower()
    assert update_profile(first, **profile(resident_id=spaced, card_number=" ".join(CARD))) == first


def test_a_second_resident_id_is_refused() -> None:
    member = update_profile(signed_in(), **profile())
    with pytest.raises(RuleRefused) as refusal:
        update_profile(member, **profile(resident_id=resident_id(2)))
    assert (refusal.value.field, refusal.value.code) == ("resident_id", "RESIDENT_ID_FIXED")


def test_another_name_after_the_first_is_refused() -> None:
    member = update_profile(signed_in(), **profile())
    with pytest.raises(RuleRefused) as refusal:
        update_profile(member, **profile(name="李小禾"))
    assert refusal.value.field == "name"


def test_a_mobile_that_was_not_verified_is_refused() -> None:
    with pytest.raises(RuleRefused) as refusal:
        update_profile(signed_in(), **profile(mobile=OTHER_MOBILE))
    assert refusal.value.field == "mobile"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "=王"), ("resident_id", "110102199001010012"), ("card_number", "1234"), ("mobile", "1")],
)
def test_what_cannot_be_right_is_refused_by_field(field: str, value: str) -> None:
    with pytest.raises(RuleRefused) as refusal:
        update_profile(signed_in(), **profile(**{field: value}))
    assert refusal.value.field == field
    assert value not in refusal.value.message or len(value) < 2


def test_the_resident_id_is_fixed_by_the_database() -> None:
    member = update_profile(signed_in(), **profile())
    member.give_resident_id(resident_id(2))
    with pytest.raises(DatabaseError, match="member_resident_id_is_fixed"):
        member.save()


def test_the_resident_id_cannot_be_taken_away_either() -> None:
    member = update_profile(signed_in(), **profile())
    with pytest.raises(DatabaseError, match="member_resident_id_is_fixed"):
        Member.objects.filter(pk=member.pk).update(resident_id=None, resident_id_index=None)


def test_a_person_filed_for_by_others_finds_their_record_at_sign_in(operator: StaffUser) -> None:
    record = filed_for(operator)
    member = signed_in()
    assert member == record
    assert member.mobile_verified_at is not None


def test_two_records_with_one_mobile_are_not_guessed_between(operator: StaffUser) -> None:
    filed_for(operator, serial=1)
    filed_for(operator, serial=2, name="赵小麦")
    member = signed_in()
    assert not member.is_identified
    assert Member.objects.count() == 3


def test_the_blank_record_is_merged_when_number_name_and_mobile_agree(operator: StaffUser) -> None:
    record = filed_for(operator, serial=1)
    filed_for(operator, serial=2, name="赵小麦")
    blank = signed_in()
    token = issue_token(blank)
    standing = update_profile(blank, **profile())
    blank.refresh_from_db()
    assert standing == record
    assert (blank.merged_into, standing.mobile_verified_at) == (record, blank.mobile_verified_at)
    assert member_for_token(token) is None
    assert AuditRow.objects.get(action="member.adopt").data == {"merged": blank.pk}


def test_a_record_under_another_mobile_is_not_handed_over(operator: StaffUser) -> None:
    record = filed_for(operator, mobile=OTHER_MOBILE)
    with pytest.raises(RuleRefused) as refusal:
        claim_identity(signed_in(), name=NAME, resident_id=resident_id(1))
    record.refresh_from_db()
    assert refusal.value.code == "RESIDENT_ID_TAKEN"
    assert "12351" in refusal.value.message
    assert record.mobile_verified_at is None


def test_a_record_under_another_name_is_not_handed_over(operator: StaffUser) -> None:
    filed_for(operator, serial=1, name="李小禾")
    filed_for(operator, serial=2, name="赵小麦")
    with pytest.raises(RuleRefused) as refusal:
        claim_identity(signed_in(), name=NAME, resident_id=resident_id(1))
    assert refusal.value.code == "RESIDENT_ID_TAKEN"


def test_a_record_that_others_refer_to_is_not_merged_by_itself(operator: StaffUser) -> None:
    filed_for(operator, serial=1)
    older = filed_for(operator, serial=2, name="赵小麦")
    blank = signed_in()
    Member.objects.filter(pk=older.pk).update(merged_into=blank, merged_at=clock.now())
    with pytest.raises(RuleRefused) as refusal:
        claim_identity(blank, name=NAME, resident_id=resident_id(1))
    assert refusal.value.code == "RESIDENT_ID_TAKEN"


def test_the_refusal_is_the_same_for_a_verified_and_an_unverified_holder(operator: StaffUser) -> None:
    update_profile(signed_in(), **profile())
    filed_for(operator, serial=2, mobile="13700137742")
    stranger = signed_in(OTHER_MOBILE, nonce="another-browser")
    sentences = set()
    for serial in (1, 2):
        with pytest.raises(RuleRefused) as refusal:
            claim_identity(stranger, name=NAME, resident_id=resident_id(serial))
        sentences.add(refusal.value.message)
    assert len(sentences) == 1


def test_a_merged_record_stays_merged(operator: StaffUser) -> None:
    filed_for(operator, serial=1)
    other = filed_for(operator, serial=2, name="赵小麦")
    blank = signed_in()
    update_profile(blank, **profile())
    with pytest.raises(DatabaseError, match="member_merge_is_final"):
        Member.objects.filter(pk=blank.pk).update(merged_into=other)


def test_an_assisted_filing_finds_the_same_person_again(operator: StaffUser) -> None:
    assert filed_for(operator) == filed_for(operator)
    assert Member.objects.get().created_by == operator
    assert AuditRow.objects.filter(action__startswith="member.").count() == 1


def test_an_operator_cannot_change_what_is_on_record(operator: StaffUser) -> None:
    member = update_profile(signed_in(), **profile())
    filed_for(operator, mobile=OTHER_MOBILE)
    member.refresh_from_db()
    assert (member.mobile, member.employer) == (MOBILE, "示例机械厂")


def test_an_operator_is_told_when_the_name_does_not_fit(operator: StaffUser) -> None:
    filed_for(operator)
    with pytest.raises(RuleRefused) as refusal:
        filed_for(operator, name="李小禾")
    assert refusal.value.field == "name"
    assert NAME not in refusal.value.message


def test_a_filing_for_a_merged_record_reaches_the_one_that_stands(operator: StaffUser) -> None:
    standing, merged = filed_for(operator, serial=1), filed_for(operator, serial=2)
    Member.objects.filter(pk=merged.pk).update(merged_into=standing, merged_at=clock.now())
    assert filed_for(operator, serial=2) == standing


def test_32_operators_filing_for_one_person_make_one_record(thread_race: Callable[..., list[object]]) -> None:
    operator = staff("station-clerk", Role.STATION)
    results = thread_race(lambda number: filed_for(operator), times=32)
    assert {type(result) for result in results} == {Member}
    assert Member.objects.count() == 1


def test_32_claims_of_one_number_leave_one_holder(thread_race: Callable[..., list[object]]) -> None:
    members = [signed_in(f"138001{serial:05d}", nonce=str(serial)) for serial in range(16)]
    results = thread_race(
        lambda turn: claim_identity(members[turn // 2], name=NAME, resident_id=resident_id(1)), times=32
    )
    holders = {result.pk for result in results if isinstance(result, Member)}
    assert len(holders) == 1
    assert Member.objects.exclude(resident_id_index=None).count() == 1
    assert {type(result) for result in results} == {Member, RuleRefused}


def test_no_number_lies_in_the_table_in_clear(operator: StaffUser) -> None:
    filed_for(operator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM accounts_member m")
        text = cursor.fetchone()[0]
    assert NAME in text
    assert not any(number in text for number in (resident_id(1), MOBILE, CARD))


def test_a_member_prints_as_an_id_only(operator: StaffUser) -> None:
    member = filed_for(operator)
    assert str(member) == f"会员 {member.pk}"
    assert NAME not in repr(member)
