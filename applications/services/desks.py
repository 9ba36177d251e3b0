"""The desks where staff file for members: who may sit there, and which cases are theirs (F2, A1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from applications.models import Application
from applications.models.application import ApplicationQuerySet
from subsidy.accounts.enums import OfficeKind
from subsidy.accounts.models import Office, StaffUser
from subsidy.accounts.roles import FILERS, Role, has_role
from subsidy.accounts.services import staff_actor
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import Forbidden, NotFound, RuleRefused
from subsidy.rules.identity import normalise_resident_id
from subsidy.rules.numbers import application_number, parse_application_number
from subsidy.rules.terms import Channel

NOT_THERE = "没有找到这份申报。请核对申报编号和证件号码。"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom somebody files for, as written on the papers; checked when the record is found or made."""

    name: str
    resident_id: str
    mobile: str
    card_number: str
    employer: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Which roles sit at a desk, and in which kinds of office; without kinds, in any."""

    roles: tuple[Role, ...]
    offices: frozenset[OfficeKind] = frozenset()


DESKS: Mapping[Channel, Desk] = {
    Channel.HOTLINE: Desk((Role.HOTLINE,), frozenset({OfficeKind.HOTLINE})),
    Channel.STATION: Desk((Role.STATION,), frozenset({OfficeKind.STATION, OfficeKind.STREET_UNION})),
    Channel.PAPER: Desk((Role.INTAKE,)),
    Channel.ROSTER: Desk((Role.INTAKE, Role.ADMINISTRATOR)),
}


def require_desk(operator: StaffUser, channel: Channel) -> None:
    """Raise Forbidden unless role and office of the operator fit the channel."""
    desk = DESKS.get(channel)
    if desk is None or not has_role(operator, *desk.roles):
        raise Forbidden(f"您的岗位不能办理“{channel.label}”。请由有这项职责的同事办理。", code="WRONG_ROLE")
    if not desk.offices:
        return
    office: Office | None = operator.office
    if office is None or not office.is_active or office.kind not in desk.offices:
        raise Forbidden(
            f"您所在的机构不办理“{channel.label}”。请联系管理员核对您的所属机构。", code="WRONG_OFFICE"
        )


def own_cases(operator: StaffUser) -> ApplicationQuerySet:
    """Return the applications an operator may see: their office's; for intake, all on paper or roster."""
    mine = Q(pk__in=[])
    if has_role(operator, Role.HOTLINE, Role.STATION) and operator.office is not None:
        mine |= Q(office=operator.office)
    if has_role(operator, Role.INTAKE):
        mine |= Q(channel__in=[Channel.PAPER.value, Channel.ROSTER.value], filed_by__isnull=False)
    return Application.objects.filter(mine)


def require_own_case(application: Application, operator: StaffUser) -> None:
    """Raise NotFound for a case that is not the operator's to know of."""
    if not own_cases(operator).filter(pk=application.pk).exists():
        raise NotFound("没有找到这份申报。只能办理本机构经办的申报。")


def find_for(number: str, resident_id: str, *, operator: StaffUser, ip: str = "") -> Application:
    """Return the application with this number if its person holds this identity number; looking is recorded.

    A wrong number and a wrong person give the same answer.
    """
    if not has_role(operator, *FILERS):
        raise Forbidden("您的岗位不能查找会员的申报。", code="WRONG_ROLE")
    parsed = parse_application_number(number)
    holder = normalise_resident_id(resident_id)
    if parsed is None or not holder:
        raise NotFound(NOT_THERE, field="number")
    found = Application.objects.filter(
        number=application_number(parsed.year, parsed.running),
        member__resident_id_index=blind_index("resident_id", holder),
    ).first()
    if found is None:
        raise NotFound(NOT_THERE, field="number")
    with transaction.atomic():
        seen = {"member": found.member_id, "application": found.number}
        target = f"application:{found.pk}"
        record("application.find", actor=staff_actor(operator, ip), target=target, data=seen)
    return found


def checked_text(text: str, *, field: str, name: str, longest: int, required: bool = True) -> str:
    """Return a text without outer spaces, or refuse it naming the field."""
    text = text.strip()
    if required and not text:
        raise RuleRefused(f"请填写{name}。", code="required", field=field)
    if len(text) > longest:
        raise RuleRefused(f"{name}最多 {longest} 个字，请缩短。", code="too_long", field=field)
    return text
