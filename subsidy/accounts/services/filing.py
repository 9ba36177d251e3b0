"""The person behind an assisted filing: found by identity number, or recorded for the first time."""

from __future__ import annotations

from django.db import transaction

from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.services import locks
from subsidy.accounts.services.actors import staff_actor, target_of
from subsidy.accounts.services.checks import checked_card, checked_mobile, checked_name, checked_resident_id
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import RuleRefused
from subsidy.rules.identity import match_name

NAME_DIFFERS = "姓名与这个证件号码已登记的姓名不一致。请对照证件核对姓名和证件号码。"


@transaction.atomic
def find_or_create_member_for_filing(
    *,
    name: str,
    resident_id: str,
    mobile: str | None,
    card_number: str | None,
    operator: StaffUser,
    employer: str = "",
    position: str = "",
    ip: str = "",
) -> Member:
    """Return the one record of the person for whom an operator files.

    A record that exists is only completed where it is empty: what the person said or proved
    themselves, the mobile that notices go to above all, is not the operator's to change.
    A roster may not know mobile and card: None leaves them for the person to give.
    """
    typed, number = checked_name(name), checked_resident_id(resident_id)
    phone = None if mobile is None else checked_mobile(mobile)
    card = None if card_number is None else checked_card(card_number)
    index = blind_index("resident_id", number)
    locks.take_turn(locks.RESIDENT_ID, index)
    member = _standing(index)
    if member is None:
        member = Member(created_by=operator, created_at=clock.now())
        member.give_resident_id(number)
    elif not match_name(member.name, typed):
        raise RuleRefused(NAME_DIFFERS, code="NAME_DIFFERS", field="name")
    is_new = member.pk is None
    if _complete(member, name=typed, mobile=phone, card=card, employer=employer, position=position):
        member.updated_at = clock.now()
        member.save()
        action = "member.create_for_filing" if is_new else "member.complete_for_filing"
        record(action, actor=staff_actor(operator, ip), target=target_of(member))
    return member


def _standing(index: str) -> Member | None:
    """Return the record that stands for the holder of the number, merges followed."""
    member = Member.objects.filter(resident_id_index=index).select_for_update(of=("self",)).first()
    while member is not None and member.merged_into_id is not None:
        member = Member.objects.select_for_update(of=("self",)).get(pk=member.merged_into_id)
    return member


def _complete(
    member: Member, *, name: str, mobile: str | None, card: str | None, employer: str, position: str
) -> bool:
    """Fill what is empty; say whether anything was."""
    before = (member.name, member.mobile_index, member.card_index, member.employer, member.position)
    if not member.name:
        member.give_name(name)
    if member.mobile_index is None and mobile is not None:
        member.give_mobile(mobile)
    if member.card_index is None and card is not None:
        member.give_card(card)
    member.employer = member.employer or employer
    member.position = member.position or position
    after = (member.name, member.mobile_index, member.card_index, member.employer, member.position)
    return after != before
