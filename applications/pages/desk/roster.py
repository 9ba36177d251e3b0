"""The roster of the competition: results on the register, prepared applications, conflicts by name (F4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from applications.models import Application
from applications.pages.access import current_plan
from applications.pages.desk.access import StaffRequest, address_of, desk_page, desk_required
from applications.pages.forms import NO_ERRORS, Errors, refused
from applications.services.roster import RosterReport, prepare_from_roster
from subsidy.accounts.roles import Role
from subsidy.errors import SubsidyError
from subsidy.registers.models import CompetitionResult
from subsidy.rules.deadlines import confirmation_due
from subsidy.rules.reasons import REASONS, ReasonCode
from subsidy.rules.terms import Channel
from subsidy.schemes.models import Scheme

MOST = 500


@desk_required(Role.INTAKE, Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: StaffRequest) -> HttpResponse:
    """Show the register's results and what became of each; prepare applications from them."""
    plan = current_plan()
    if plan is None:
        return desk_page(request, "no_desk.html", {"plan": plan})
    if request.method != "POST":
        return _page(request, plan, NO_ERRORS)
    try:
        report = prepare_from_roster(
            plan, edition=request.POST.get("edition", "")[:100], operator=request.user, ip=address_of(request)
        )
    except SubsidyError as error:
        return _page(request, plan, refused(error))
    done = f"新建 {len(report.prepared)} 份，原来就有 {len(report.existing)} 份。"
    messages.success(request, f"名册已处理：{done}" + ("有下列情况要人工处理。" if report.conflicts else ""))
    return _page(request, plan, NO_ERRORS, report)


def _page(
    request: StaffRequest, plan: Scheme, errors: Errors, report: RosterReport | None = None
) -> HttpResponse:
    prepared = Application.objects.filter(scheme=plan, channel=Channel.ROSTER.value)
    rows = list(
        prepared.select_related("certificate").order_by("certificate__trade", "certificate__rank")[:MOST]
    )
    results = CompetitionResult.objects.values("edition").annotate(n=Count("id")).order_by("edition")
    context = {
        "plan": plan,
        "errors": errors,
        "editions": [
            row | {"is_covered": plan.rules.competition_named(row["edition"]) is not None} for row in results
        ],
        "listed": [_row(plan, row, others) for row, others in _with_others(plan, rows)],
        "report": report,
        "conflicts": report.conflicts if report else [],
        "left_out": _left_out(report) if report else [],
    }
    return desk_page(request, "roster.html", context)


def _row(plan: Scheme, application: Application, other: str) -> dict[str, Any]:
    return {
        "application": application,
        "certificate": application.certificate,
        "due": confirmation_due(application.created_at, plan.rules),
        "other": other,
    }


def _with_others(plan: Scheme, rows: list[Application]) -> list[tuple[Application, str]]:
    """Put beside each waiting winner the application they hold on another ground (五（一）)."""
    waiting = {row.person_index for row in rows if row.status == "awaiting_confirmation"}
    live = Application.objects.live().filter(scheme=plan, person_index__in=waiting)
    held = dict(live.values_list("person_index", "number"))
    return [
        (row, held.get(row.person_index, "") if row.person_index in waiting and not row.is_live else "")
        for row in rows
    ]


def _left_out(report: RosterReport) -> list[dict[str, Any]]:
    return [{"message": _sentence(code), "count": count} for code, count in sorted(report.left_out.items())]


def _sentence(code: str) -> str:
    labels = {
        ReasonCode.TEAM_EVENT: "团体项目",
        ReasonCode.ROUND_NOT_COVERED: "不是决赛",
        ReasonCode.RANK_NOT_COVERED: "名次在资助范围以外",
        ReasonCode.TRADE_NOT_COVERED: "工种不在资助范围",
    }
    known = ReasonCode(code) if code in {one.value for one in REASONS} else None
    return labels.get(known, code) if known else code
