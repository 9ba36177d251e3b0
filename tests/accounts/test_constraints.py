"""What the database refuses about people and places, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from subsidy import clock
from subsidy.accounts.models import Member, MemberToken, Office, SignInTries, StaffUser
from subsidy.accounts.roles import Role
from subsidy.crypto import blind_index
from tests.accounts.people import CARD, MOBILE, office, resident_id, staff

pytestmark = pytest.mark.django_db


def member(**values: Any) -> Member:
    return Member(created_at=clock.now(), updated_at=clock.now(), **values)


def verified() -> Member:
    person = member(mobile_verified_at=clock.now())
    person.give_mobile(MOBILE)
    return person


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"resident_id": "x"}, "member_resident_id_has_its_digest"),
        ({"resident_id_index": "a" * 64}, "member_resident_id_has_its_digest"),
        ({"mobile": "x"}, "member_mobile_has_its_digest"),
        ({"card_number": "x", "card_tail": ""}, "member_card_number_has_its_digest"),
        ({"mobile": "x", "mobile_index": "A" * 64}, "member_mobile_index_is_a_digest"),
        ({"resident_id": "x", "resident_id_index": "a" * 63}, "member_resident_id_index_is_a_digest"),
        ({"card_number": "x", "card_index": "g" * 64, "card_tail": "0231"}, "member_card_index_is_a_digest"),
        ({"card_number": "x", "card_index": "a" * 64}, "member_card_tail_matches_presence"),
        ({"mobile_verified_at": clock.real_now()}, "member_verified_mobile_is_known"),
        ({"name": "王小禾"}, "member_name_has_its_key"),
        ({"trust": "complete"}, "member_trust_is_known"),
        ({"merged_at": clock.real_now()}, "member_merge_has_its_instant"),
    ],
)
def test_half_a_fact_about_a_member_is_refused(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        member(**values).save()


def test_two_members_cannot_hold_one_resident_id() -> None:
    for person in (first := member(), second := member()):
        person.give_resident_id(resident_id(1))
    first.save()
    with pytest.raises(IntegrityError, match="member_one_per_resident_id"):
        second.save()


def test_two_members_cannot_have_verified_one_mobile() -> None:
    verified().save()
    with pytest.raises(IntegrityError, match="member_one_per_verified_mobile"):
        verified().save()


def test_a_merged_record_gives_its_mobile_free() -> None:
    target = member()
    target.save()
    old = verified()
    old.merged_into, old.merged_at = target, clock.now()
    old.save()
    verified().save()
    assert Member.objects.filter(mobile_index=blind_index("mobile", MOBILE)).count() == 2


def test_members_without_numbers_do_not_collide() -> None:
    member().save()
    member().save()
    assert Member.objects.count() == 2


def test_a_member_cannot_be_merged_into_itself() -> None:
    person = member()
    person.save()
    with pytest.raises(IntegrityError, match="member_is_not_merged_into_itself"):
        Member.objects.filter(pk=person.pk).update(merged_into=person.pk, merged_at=clock.now())


def test_two_members_may_give_one_card() -> None:
    for person in (member(), member()):
        person.give_card(CARD)
        person.save()
    assert Member.objects.filter(card_tail="0231").count() == 2


def test_an_office_is_not_its_own_parent() -> None:
    made = office()
    with pytest.raises(IntegrityError, match="office_is_not_its_own_parent"):
        Office.objects.filter(pk=made.pk).update(parent=made.pk)


def test_an_office_has_a_known_kind() -> None:
    with pytest.raises(IntegrityError, match="office_kind_is_known"):
        Office.objects.create(code="x", name="某处", kind="shop")


def test_somebody_who_left_cannot_be_made_active_again() -> None:
    user = staff("clerk", Role.STATION)
    with pytest.raises(IntegrityError, match="staffuser_who_left_is_inactive"):
        StaffUser.objects.filter(pk=user.pk).update(left_at=clock.real_now())


@pytest.mark.req("A4")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"door": "window"}, "signintries_door_is_known"),
        ({"tries": 0}, "signintries_at_least_one_try"),
        ({"account_index": "reviewer"}, "signintries_account_index_is_a_digest"),
        ({"browser_index": "firefox"}, "signintries_browser_is_unknown_or_a_digest"),
        ({"locked_until": clock.real_now()}, "signintries_lock_ends_after_the_try"),
    ],
)
def test_a_count_of_tries_that_cannot_be_is_refused(change: dict[str, Any], constraint: str) -> None:
    now = clock.real_now() + timedelta(minutes=1)
    right = {"door": "password", "account_index": "a" * 64, "tries": 1, "tried_at": now}
    with pytest.raises(IntegrityError, match=constraint):
        SignInTries.objects.create(**(right | change))


@pytest.mark.req("A4")
def test_tries_of_one_account_and_browser_have_one_count() -> None:
    right = {"door": "password", "account_index": "a" * 64, "tries": 1, "tried_at": clock.real_now()}
    SignInTries.objects.create(**right)
    SignInTries.objects.create(**right, browser_index="b" * 64)
    with pytest.raises(IntegrityError, match="signintries_counts_each_door_once"):
        SignInTries.objects.create(**right)


def test_two_user_names_do_not_differ_in_case_alone() -> None:
    staff("clerk", Role.STATION)
    other = staff("another", Role.STATION)
    with pytest.raises(IntegrityError, match="staffuser_username_is_unique_in_any_case"):
        StaffUser.objects.filter(pk=other.pk).update(username="CLERK")


def test_a_token_expires_after_it_was_issued() -> None:
    person = member()
    person.save()
    now = clock.real_now()
    with pytest.raises(IntegrityError, match="membertoken_expires_after_issue"):
        MemberToken.objects.create(
            member=person, token_index="a" * 64, created_at=now, expires_at=now - timedelta(seconds=1)
        )
