"""A believable year through the services: every act at its own business instant, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import sync_roles
from subsidy.accounts.services import load_districts
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.audit.services import record
from subsidy.demo.acts import Desk, perform
from subsidy.demo.money import Treasury
from subsidy.demo.offices import appoint_staff, open_offices
from subsidy.demo.people import MOST, person
from subsidy.demo.registers import load_registers
from subsidy.demo.stories import BUILD_DAYS, MONTH_AGO, Case, Step, cast
from subsidy.registers.services import load_starter_catalogues
from subsidy.rules.deadlines import add_months
from subsidy.schemes.models import Scheme
from subsidy.schemes.services import load_scheme, read_definition

MEMBERS: Final = 84
STRANGERS: Final = 40
SEEDED: Final = "demo.seed"
SCHEME_FILE: Final = Path(__file__).resolve().parent.parent / "schemes" / "data" / "2024.toml"
PLANNED_DAYS: Final = 160
FIXED_DAYS: Final = 36
SHORTEST: Final = timedelta(days=50)
FIRST_MORNING: Final = timedelta(days=1, hours=9)
SATURDAY: Final = 5
Report = Callable[[int, int], None]


class TooEarly(ValueError):
    """The year has not lasted long enough for a story; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns "so many days before the start" into business instants of the scheme's year."""

    opens_at: datetime
    start: datetime

    @classmethod
    def of(cls, scheme: Scheme, now: datetime) -> Calendar:
        """Let the story end now, or on the last day of filing if that is over; raises TooEarly."""
        start = min(now, scheme.closes_at - timedelta(hours=14)).astimezone(clock.SHANGHAI)
        opens_at = scheme.opens_at.astimezone(clock.SHANGHAI)
        if start - opens_at < SHORTEST:
            earliest = (opens_at + SHORTEST + timedelta(days=1)).date()
            raise TooEarly(f"演示日期太早，排不下一年的故事。请用 --date {earliest} 或以后的日期。")
        return cls(opens_at, start)

    def at(self, days: float, hour: int, minute: int, *, staff: bool) -> datetime:
        """Return the instant; staff work on weekdays, days long past draw together if the year is young."""
        span = (self.start - self.opens_at).days - 2
        if days > FIXED_DAYS and span < PLANNED_DAYS:
            days = FIXED_DAYS + (days - FIXED_DAYS) * (span - FIXED_DAYS) / (PLANNED_DAYS - FIXED_DAYS)
        day = self.start - timedelta(days=round(days))
        while staff and day.weekday() >= SATURDAY:
            day -= timedelta(days=1)
        return day.replace(hour=hour, minute=minute, second=(hour * 7 + minute) % 60, microsecond=0)

    def before(self, minutes: int) -> datetime:
        """Return an instant shortly before the start."""
        return self.start - timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line of the agenda."""

    at: datetime
    order: int
    do: Callable[[], object]


def is_seeded() -> bool:
    """Say whether the year was seeded to its end."""
    return AuditRow.objects.filter(action=SEEDED).exists()


def is_touched() -> bool:
    """Say whether anything at all was kept here."""
    return StaffUser.objects.exists() or Scheme.objects.exists()


def seed(*, members: int = MEMBERS, folder: Path | None = None, report: Report | None = None) -> list[Case]:
    """Seed people, registers, cases and batches; exported files and answers are copied to the folder.

    Raises TooEarly. Runs outside a transaction, as the year's acts did; `is_seeded` tells a whole one.
    """
    definition = read_definition(SCHEME_FILE)
    sync_roles()
    load_districts()
    with clock.at(definition["opens_at"]):
        scheme, _ = load_scheme(definition, actor=SYSTEM, publish=True)
    calendar, cases = Calendar.of(scheme, clock.now()), cast(min(members, MOST - STRANGERS))
    with clock.at(calendar.opens_at + FIRST_MORNING):
        desk = _furnish(scheme, cases)
    agenda = sorted(_agenda(calendar, desk, cases, Treasury(desk, cases, folder)))
    for done, entry in enumerate(agenda, 1):
        with clock.at(entry.at):
            entry.do()
        if report:
            report(done, len(agenda))
    record(SEEDED, actor=SYSTEM, data={"members": len(cases)})
    return cases


def _furnish(scheme: Scheme, cases: list[Case]) -> Desk:
    open_offices()
    staff = appoint_staff()
    load_starter_catalogues(actor=SYSTEM)
    strangers = [person(serial) for serial in range(len(cases), len(cases) + STRANGERS)]
    load_registers(cases, strangers, by=staff["admin1"])
    return Desk(scheme, staff, copied=cases[0].person)


def _agenda(calendar: Calendar, desk: Desk, cases: list[Case], treasury: Treasury) -> Iterator[Entry]:
    order = 0
    for case in cases:
        count = sum(other.story is case.story for other in cases)
        for step in case.story.steps:
            order += 1
            yield Entry(_instant(calendar, step, case, count), order, partial(perform, step.act, desk, case))
    for at, act in _batches(calendar, treasury):
        order += 1
        yield Entry(at, order, act)


def _instant(calendar: Calendar, step: Step, case: Case, count: int) -> datetime:
    days, serial = step.days_ago(case.place, count), case.person.serial
    if days == MONTH_AGO:
        return add_months(calendar.start, -1) + timedelta(hours=2 + case.place, minutes=serial % 50)
    if days == 0:
        return calendar.before(50 - serial * 7 % 45)
    by_staff = not step.act.value.startswith(("begin", "file", "resubmit"))
    hour = step.hour or (9 + serial * 3 % 8 if by_staff else 8 + serial * 5 % 13)
    return calendar.at(days, hour, serial * 11 % 60, staff=by_staff)


def _batches(calendar: Calendar, treasury: Treasury) -> Iterator[tuple[datetime, Callable[[], object]]]:
    def day(name: str, after: float, hour: int) -> datetime:
        return calendar.at(BUILD_DAYS[name] - after, hour, 15, staff=True)

    for name in ("first", "cancelled", "second", "answered", "sent", "frozen"):
        evening = 16 if name == "frozen" else 9
        yield day(name, 0, evening), partial(treasury.build, name)
        yield day(name, 0, evening + 1), partial(treasury.freeze, name)
    for name in ("first", "second", "answered", "sent"):
        yield day(name, 0, 14), partial(treasury.send, name)
    yield day("cancelled", 0, 15), partial(treasury.cancel, "cancelled")
    yield day("first", 4, 10), partial(treasury.settle, "first")
    yield day("first", 22, 10), partial(treasury.late_return, "first")
    yield day("second", 4, 10), partial(treasury.settle, "second")
    yield day("answered", 28, 16), partial(treasury.stage, "answered")
    yield calendar.before(80), partial(treasury.build, "open")
