"""Rows for tests, made by the services as the product makes them; every person is invented."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from applications.models import Application
from applications.services.drafts import Filing, save_draft
from applications.services.filing import submit
from subsidy import clock
from subsidy.accounts.models import Member, Office, StaffUser
from subsidy.accounts.roles import Role, sync_roles
from subsidy.accounts.services import create_staff, member_actor, update_profile
from subsidy.audit.actors import SYSTEM
from subsidy.crypto import blind_index
from subsidy.registers.models import CardHolder
from subsidy.rules.identity import normalise_name
from subsidy.rules.numbers import mod_11_2
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme
from subsidy.schemes.services import load_scheme, read_definition

DAY = datetime(2024, 6, 18, 10, 0, tzinfo=clock.SHANGHAI)
PASSWORD = "Zhutui-2024-demo"
SCHEME_FILE = Path(__file__).resolve().parent.parent / "subsidy" / "schemes" / "data" / "2024.toml"
_serial = count(1)


def resident_id(n: int) -> str:
    """Return the n-th invented identity number with its right check character."""
    stem = f"110102{1960 + n % 40}{1 + n % 12:02d}{1 + n % 28:02d}{n // 28 % 1000:03d}"
    return stem + mod_11_2(stem)


def card_number(n: int, prefix: str = "6214") -> str:
    """Return the n-th invented card number, 16 digits, right by Luhn."""
    stem = f"{prefix}{n:0{15 - len(prefix)}d}"
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(stem)]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return stem + str(-total % 10)


def mobile(n: int) -> str:
    """Return the n-th invented mobile number."""
    return f"138{n:08d}"


def certificate_number(n: int, level: str = "2") -> str:
    """Return the n-th invented 22-position certificate number of 2023."""
    return f"S000011000123{23}{level}{n:06d}"


def scheme(**changes: Any) -> Scheme:
    """Return the 2024 scheme as shipped, published; changes make another definition of its year."""
    mapping = read_definition(SCHEME_FILE) | changes
    with clock.at(DAY):
        return load_scheme(mapping, actor=SYSTEM, publish=True)[0]


def skill(n: int, **changes: Any) -> dict[str, Any]:
    """Return the fields of an eligible level-2 certificate."""
    level = changes.get("level", "2")
    return {
        "trade": "汽车装调工",
        "level": level,
        "certificate_number": certificate_number(n, level if level in set("12345") else "2"),
        "issued_on": date(2023, 9, 12),
        "awarding_body": "北京市职业技能鉴定管理中心",
    } | changes


def office(code: str = "XC-001", kind: str = "station") -> Office:
    """Return an office."""
    return Office.objects.get_or_create(code=code, defaults={"name": f"测试服务站 {code}", "kind": kind})[0]


def staff(role: Role | str, username: str = "", **options: Any) -> StaffUser:
    """Return a member of staff with one role."""
    sync_roles()
    role = Role(role)
    username = username or f"{role.value}-{next(_serial)}"
    options.setdefault("office", office())
    return create_staff(username, display_name="测试员", password=PASSWORD, roles=[role], **options)


def member(n: int = 0, *, name: str = "王建国", at: datetime = DAY, **changes: Any) -> Member:
    """Return a member with all particulars, as after signing in and filling in the first page."""
    n = n or next(_serial)
    with clock.at(at):
        blank = Member(created_at=clock.now(), updated_at=clock.now())
        blank.give_mobile(mobile(n))
        blank.mobile_verified_at = clock.real_now()
        blank.save()
        fields = {
            "name": name,
            "resident_id": resident_id(n),
            "mobile": mobile(n),
            "card_number": card_number(n),
            "employer": "北京样例公交维修有限公司",
        }
        return update_profile(blank, **(fields | changes))


def card_holder(person: Member, **changes: Any) -> CardHolder:
    """Put a member on the register of card holders, agreeing unless told otherwise."""
    name = changes.pop("name", person.name)
    number = changes.pop("card_number", person.card_number)
    return CardHolder.objects.create(
        name=name,
        name_key=normalise_name(name),
        resident_id=person.resident_id,
        resident_id_index=person.resident_id_index,
        card_number=number,
        card_index=blind_index("card", number),
        card_tail=number[-4:],
        **changes,
    )


def draft(person: Member | None = None, *, at: datetime = DAY, **changes: Any) -> Application:
    """Return a complete skill draft of a member, consent given."""
    person = person or member()
    plan = changes.pop("scheme", None) or scheme()
    fields = skill(next(_serial), **changes.pop("certificate", {}))
    card = changes.pop("card_number", person.card_number)
    filing = Filing(certificate=fields, card_number=card, consent_version="2024-01")
    with clock.at(at):
        return save_draft(
            person,
            filing,
            scheme=plan,
            ground=Ground.SKILL,
            channel=Channel.MEMBER,
            actor=member_actor(person),
            **changes,
        )


def submitted(person: Member | None = None, *, at: datetime = DAY, **changes: Any) -> Application:
    """Return a filed application."""
    application = draft(person, at=at, **changes)
    with clock.at(at):
        return submit(application, actor=member_actor(application.member), version=application.version)
