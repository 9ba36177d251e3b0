"""Rows for tests, made by the services as the product makes them; every person is invented."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from applications.models import Application
from applications.services.assisted import file_for
from applications.services.desks import Person
from applications.services.drafts import Filing, save_draft
from applications.services.filing import submit
from applications.services.intake import Dossier, Receipt, receive_and_file
from applications.services.roster import RosterReport, prepare_from_roster
from subsidy import clock
from subsidy.accounts.models import Member, Office, StaffUser
from subsidy.accounts.roles import Role, sync_roles
from subsidy.accounts.services import create_staff, member_actor, update_profile
from subsidy.audit.actors import SYSTEM
from subsidy.crypto import blind_index
from subsidy.registers.models import CardHolder, CompetitionResult
from subsidy.rules.identity import normalise_name
from subsidy.rules.numbers import mod_11_2
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme
from subsidy.schemes.services import load_scheme, read_definition

DAY = datetime(2024, 6, 18, 10, 0, tzinfo=clock.SHANGHAI)
TODAY = DAY.date()
EDITION = "2023年北京市职工职业技能大赛"
PASSWORD = "an invented sentence, long and unlike a name"
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


def operator(role: Role | str = Role.STATION, code: str = "") -> StaffUser:
    """Return a member of staff in an office that fits the role."""
    kinds = {"hotline": "hotline", "station": "station", "intake": "association"}
    kind = kinds.get(Role(role).value, "association")
    place = office(code or f"{kind[:2].upper()}-100", kind)
    return staff(role, office=place)


def person(n: int = 0, **changes: str) -> Person:
    """Return whom somebody files for, as written on the papers."""
    n = n or next(_serial)
    fields = {
        "name": "李秀英",
        "resident_id": resident_id(n),
        "mobile": mobile(n),
        "card_number": card_number(n),
        "employer": "北京样例机床厂",
    }
    return Person(**(fields | changes))


def consented(certificate: dict[str, Any] | None = None, **changes: Any) -> Filing:
    """Return an assisted filing with the member's consent and how it was given."""
    given = {"consent_version": "2024-01", "consent_evidence": "通话录音 000123"} | changes
    return Filing(certificate=certificate or skill(next(_serial)), **given)


def assisted(
    whom: Person | None = None,
    *,
    operator_: StaffUser | None = None,
    channel: Channel = Channel.STATION,
    at: datetime = DAY,
    **changes: Any,
) -> Application:
    """Return an application that a station (or the hotline) filed for a member."""
    clerk = operator_ or operator(channel.value)
    plan = changes.pop("scheme", None) or scheme()
    with clock.at(at):
        return file_for(
            whom or person(),
            consented(**changes),
            scheme=plan,
            ground=Ground.SKILL,
            channel=channel,
            operator=clerk,
        )


def social_work(n: int, **changes: Any) -> dict[str, Any]:
    """Return the fields of an eligible social worker's certificate (annex 1)."""
    return {
        "grade": "social_worker",
        "registration_number": f"2023110{n:011d}",
        "approved_on": date(2023, 10, 20),
        "issuing_authority": "北京市人力资源和社会保障局",
    } | changes


def dossier(received_on: date = TODAY, **changes: Any) -> Dossier:
    """Return a whole dossier, all four copies in it unless told otherwise."""
    copies = dict.fromkeys(("has_id_front", "has_id_back", "has_card", "has_certificate"), True)
    return Dossier(received_on, **(copies | changes))


def paper(
    whom: Person | None = None,
    *,
    operator_: StaffUser | None = None,
    papers: Dossier | None = None,
    at: datetime = DAY,
    **certificate: Any,
) -> Receipt:
    """Return what the intake made of a social worker's dossier: filed if it was whole."""
    clerk, plan = operator_ or operator(Role.INTAKE), scheme()
    with clock.at(at):
        return receive_and_file(
            whom or person(),
            Filing(certificate=social_work(next(_serial), **certificate), consent_version="2024-01"),
            papers or dossier(at.date()),
            scheme=plan,
            operator=clerk,
        )


def result(n: int = 0, *, mobile_: str | None = "", **changes: Any) -> CompetitionResult:
    """Put a winner on the register: rank 2 of the individual final unless told otherwise."""
    n = n or next(_serial)
    number = changes.pop("resident_id", resident_id(n))
    fields = {
        "edition": EDITION,
        "trade": "数控车工",
        "round": "final",
        "rank": 2,
        "name": "赵明亮",
        "employer": "北京样例重工",
        "mobile": mobile(n) if mobile_ == "" else mobile_,
        "resident_id": number,
        "resident_id_index": blind_index("resident_id", number),
    }
    return CompetitionResult.objects.create(**(fields | changes))


def roster(*, at: datetime = DAY, edition: str = "", operator_: StaffUser | None = None) -> RosterReport:
    """Prepare applications from the results on the register."""
    clerk, plan = operator_ or operator(Role.INTAKE), scheme()
    with clock.at(at):
        return prepare_from_roster(plan, edition=edition or EDITION, operator=clerk)


def roster_place(n: int = 0, *, at: datetime = DAY, **changes: Any) -> Application:
    """Return the application prepared for one winner."""
    row = result(n, **changes)
    roster(at=at)
    return Application.objects.get(
        person_index=row.resident_id_index, certificate__trade=row.trade, channel="roster"
    )
