"""Invented offices and the demonstration's staff: one log-in or more for every role."""

from __future__ import annotations

from typing import Final, NamedTuple

from subsidy.accounts.enums import OfficeKind
from subsidy.accounts.models import District, Office, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import create_staff
from subsidy.accounts.services.second_factor import bind_second_factor, has_second_factor
from subsidy.accounts.totp import new_secret

PASSWORD: Final = "Zhutui-2024-demo"  # noqa: S105 - shared, printed at the start, of a demonstration only


class Place(NamedTuple):
    """An office to be opened."""

    code: str
    name: str
    kind: OfficeKind
    parent: str = ""
    district: str = ""


class Login(NamedTuple):
    """A member of staff to be appointed."""

    username: str
    name: str
    role: Role
    office: str


PLACES: Final = (
    Place("ZGH", "市总工会（样例）", OfficeKind.FEDERATION),
    Place("ZGX", "市职工技术协会（样例）", OfficeKind.ASSOCIATION, "ZGH"),
    Place("12351", "12351 热线中心（样例）", OfficeKind.HOTLINE, "ZGH"),
    Place("XC", "西城区总工会（样例）", OfficeKind.DISTRICT_UNION, "ZGH", "110102"),
    Place("CY", "朝阳区总工会（样例）", OfficeKind.DISTRICT_UNION, "ZGH", "110105"),
    Place("XC-YL", "样例街道总工会", OfficeKind.STREET_UNION, "XC", "110102"),
    Place("XC-YL-1", "样例街道工会服务站", OfficeKind.STATION, "XC-YL", "110102"),
    Place("CY-YL-1", "样例园区工会服务站", OfficeKind.STATION, "CY", "110105"),
)
LOGINS: Final = (
    Login("hotline1", "周佳音", Role.HOTLINE, "12351"),
    Login("station1", "何春梅", Role.STATION, "XC-YL-1"),
    Login("station2", "冯立新", Role.STATION, "CY-YL-1"),
    Login("intake1", "邓文秀", Role.INTAKE, "ZGX"),
    Login("reviewer1", "苏明哲", Role.REVIEWER, "ZGX"),
    Login("reviewer2", "蒋海青", Role.REVIEWER, "ZGX"),
    Login("lead1", "沈国栋", Role.REVIEW_LEAD, "ZGX"),
    Login("maker1", "傅小鸥", Role.FINANCE_MAKER, "ZGH"),
    Login("checker1", "贾世安", Role.FINANCE_CHECKER, "ZGH"),
    Login("admin1", "卢向前", Role.ADMINISTRATOR, "ZGH"),
    Login("auditor1", "曹守正", Role.AUDITOR, "ZGH"),
)


def open_offices() -> None:
    """Open every office under its parent."""
    districts = {district.code: district for district in District.objects.all()}
    offices: dict[str, Office] = {}
    for place in PLACES:
        offices[place.code] = Office.objects.create(
            code=place.code,
            name=place.name,
            kind=place.kind.value,
            parent=offices.get(place.parent),
            district=districts.get(place.district),
        )


def appoint_staff() -> dict[str, StaffUser]:
    """Appoint everybody of the list, each with an authenticator of this clone, and return them by log-in."""
    offices = {office.code: office for office in Office.objects.all()}
    appointed = {
        login.username: create_staff(
            login.username,
            display_name=login.name,
            password=PASSWORD,
            roles=[login.role],
            office=offices[login.office],
        )
        for login in LOGINS
    }
    equip_staff()
    return appointed


def equip_staff() -> None:
    """Give an authenticator to every log-in that has none, also in a year seeded before there were any."""
    for user in StaffUser.objects.filter(username__in=[login.username for login in LOGINS], is_active=True):
        if not has_second_factor(user):
            bind_second_factor(user, new_secret())
