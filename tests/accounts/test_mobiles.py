"""Another mobile number: proved by its code, told to the old one, sessions ended, open to objection (F5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from subsidy import clock
from subsidy.accounts.models import Member, MobileChange, SignInCode, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import (
    change_mobile,
    contestable,
    issue_token,
    member_for_token,
    object_to_change,
    redeem_code,
    request_mobile_code,
    settle_change,
    update_profile,
)
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused
from subsidy.notices.models import Notice
from tests.accounts.people import (
    CARD,
    IP,
    MOBILE,
    NONCE,
    OTHER_MOBILE,
    last_code,
    resident_id,
    signed_in,
    staff,
    wrong,
)

pytestmark = [pytest.mark.django_db, pytest.mark.req("F5", "A4")]
NAME = "赵小禾"


@pytest.fixture
def person(db: None) -> Member:
    """Return a member with name and number, signed in with MOBILE."""
    return update_profile(signed_in(), name=NAME, resident_id=resident_id(1), mobile=MOBILE, card_number=CARD)


@pytest.fixture
def clerk(groups: None) -> StaffUser:
    """Return who sees the person at a station."""
    return staff("station-clerk", Role.STATION)


@pytest.fixture
def lead(groups: None) -> StaffUser:
    """Return who settles objections."""
    return staff("administrator", Role.ADMINISTRATOR)


def changed(member: Member, mobile: str = OTHER_MOBILE, **by: object) -> Member:
    """Let the member prove and take a new number."""
    request_mobile_code(member, mobile, nonce=NONCE, ip=IP)
    return change_mobile(member, mobile, last_code(), nonce=NONCE, ip=IP, **by)  # type: ignore[arg-type]


def new_number_signs_in(mobile: str) -> Member:
    SignInCode.objects.all().delete()
    return signed_in(mobile, nonce="afterwards")


def test_the_new_number_signs_in_to_the_same_record(person: Member) -> None:
    changed(person)
    assert new_number_signs_in(OTHER_MOBILE).pk == person.pk
    assert new_number_signs_in(MOBILE).pk != person.pk


def test_sessions_and_tokens_opened_before_are_ended(person: Member) -> None:
    token, epoch = issue_token(person), person.session_epoch
    assert changed(person).session_epoch == epoch + 1
    assert member_for_token(token) is None


def test_the_old_number_is_told_and_how_to_object(person: Member) -> None:
    changed(person)
    notice = Notice.objects.get(template="mobile_changed")
    assert (notice.mobile, notice.member_id) == (MOBILE, person.pk)
    assert OTHER_MOBILE[-4:] in notice.body
    assert OTHER_MOBILE not in notice.body
    assert "异议" in notice.body


@pytest.mark.req("A3")
def test_the_change_is_written_down_without_the_number(person: Member) -> None:
    changed(person)
    row = AuditRow.objects.get(action="member.change_mobile")
    assert (row.realm, row.target, row.data["tail"]) == ("member", f"member:{person.pk}", OTHER_MOBILE[-4:])
    assert OTHER_MOBILE not in str(row.data)


def test_a_wrong_code_changes_nothing(person: Member) -> None:
    request_mobile_code(person, OTHER_MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused) as refusal:
        change_mobile(person, OTHER_MOBILE, wrong(last_code()), nonce=NONCE, ip=IP)
    person.refresh_from_db()
    assert (refusal.value.code, person.mobile) == ("CODE_INVALID", MOBILE)


def test_a_sign_in_code_changes_no_number(person: Member) -> None:
    """The holder of a phone who reads out a sign-in code does not give their record away."""
    signed_in(OTHER_MOBILE, nonce="their-browser")
    with pytest.raises(RuleRefused):
        change_mobile(person, OTHER_MOBILE, last_code(), nonce=NONCE, ip=IP)


def test_a_code_for_changing_signs_nobody_in(person: Member) -> None:
    request_mobile_code(person, OTHER_MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused):
        redeem_code(OTHER_MOBILE, last_code(), nonce=NONCE, ip=IP)


def test_the_present_number_is_refused_with_a_sentence(person: Member) -> None:
    with pytest.raises(RuleRefused) as refusal:
        request_mobile_code(person, MOBILE, nonce=NONCE, ip=IP)
    assert (refusal.value.field, refusal.value.code) == ("mobile", "MOBILE_UNCHANGED")


def test_a_number_of_another_member_is_told_only_to_who_proved_it(person: Member) -> None:
    update_profile(
        signed_in(OTHER_MOBILE, nonce="another"),
        name="李小麦",
        resident_id=resident_id(2),
        mobile=OTHER_MOBILE,
        card_number=CARD,
    )
    SignInCode.objects.all().delete()
    request_mobile_code(person, OTHER_MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(Conflict) as refusal:
        change_mobile(person, OTHER_MOBILE, last_code(), nonce=NONCE, ip=IP)
    person.refresh_from_db()
    assert (refusal.value.code, refusal.value.field, person.mobile) == ("MOBILE_TAKEN", "mobile", MOBILE)


def test_the_blank_record_that_the_new_number_left_behind_is_merged(person: Member) -> None:
    blank = signed_in(OTHER_MOBILE, nonce="new-phone")
    SignInCode.objects.all().delete()
    changed(person)
    blank.refresh_from_db()
    assert blank.merged_into_id == person.pk
    assert Member.objects.unmerged().get().mobile == OTHER_MOBILE


def test_of_two_members_racing_for_one_number_one_gets_it(
    thread_race: Callable[..., list[object]], transactional_db: None
) -> None:
    members = [signed_in(f"138002{serial:05d}", nonce=str(serial)) for serial in range(8)]
    codes = []
    for serial, member in enumerate(members):
        update_profile(
            member,
            name=NAME,
            resident_id=resident_id(serial),
            mobile=member.mobile or "",
            card_number=CARD,
        )
        SignInCode.objects.filter(used_at=None).update(browser_index="0" * 64)  # no pause here
        request_mobile_code(member, OTHER_MOBILE, nonce=str(serial), ip="")
        codes.append(last_code())
    results = thread_race(
        lambda turn: change_mobile(members[turn], OTHER_MOBILE, codes[turn], nonce=str(turn), ip=""), times=8
    )
    assert sum(isinstance(result, Member) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7
    assert MobileChange.objects.count() == 1


def test_a_change_by_staff_keeps_who_where_and_why(person: Member, clerk: StaffUser) -> None:
    changed(person, operator=clerk, reason="原号码已停机")
    change = MobileChange.objects.get()
    assert (change.changed_by, change.office, change.reason) == (clerk, clerk.office, "原号码已停机")
    assert AuditRow.objects.get(action="member.change_mobile").realm == "staff"


def objected(person: Member, **by: object) -> MobileChange:
    """Let the holder of the old number sign in with it and object."""
    changed(person, **by)
    holder = new_number_signs_in(MOBILE)
    return object_to_change(contestable(holder).get().pk, by=holder, text="我没有换过号码", ip=IP)


def test_the_holder_of_the_old_number_may_object_and_the_new_sessions_end(
    person: Member, clerk: StaffUser
) -> None:
    changed(person, operator=clerk, reason="原号码已停机")
    token = issue_token(new_number_signs_in(OTHER_MOBILE))
    holder = new_number_signs_in(MOBILE)
    object_to_change(contestable(holder).get().pk, by=holder, text="我没有换过号码", ip=IP)
    assert member_for_token(token) is None
    assert AuditRow.objects.get(action="member.object_to_mobile").actor_id == holder.pk


def test_nobody_else_may_object(person: Member) -> None:
    changed(person)
    stranger = signed_in("13700137742", nonce="stranger")
    with pytest.raises(NotFound):
        object_to_change(MobileChange.objects.get().pk, by=stranger, text="这不是我的", ip=IP)


def test_an_upheld_objection_gives_the_number_back(person: Member, clerk: StaffUser, lead: StaffUser) -> None:
    change = objected(person, operator=clerk, reason="原号码已停机")
    settle_change(change, operator=lead, settlement="录像里不是本人", revert=True)
    assert new_number_signs_in(MOBILE).pk == person.pk
    assert Notice.objects.get(template="mobile_restored").mobile == MOBILE


def test_a_dismissed_objection_leaves_the_number(person: Member, clerk: StaffUser, lead: StaffUser) -> None:
    change = objected(person, operator=clerk, reason="原号码已停机")
    settle_change(change, operator=lead, settlement="本人到站，录像核实", revert=False)
    person.refresh_from_db()
    assert person.mobile == OTHER_MOBILE
    assert Notice.objects.get(template="mobile_kept").mobile == MOBILE


def test_who_made_the_change_settles_no_objection(person: Member, groups: None) -> None:
    intake = staff("intake-clerk", Role.INTAKE)
    change = objected(person, operator=intake, reason="原号码已停机")
    with pytest.raises(Forbidden) as refusal:
        settle_change(change, operator=intake, settlement="没有问题", revert=False)
    assert refusal.value.code == "OWN_CHANGE"


def test_a_station_clerk_settles_no_objection(person: Member, clerk: StaffUser) -> None:
    with pytest.raises(Forbidden):
        settle_change(objected(person), operator=clerk, settlement="没有问题", revert=False)


def test_an_objection_is_settled_once(person: Member, lead: StaffUser) -> None:
    change = objected(person)
    settle_change(change, operator=lead, settlement="本人换的", revert=False)
    with pytest.raises(Conflict):
        settle_change(change, operator=lead, settlement="本人换的", revert=True)


def test_the_database_keeps_who_changed_what(person: Member) -> None:
    changed(person)
    with pytest.raises(DatabaseError), transaction.atomic():
        MobileChange.objects.update(changed_at=clock.now(), new_mobile_index="0" * 64)


def test_the_database_refuses_a_clerk_without_a_reason(person: Member, clerk: StaffUser) -> None:
    with pytest.raises(IntegrityError, match="mobilechange_by_staff_has_reason"):
        changed(person, operator=clerk)


def test_the_database_refuses_who_settles_their_own(person: Member, clerk: StaffUser) -> None:
    change = objected(person, operator=clerk, reason="原号码已停机")
    with pytest.raises(IntegrityError, match="mobilechange_settled_by_another"):
        MobileChange.objects.filter(pk=change.pk).update(
            settled_at=clock.now(), settled_by=clerk, settlement="没有问题"
        )
