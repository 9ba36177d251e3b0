"""The association's roster: each covered winner gets a prepared application to confirm (四（一）3, F4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from applications.models import Application, Certificate
from applications.models.application import next_number
from applications.services.desks import require_desk
from applications.services.drafts import require_open_door
from applications.services.facts import certificate_key
from applications.services.transitions import Step, start
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.services import find_or_create_member_for_filing, staff_actor
from subsidy.audit.services import record
from subsidy.errors import RuleRefused, SubsidyError
from subsidy.notices.services import enqueue
from subsidy.registers.models import CompetitionResult
from subsidy.rules.claims import NOTHING_KNOWN, CompetitionClaim
from subsidy.rules.deadlines import confirmation_due
from subsidy.rules.eligibility import assess
from subsidy.rules.folding import fold_competition
from subsidy.rules.identity import InvalidValue, check_mobile
from subsidy.rules.moments import end_text, instant_text
from subsidy.rules.scheme import WindowStatus
from subsidy.rules.scheme_parts import Competition
from subsidy.rules.terms import Channel, CompetitionRound, Ground
from subsidy.rules.workflow import ApplicationStatus
from subsidy.schemes.models import Scheme


@dataclass(frozen=True, slots=True)
class RosterConflict:
    """One row for a person to look at: which result, why, and the application concerned."""

    result_id: int
    trade: str
    rank: int
    code: str
    message: str
    number: str = ""


@dataclass(slots=True)
class RosterReport:
    """What became of every row of the roster: nothing is dropped without a word."""

    prepared: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    conflicts: list[RosterConflict] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Rows the plan does not fund, by reason code: team events, other rounds, lower ranks."""


def prepare_from_roster(scheme: Scheme, *, edition: str, operator: StaffUser, ip: str = "") -> RosterReport:
    """Prepare an application for every covered individual winner of an imported roster; safe to repeat.

    This instant is the roster's filing instant (E8). A row that cannot be prepared is a conflict, and so is
    a winner who has another application; the others go on.
    """
    require_desk(operator, Channel.ROSTER)
    require_open_door(scheme, Ground.COMPETITION, Channel.ROSTER)
    competition = _competition(scheme, edition)
    now = clock.now()
    _require_open(scheme, now)
    report = RosterReport()
    with transaction.atomic():
        rows = _rows(competition)
        if not rows:
            raise RuleRefused(f"登记库里没有“{edition}”的名次。请先导入大赛名册。", field="edition")
        for row in rows:
            _take_row(row, scheme, now, operator, ip, report)
        record(
            "roster.prepare",
            actor=staff_actor(operator, ip),
            target=f"scheme:{scheme.pk}",
            data={
                "prepared": len(report.prepared),
                "existing": len(report.existing),
                "conflicts": len(report.conflicts),
                "left_out": dict(report.left_out),
            },
        )
    return report


def _competition(scheme: Scheme, edition: str) -> Competition:
    competition = scheme.rules.competition_named(edition)
    if competition is None:
        names = "、".join(f"“{one.name}”" for one in scheme.rules.competitions) or "（方案未列）"
        raise RuleRefused(
            f"“{edition}”不在本年度方案的大赛里。方案列明的是{names}。",
            code="COMPETITION_NOT_COVERED",
            field="edition",
        )
    return competition


def _require_open(scheme: Scheme, now: datetime) -> None:
    rules = scheme.rules
    status = rules.window_status(now)
    if status is WindowStatus.UPCOMING:
        sentence = f"申报从 {instant_text(rules.opens_at)} 开始，请到时再建立。"
        raise RuleRefused(sentence, code="FILED_BEFORE_OPENING")
    if status is WindowStatus.CLOSED:
        sentence = f"申报已于 {end_text(rules.closes_at)} 截止，不能再按名册建立申报。"
        raise RuleRefused(sentence, code="FILED_AFTER_CLOSING")


def _rows(competition: Competition) -> list[CompetitionResult]:
    """Return the results of the competition in one order for everybody, so that two runs never cross."""
    rows = CompetitionResult.objects.order_by("resident_id_index", "pk")
    return [row for row in rows if fold_competition(row.edition) in competition.keys]


def _take_row(
    row: CompetitionResult,
    scheme: Scheme,
    now: datetime,
    operator: StaffUser,
    ip: str,
    report: RosterReport,
) -> None:
    try:
        refused = _refused(row, scheme, now)
        if refused:
            report.left_out[refused] += 1
            return
        with transaction.atomic():
            member = _winner(row, operator, ip)
            application, is_new = _prepared(row, member, scheme, operator, ip)
    except SubsidyError as error:
        report.conflicts.append(RosterConflict(row.pk, row.trade, row.rank, error.code, error.message))
        return
    (report.prepared if is_new else report.existing).append(application.number)
    for code, message, number in _conflicts(row, application):
        report.conflicts.append(RosterConflict(row.pk, row.trade, row.rank, code, message, number))


def _refused(row: CompetitionResult, scheme: Scheme, now: datetime) -> str:
    """Return the code of the first rule in the way of the placing itself, "" when it is funded (二（三）)."""
    if row.round not in list(CompetitionRound):
        raise RuleRefused("赛段不是“决赛”或“半决赛”，请更正名册。", code="INVALID", field="round")
    claim = CompetitionClaim(
        rank=row.rank,
        team=row.is_team,
        round=CompetitionRound(row.round),
        competition=row.edition,
        trade=row.trade,
    )
    blocking = assess(claim, NOTHING_KNOWN, scheme.rules, now).blocking
    return blocking[0].code.value if blocking else ""


def _winner(row: CompetitionResult, operator: StaffUser, ip: str) -> Member:
    return find_or_create_member_for_filing(
        name=row.name,
        resident_id=row.resident_id,
        mobile=_mobile(row),
        card_number=None,
        operator=operator,
        employer=row.employer,
        ip=ip,
    )


def _mobile(row: CompetitionResult) -> str | None:
    """A wrong number is as good as none: it is reported, and the winner still gets their application."""
    try:
        return check_mobile(row.mobile) if row.mobile else None
    except InvalidValue:
        return None


def _prepared(
    row: CompetitionResult, member: Member, scheme: Scheme, operator: StaffUser, ip: str
) -> tuple[Application, bool]:
    """Return the application on this placing, made now if there is none; the person's lock is held."""
    certificate = Certificate(
        ground=Ground.COMPETITION.value,
        member=member,
        competition=row.edition,
        trade=row.trade,
        round=row.round,
        rank=row.rank,
    )
    person = member.resident_id_index or ""
    key = certificate_key(certificate, person)
    found = Application.objects.filter(
        scheme=scheme, channel=Channel.ROSTER.value, person_index=person, certificate_key=key
    ).first()
    if found is not None:
        return found, False
    certificate.save()
    application = _new(certificate, key, scheme, operator)
    application.employer = member.employer or row.employer
    due = confirmation_due(clock.now(), scheme.rules)
    start(application, Step("prepare", staff_actor(operator, ip), deadline=due))
    _ask_to_confirm(application, due)
    return application, True


def _new(certificate: Certificate, key: str, scheme: Scheme, operator: StaffUser) -> Application:
    member = certificate.member
    return Application(
        number=next_number(scheme.year),
        scheme=scheme,
        ground=Ground.COMPETITION.value,
        channel=Channel.ROSTER.value,
        status=ApplicationStatus.AWAITING_CONFIRMATION.value,
        member=member,
        person_index=member.resident_id_index or "",
        name=member.name,
        position=member.position,
        district=member.district,
        certificate=certificate,
        certificate_key=key,
        filed_by=operator,
        office=operator.office,
    )


def _ask_to_confirm(application: Application, due: datetime) -> None:
    """Tell the winner, or nothing would be confirmed; who has no number is reported (F4, F7)."""
    if mobile := application.member.mobile:
        context = {"number": application.number, "deadline": instant_text(due)}
        enqueue("confirm_wanted", mobile=mobile, member_id=application.member_id, context=context)


def _conflicts(row: CompetitionResult, application: Application) -> Iterator[tuple[str, str, str]]:
    """Say what stands between a prepared application and its confirmation: (code, sentence, number)."""
    if application.status == ApplicationStatus.WITHDRAWN:
        yield "DECLINED", "本人已选择不领取或已撤回，不再建立。", application.number
        return
    if application.certificate is not None and application.certificate.rank != row.rank:
        held = application.certificate.rank
        yield "RANK_DIFFERS", f"名册改为第 {row.rank} 名，申报里是第 {held} 名，请核对。", application.number
    if application.status != ApplicationStatus.AWAITING_CONFIRMATION:
        return
    others = Application.objects.filter(
        scheme=application.scheme, person_index=application.person_index
    ).exclude(pk=application.pk)
    for other in others.live().order_by("pk"):
        ground = Ground(other.ground).label
        yield "ALREADY_APPLIED", f"本人已以“{ground}”申报，须由本人选择改报或不领取。", other.number
    for other in others.filter(status=ApplicationStatus.AWAITING_CONFIRMATION.value).order_by("pk"):
        yield "SEVERAL_PLACINGS", "本人还有另一个名次，只能确认其中一个。", other.number
    if row.mobile and _mobile(row) is None:
        yield "BAD_MOBILE", "名册里的手机号有误，请核对后联系本人。", application.number
    elif application.member.mobile_index is None:
        yield "NO_MOBILE", "没有手机号，无法短信通知，请联系本人。", application.number
