"""A believable year through the services: every act at its own business instant, in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import sync_roles
from subsidy.accounts.services import load_districts
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.audit.services import record
from subsidy.demo.acts import Desk, import_results, perform, prepare_roster
from subsidy.demo.money import Treasury
from subsidy.demo.offices import appoint_staff, open_offices
from subsidy.demo.people import MOST, person
from subsidy.demo.registers import load_registers
from subsidy.demo.stories import EARLY_ROSTER, LATE_ROSTER, MONTH_AGO, Act, Case, Step, cast
from subsidy.registers.services import load_starter_catalogues
from subsidy.rules.deadlines import add_months
from subsidy.rules.terms import Channel
from subsidy.schemes.models import Scheme
from subsidy.schemes.services import load_scheme, read_definition

MEMBERS: Final = 300
STRANGERS: Final = 40
SEEDED: Final = "demo.seed"
SCHEME_FILE: Final = Path(__file__).resolve().parent.parent / "schemes" / "data" / "2024.toml"
FIRST_MORNING: Final = timedelta(hours=9)
SATURDAY: Final = 5
ON_WEEKDAYS: Final = (Channel.PAPER, Channel.STATION)
BY_STAFF: Final = frozenset({Act.FILE_PAPER, Act.RETURN, Act.APPROVE, Act.REJECT, Act.REVOKE})
PAUSE: Final = timedelta(minutes=30)
Report = Callable[[int, int], None]
Planned = tuple[datetime, Callable[[], object]]
Round = Iterable[tuple[float, int, str]]
# For each batch: how old the year must be, then what is done how many days before the start, at which hour.
ROUNDS: Final[Mapping[str, tuple[float, Round]]] = {
    "first": (
        151,
        (
            (84, 9, "build"),
            (84, 10, "freeze"),
            (84, 14, "send"),
            (80, 10, "settle"),
            (66, 10, "send_again"),
            (62, 10, "late_return"),
            (47, 10, "recover"),
        ),
    ),
    "cancelled": (81, ((56, 9, "build"), (56, 10, "freeze"), (56, 15, "cancel"))),
    "second": (81, ((54, 9, "build"), (54, 10, "freeze"), (54, 14, "send"), (50, 10, "settle"))),
    "answered": (53, ((30, 9, "build"), (30, 10, "freeze"), (30, 14, "send"))),
    "sent": (31, ((10, 9, "build"), (10, 10, "freeze"), (10, 14, "send"))),
    "staged": (53, ((2, 16, "stage"),)),
    "frozen": (28, ((1, 16, "build"), (1, 17, "freeze"))),
    "open": (26, ((0, 0, "build"),)),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns "so many days before the start" into business instants of the scheme's year."""

    opens_at: datetime
    start: datetime

    @classmethod
    def of(cls, scheme: Scheme, now: datetime) -> Calendar:
        """Let the story end now, or on the last day of filing if that is over."""
        start = min(now, scheme.closes_at - timedelta(hours=14)).astimezone(clock.SHANGHAI)
        return cls(scheme.opens_at.astimezone(clock.SHANGHAI), start)

    @property
    def days(self) -> float:
        """Return how long the year has lasted."""
        return (self.start - self.opens_at) / timedelta(days=1)

    def at(self, days: float, hour: int, minute: int, *, staff: bool) -> datetime:
        """Return the instant so many days before the start; staff work on weekdays."""
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

    Stories that began before the year did are left out. Runs outside a transaction, as the year's acts did;
    `is_seeded` tells a whole year from a part.
    """
    definition = read_definition(SCHEME_FILE)
    sync_roles()
    load_districts()
    with clock.at(definition["opens_at"]):
        scheme, _ = load_scheme(definition, actor=SYSTEM, publish=True)
    calendar = Calendar.of(scheme, clock.now())
    cases = cast(min(members, MOST - STRANGERS), days=calendar.days)
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
    return Desk(scheme, staff, copied=person(0))


def _agenda(calendar: Calendar, desk: Desk, cases: list[Case], treasury: Treasury) -> Iterator[Entry]:
    counts = Counter(case.story.code for case in cases)
    chains = [
        *(_life(calendar, desk, case, counts[case.story.code]) for case in cases),
        *(_roster(calendar, desk, cases, days) for days in (EARLY_ROSTER, LATE_ROSTER)),
        _batches(calendar, treasury),
    ]
    order = count()
    for chain in chains:
        last = calendar.opens_at
        for at, act in chain:
            last = max(at, last + PAUSE)
            yield Entry(last, next(order), act)


def _life(calendar: Calendar, desk: Desk, case: Case, alike: int) -> Iterator[Planned]:
    for step in case.story.steps:
        yield _instant(calendar, step, case, alike), partial(perform, step.act, desk, case)


def _roster(calendar: Calendar, desk: Desk, cases: list[Case], days: float) -> Iterator[Planned]:
    winners = [case for case in cases if case.story.roster == days]
    also_ran = [person(len(cases) + place) for place in range(2)] if days == LATE_ROSTER else []
    if winners:
        yield calendar.at(days, 9, 20, staff=True), partial(import_results, desk, winners, also_ran)
        yield calendar.at(days, 10, 5, staff=True), partial(prepare_roster, desk, winners)


def _instant(calendar: Calendar, step: Step, case: Case, alike: int) -> datetime:
    days, serial = step.days_ago(case.place, alike), case.person.serial
    if days == MONTH_AGO:
        return add_months(calendar.start, -1) + timedelta(hours=2 + case.place, minutes=serial % 50)
    if days == 0:
        return calendar.before(50 - serial * 7 % 45)
    by_staff = step.act in BY_STAFF or (step.act is Act.FILE and case.channel in ON_WEEKDAYS)
    hour = step.hour or (9 + serial * 3 % 8 if by_staff else 8 + serial * 5 % 13)
    return calendar.at(days, hour, serial * 11 % 60, staff=by_staff)


def _batches(calendar: Calendar, treasury: Treasury) -> Iterator[Planned]:
    for name, (needed, steps) in ROUNDS.items():
        for days, hour, act in steps if calendar.days > needed else ():
            at = calendar.at(days, hour, 15, staff=True) if days else calendar.before(80)
            yield at, partial(getattr(treasury, act), "answered" if name == "staged" else name)
