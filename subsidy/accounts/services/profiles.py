"""What members say about themselves: name and identity number once, the rest whenever they like."""

from __future__ import annotations

from django.db import transaction

from subsidy import clock
from subsidy.accounts.enums import Trust
from subsidy.accounts.models import District, Member, MemberToken
from subsidy.accounts.services import locks
from subsidy.accounts.services.actors import member_actor, target_of
from subsidy.accounts.services.checks import checked_card, checked_mobile, checked_name, checked_resident_id
from subsidy.accounts.services.claim_limits import note_refusal, require_claim
from subsidy.accounts.services.code_limits import network_of
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, RuleRefused
from subsidy.rules.identity import match_name

TAKEN = "暂时不能在网上登记这个证件号码。请拨打 12351 或携带证件到工会服务站核实后办理。"
FIXED = "证件号码登记后不能自行更改。如登记有误，请提交更正申请。"
NAME_FIXED = "姓名登记后不能自行更改。如登记有误，请提交更正申请。"
MOBILE_FIXED = "手机号与登录时验证的不一致。请用新手机号登录，或拨打 12351 更换。"
PLAIN_FIELDS = ("employer", "position")


def update_profile(
    member: Member,
    *,
    name: str,
    resident_id: str,
    mobile: str,
    card_number: str,
    employer: str = "",
    position: str = "",
    district: District | None = None,
    ip: str = "",
) -> Member:
    """Record a member's own particulars and return the record that stands for them from now on.

    It is another record than the given one when others had filed for the same person before
    (same number, name and mobile); the caller then signs that one in.
    """
    if member.mobile_index != blind_index("mobile", checked_mobile(mobile)):
        raise RuleRefused(MOBILE_FIXED, code="MOBILE_NOT_VERIFIED", field="mobile")
    card = checked_card(card_number)
    claimed = claim_identity(member, name=name, resident_id=resident_id, ip=ip)
    with transaction.atomic():
        standing = Member.objects.select_for_update(of=("self",)).get(pk=claimed.pk)
        changed = _take(standing, card=card, employer=employer, position=position, district=district)
        standing.updated_at = clock.now()
        standing.save()
        record(
            "member.update_profile",
            actor=member_actor(standing, ip),
            target=target_of(standing),
            data={"changed": changed},
        )
    return standing


def claim_identity(member: Member, *, name: str, resident_id: str, ip: str = "") -> Member:
    """Tie name and identity number to the member; return the record that stands for them from now on.

    Raises RuleRefused; TooManyRequests for who names other people's numbers too often (`claim_limits.py`).
    For a member without a number it must not run inside a caller's transaction: a refusal has to be counted.
    """
    typed, number = checked_name(name), checked_resident_id(resident_id)
    with transaction.atomic(durable=member.resident_id_index is None):
        standing = _claim(member, typed, number, ip)
    if standing is None:
        raise RuleRefused(TAKEN, code="RESIDENT_ID_TAKEN", field="resident_id")
    return standing


def _claim(member: Member, name: str, number: str, ip: str) -> Member | None:
    """Return the record that stands for the member, or None for a number that is another's."""
    index, network = blind_index("resident_id", number), network_of(ip)
    locks.take_turn(locks.ADDRESS, network)
    locks.take_turn(locks.RESIDENT_ID, index)
    locks.take_turn(locks.PERSON, str(member.pk))
    owner = Member.objects.filter(resident_id_index=index).first()
    held = _locked(member, owner)
    mine = held[member.pk]
    if mine.is_merged:
        raise Conflict("您的档案已并入另一份档案，请重新登录。", code="MEMBER_MERGED")
    if mine.resident_id_index is not None:
        return _confirm(mine, name, index)
    require_claim(mine, network, now=clock.real_now())
    if owner is None:
        return _identify(mine, name, number, ip)
    standing = _adopt(held[owner.pk], mine, name, ip)
    if standing is None:
        note_refusal(mine, network, ip=ip)
    return standing


def _locked(*members: Member | None) -> dict[int, Member]:
    keys = [member.pk for member in members if member is not None]
    rows = Member.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    return {row.pk: row for row in rows}


def _confirm(member: Member, name: str, index: str) -> Member:
    if member.resident_id_index != index:
        raise RuleRefused(FIXED, code="RESIDENT_ID_FIXED", field="resident_id")
    if not match_name(member.name, name):
        raise RuleRefused(NAME_FIXED, code="NAME_FIXED", field="name")
    return member


def _identify(member: Member, name: str, number: str, ip: str) -> Member:
    member.give_name(name)
    member.give_resident_id(number)
    member.updated_at = clock.now()
    member.save()
    record("member.identify", actor=member_actor(member, ip), target=target_of(member))
    return member


def _adopt(owner: Member, blank: Member, name: str, ip: str) -> Member | None:
    """Merge the signed-in blank record into the one others made for the same person; None if it is not."""
    same_person = (
        owner.mobile_verified_at is None
        and not owner.is_merged
        and owner.mobile_index is not None
        and owner.mobile_index == blank.mobile_index
        and match_name(owner.name, name)
    )
    if not same_person or is_referred_to(blank):
        return None
    now = clock.now()
    merge_blank(blank, into=owner)
    owner.mobile_verified_at = blank.mobile_verified_at
    owner.trust = Trust.MOBILE.value if owner.trust == Trust.NONE else owner.trust
    owner.updated_at = now
    owner.save()
    data = {"merged": blank.pk}
    record("member.adopt", actor=member_actor(owner, ip), target=target_of(owner), data=data)
    return owner


def merge_blank(blank: Member, *, into: Member) -> None:
    """Let another record stand for whom a record without name, number and cases was made for; both locked."""
    now = clock.now()
    blank.merged_into, blank.merged_at, blank.updated_at = into, now, now
    blank.save()
    MemberToken.objects.filter(member=blank, revoked_at=None).update(revoked_at=clock.real_now())


def is_referred_to(member: Member) -> bool:
    """Say whether anything but tokens hangs on the record, whatever room it lives in."""
    relations = [
        relation for relation in Member._meta.related_objects if relation.related_model is not MemberToken
    ]
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: member}).exists()
        for relation in relations
    )


def _take(member: Member, *, card: str, employer: str, position: str, district: District | None) -> list[str]:
    changed = [] if member.card_number == card else ["card_number"]
    member.give_card(card)
    wanted = {"employer": employer, "position": position, "district": district}
    for field, value in wanted.items():
        if getattr(member, field) != value:
            setattr(member, field, value)
            changed.append(field)
    return changed
