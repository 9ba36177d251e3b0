"""All that one case page needs, as data: comparison, rules, other applications, history (V2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from applications.actions import ACTIONS
from applications.models import Application, Attachment, Event, Objection
from review.comparison import Match, Row
from review.crosscheck import compare
from review.models import Assignment, Decision
from review.services.decisions import judge
from review.services.leases import held
from subsidy.accounts.models import StaffUser
from subsidy.rules.eligibility import Assessment

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the rule outcome."""

    severity: str
    message: str
    clause: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of the case and who took it."""

    when: datetime
    text: str
    note: str
    act: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another application that has to do with this one, and why."""

    application: Application
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The case page."""

    application: Application
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    assessment: Assessment
    attachments: tuple[Attachment, ...]
    earlier: tuple[Application, ...]
    this_year: tuple[Application, ...]
    elsewhere: tuple[Elsewhere, ...]
    history: tuple[HistoryLine, ...]
    decisions: tuple[Decision, ...]
    assignment: Assignment | None
    objection: Objection | None

    @property
    def filed(self) -> dict[str, str]:
        """Return what was filed, by field."""
        return {row.field: row.claimed for row in self.rows}

    @property
    def differing(self) -> tuple[Row, ...]:
        """Return the rows that a reviewer should look at."""
        return tuple(row for row in self.rows if row.match in (Match.NEAR, Match.DIFF))


def gather_evidence(application: Application) -> Evidence:
    """Collect the case page in a fixed number of queries, whatever the size of the tables."""
    _, assessment = judge(application)
    others = list(_same_person(application))
    return Evidence(
        application=application,
        rows=tuple(compare(application)),
        findings=tuple(_findings(assessment)),
        assessment=assessment,
        attachments=tuple(application.attachments.order_by("superseded_at", "-id")[: 2 * SHOWN]),
        earlier=tuple(one for one in others if one.scheme_id != application.scheme_id),
        this_year=tuple(one for one in others if one.scheme_id == application.scheme_id),
        elsewhere=tuple(_elsewhere(application)),
        history=tuple(_history(application)),
        decisions=tuple(application.decisions.select_related("reviewer").order_by("-id")[:SHOWN]),
        assignment=held(application),
        objection=application.objections.filter(settled_at=None).first(),
    )


def _findings(assessment: Assessment) -> Iterator[Finding]:
    for reason in assessment.reasons:
        yield Finding(reason.severity.value, reason.message, reason.clauses)
    for statement in assessment.statements:
        yield Finding("ok" if statement.is_met else "todo", statement.message, statement.clauses)


def _same_person(application: Application) -> Iterator[Application]:
    filed = Application.objects.filter(person_index=application.person_index).exclude(pk=application.pk)
    if application.person_index:
        yield from filed.exclude(submitted_at=None).select_related("scheme").order_by("-id")[:SHOWN]


def _elsewhere(application: Application) -> Iterator[Elsewhere]:
    """Find the card, the mobile and the certificate in other people's applications."""
    strangers = Application.objects.exclude(pk=application.pk).exclude(person_index=application.person_index)
    strangers = strangers.exclude(submitted_at=None).select_related("scheme").order_by("-id")
    card, mobile = application.card_index, application.member.mobile_index
    same = Application.objects.exclude(pk=application.pk).exclude(submitted_at=None)
    same = same.filter(certificate_key=application.certificate_key).select_related("scheme").order_by("-id")
    looks = (
        ("同卡", strangers.filter(card_index=card) if card else None),
        ("同手机", strangers.filter(member__mobile_index=mobile) if mobile else None),
        ("同证书", same if application.certificate_key else None),
    )
    for why, found in looks:
        for one in found[:SHOWN] if found is not None else ():
            yield Elsewhere(one, why)


def _history(application: Application) -> Iterator[HistoryLine]:
    events = list(application.events.order_by("-id")[: 3 * SHOWN])
    staff_ids = [event.actor_id for event in events if event.actor_realm == "staff" and event.actor_id]
    names = dict(StaffUser.objects.filter(pk__in=staff_ids).values_list("pk", "display_name"))
    for event in events:
        what = _states(event) or ACTIONS.get(event.action, event.action)
        yield HistoryLine(
            event.business_at,
            f"{_who(event, names)}{what}，第 {event.version} 版",
            "；".join([*event.remarks.values(), event.note]).strip("；"),
            event.action in ("return", "resubmit", "revoke", "object"),
        )


def _who(event: Event, names: dict[int, str]) -> str:
    if event.actor_realm == "staff":
        return names.get(event.actor_id or 0, "工作人员")
    return "会员" if event.actor_realm == "member" else "系统"


def _states(event: Event) -> str:
    """Return where the money stands now when the step moved it."""
    if event.from_payment in ("", event.to_payment):
        return ""
    return f"记为{event.get_to_payment_display()}"
