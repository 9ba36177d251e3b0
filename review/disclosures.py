"""Who looked at whom: the looks that the audit log holds, counted by person, by staff and by day (A2, A8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, F, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from applications.models import Application
from review.services.reveals import REFUSED, REVEALED, Shown
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role
from subsidy.audit.labels import LABELS
from subsidy.audit.models import AuditRow
from subsidy.rules.identity import mask_name
from subsidy.rules.terms import AttachmentKind
from subsidy.spreadsheets import Sheet, write_workbook

LOOKS: Final = (REVEALED, REFUSED, "attachment.view", "application.find", "member.find")
LISTED, EXPORTED, TOP = 200, 20_000, 20
DAYS: Final = 30
FIELDS: Final = {one.value: one.label for one in (*Shown, *AttachmentKind)}
ROLES: Final = {role.value: role.label for role in Role}
HEADINGS: Final = ("时间", "工作人员", "岗位", "做了什么", "申报编号", "会员", "看了什么", "理由", "来源地址")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which looks the reader asked for; days are Beijing days of real time, both included."""

    since: date
    until: date
    staff: str = ""
    number: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one person's data; carries no number."""

    when: datetime
    staff: str
    roles: str
    deed: str
    is_refused: bool
    application: str
    case: int | None
    person: str
    field: str
    reason: str
    ip: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the line of the workbook."""
        when = self.when.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        middle = (self.deed, self.application, self.person, self.field, self.reason)
        return (when, self.staff, self.roles, *middle, self.ip)


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of a count."""

    label: str
    count: int
    note: str = ""


def last_days() -> tuple[date, date]:
    """Return the span shown at first: the last thirty days of real time."""
    today = clock.real_now().astimezone(clock.SHANGHAI).date()
    return today - timedelta(days=DAYS - 1), today


def looks(wanted: Wanted, *, limit: int = LISTED) -> Iterator[Look]:
    """Yield the looks, newest first, with names and cases fetched a chunk at a time."""
    rows = list(_rows(wanted).order_by("-id")[:limit])
    names, cases = _names(rows), _cases(rows)
    staff = _staff(row.actor_id for row in rows)
    for row in rows:
        number = str(row.data.get("application", ""))
        yield Look(
            when=row.real_at,
            staff=_whom(row.actor_label, staff),
            roles="、".join(ROLES.get(code, code) for code in row.data.get("roles", [])),
            deed=LABELS.get(row.action, row.action),
            is_refused=row.action == REFUSED,
            application=number,
            case=cases.get(number),
            person=names.get(row.data.get("member"), ""),
            field=FIELDS.get(row.data.get("field", ""), ""),
            reason=str(row.data.get("reason", "")),
            ip=row.ip or "",
        )


def by_staff(wanted: Wanted) -> list[Tally]:
    """Count the looks of each member of staff, most first."""
    found = _counted(_rows(wanted).values(key=F("actor_label")))
    known = _staff_by_label(label for label, _ in found)
    return [Tally(_whom(label, known), count) for label, count in found]


def by_person(wanted: Wanted) -> list[Tally]:
    """Count how often each person was looked at, most first; names are masked."""
    found = _counted(_rows(wanted).filter(data__has_key="member").values(key=KT("data__member")))
    members = dict(Member.objects.filter(pk__in=[key for key, _ in found if key]).values_list("pk", "name"))
    return [Tally(mask_name(members.get(int(key), "")), count, f"会员 {key}") for key, count in found]


def by_day(wanted: Wanted) -> list[Tally]:
    """Count the looks of each day, newest first."""
    days = _rows(wanted).values(key=TruncDate("real_at", tzinfo=clock.SHANGHAI))
    found = days.annotate(count=Count("pk")).order_by("-key")[:TOP]
    return [Tally(row["key"].isoformat(), row["count"]) for row in found]


def workbook(wanted: Wanted) -> bytes:
    """Return the looks and the counts as a workbook; no cell holds a full number."""
    counts: list[tuple[str, list[Tally]]] = [
        ("按会员", by_person(wanted)),
        ("按工作人员", by_staff(wanted)),
        ("按日", by_day(wanted)),
    ]
    rows = (look.cells for look in looks(wanted, limit=EXPORTED))
    sheets = [Sheet("查看记录", HEADINGS, rows)]
    for title, tallies in counts:
        lines = [(one.label, one.note, str(one.count)) for one in tallies]
        sheets.append(Sheet(title, (title.removeprefix("按"), "编号", "次数"), lines))
    return write_workbook(*sheets)


def refused_today() -> int:
    """Count how many people ran into the hourly limit within a day: what leads and auditors are told."""
    since = clock.real_now() - timedelta(days=1)
    refusals = AuditRow.objects.filter(action=REFUSED, real_at__gt=since)
    return refusals.order_by().values("actor_id").distinct().count()


def _rows(wanted: Wanted) -> QuerySet[AuditRow]:
    since = datetime.combine(wanted.since, time(), clock.SHANGHAI)
    until = datetime.combine(wanted.until + timedelta(days=1), time(), clock.SHANGHAI)
    rows = AuditRow.objects.filter(
        action__in=[wanted.action] if wanted.action in LOOKS else LOOKS,
        realm="staff",
        real_at__gte=since,
        real_at__lt=until,
    )
    if wanted.staff:
        rows = rows.filter(actor_label=wanted.staff)
    return rows.filter(data__application=wanted.number) if wanted.number else rows


def _counted(rows: Any) -> list[tuple[str, int]]:
    found = rows.annotate(count=Count("pk")).order_by("-count", "key")[:TOP]
    return [(row["key"], row["count"]) for row in found]


def _names(rows: Iterable[AuditRow]) -> dict[int, str]:
    ids = {row.data["member"] for row in rows if isinstance(row.data.get("member"), int)}
    return {pk: mask_name(name) for pk, name in Member.objects.filter(pk__in=ids).values_list("pk", "name")}


def _cases(rows: Iterable[AuditRow]) -> dict[str, int]:
    numbers = {str(row.data["application"]) for row in rows if row.data.get("application")}
    filed = Application.objects.filter(number__in=numbers).exclude(submitted_at=None)
    return dict(filed.values_list("number", "pk"))


def _staff(ids: Iterable[int | None]) -> Mapping[str, str]:
    people = StaffUser.objects.filter(pk__in={pk for pk in ids if pk})
    return dict(people.values_list("username", "display_name"))


def _staff_by_label(labels: Iterable[str]) -> Mapping[str, str]:
    return dict(StaffUser.objects.filter(username__in=set(labels)).values_list("username", "display_name"))


def _whom(label: str, known: Mapping[str, str]) -> str:
    return f"{known[label]}（{label}）" if known.get(label) else label
