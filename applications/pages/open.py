"""The pages that anybody may read: start, what would I get, the plan, privacy and help (F6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from applications import consent
from applications.pages import questions
from applications.pages.access import current_plan, page
from applications.pages.forms import NO_ERRORS, invalid
from applications.services.eligibility import judge_claim
from subsidy import clock
from subsidy.rules.claims import Claim
from subsidy.rules.eligibility import Assessment
from subsidy.rules.scheme import Scheme as Rules
from subsidy.rules.scheme import WindowStatus
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme

FEW_MONTHS = 7
WINDOW_CHIPS = {
    WindowStatus.OPEN: ("yes", "年度正在申报"),
    WindowStatus.UPCOMING: ("soon", "年度即将开始"),
    WindowStatus.CLOSED: ("withdrawn", "年度申报已截止"),
}


@dataclass(frozen=True, slots=True)
class Month:
    """One piece of the bar between opening and closing: done, now or empty, and last."""

    number: int
    state: str


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say what there is to get, until when and how."""
    plan = current_plan()
    if plan is None:
        return page(request, "start_none.html")
    now = clock.now()
    return page(request, "start.html", _plan_context(plan, now) | {"months": months(plan.rules, now)})


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Ask, or answer, “what would I get?”; nothing is stored and nothing personal is asked."""
    plan = current_plan()
    if plan is None:
        return page(request, "start_none.html")
    context = _plan_context(plan, clock.now()) | {
        name: request.GET.get(name, "")[:60] for name in questions.NAMES
    }
    if not any(name in request.GET for name in questions.NAMES):
        return page(request, "check.html", context | {"errors": NO_ERRORS})
    try:
        claim = questions.claim_asked(request.GET)
    except ValidationError as error:
        return page(request, "check.html", context | {"errors": _on_this_page(error)})
    found = judge_claim(claim, scheme=plan, at=clock.now())
    return page(request, "check_answer.html", context | _answer(claim, found, plan.rules))


@require_safe
def scheme_text(request: HttpRequest) -> HttpResponse:
    """Show the plan's own words, clause by clause."""
    plan = current_plan()
    if plan is None:
        return page(request, "start_none.html")
    return page(request, "scheme_text.html", _plan_context(plan, clock.now()))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the consent text in force and what is kept."""
    return page(request, "privacy.html", {"text": consent.TEXTS[consent.CURRENT], "version": consent.CURRENT})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Say what to do when the usual way does not work (F2, F5)."""
    return page(request, "help.html", {"plan": current_plan()})


def months(rules: Rules, now: datetime) -> list[Month]:
    """Return the months still of interest until closing; at least the last seven of the window."""
    last = rules.closes_at.astimezone(clock.SHANGHAI)
    end = last.year * 12 + last.month - 1 - (1 if (last.day, last.hour) == (1, 0) else 0)
    local, opens = now.astimezone(clock.SHANGHAI), rules.opens_at.astimezone(clock.SHANGHAI)
    today = local.year * 12 + local.month - 1
    begin = max(opens.year * 12 + opens.month - 1, min(today, end - FEW_MONTHS + 1))
    return [Month(place % 12 + 1, _state(place, today, end)) for place in range(begin, end + 1)]


def _state(place: int, today: int, end: int) -> str:
    state = "done" if place < today else "now" if place == today else ""
    return f"{state} last" if place == end else state


def last_day(rules: Rules) -> date:
    """Return the last day on which one may file."""
    return (rules.closes_at.astimezone(clock.SHANGHAI) - datetime.resolution).date()


def _plan_context(plan: Scheme, now: datetime) -> dict[str, Any]:
    rules = plan.rules
    amounts = [award.amount for award in rules.awards]
    window = rules.window_status(now)
    code, word = WINDOW_CHIPS[window]
    return {
        "plan": plan,
        "rules": rules,
        "window": window.value,
        "window_chip": code,
        "window_word": f"{plan.year} {word}",
        "last_day": last_day(rules),
        "days_left": (last_day(rules) - now.astimezone(clock.SHANGHAI).date()).days,
        "review_words": f"{_count(rules.review_months)}个月",
        "payout_words": f"{_count(rules.payout_months)}个月",
        "least": min(amounts),
        "most": max(amounts),
        "skill_awards": rules.awards_of(Ground.SKILL),
        "other_awards": [*rules.awards_of(Ground.SOCIAL_WORK), *rules.awards_of(Ground.COMPETITION)],
        "groups": questions.groups(rules),
    }


def _count(number: int) -> str:
    return "零一二三四五六七八九十"[number] if number <= 10 else f" {number} "


def _answer(claim: Claim, found: Assessment, rules: Rules) -> dict[str, Any]:
    subject, dated = questions.words(claim)
    met = [_row("ok", one.message, one.clauses) for one in found.checks]
    flags = [_row("flag", one.message, one.clauses) for one in found.flags]
    blocking = [_row("blocking", one.message, one.clauses) for one in found.blocking]
    return {
        "found": found,
        "subject": subject,
        "dated": dated,
        "ground": claim.ground.value,
        "why": met + flags if found.eligible else blocking,
        "to_verify": [_row("todo", one.message, one.clauses) for one in found.to_verify],
        "by_oneself": Channel.MEMBER in rules.doors(claim.ground),
    }


def _row(severity: str, message: str, clauses: tuple[str, ...]) -> dict[str, Any]:
    first, *others = clauses
    named = first if first.startswith("附件") else f"方案{first}"
    return {"severity": severity, "message": message, "clause": [named, *others]}


def _on_this_page(error: ValidationError) -> Any:
    """Name the page's two controls instead of the claim's fields."""
    names = {"issued_on": "dated_on", "approved_on": "dated_on"}
    found = invalid(error)
    return type(found)(
        [type(item)(names.get(item.field, "of"), item.code, _asked_words(item)) for item in found]
    )


def _asked_words(item: Any) -> str:
    is_date = item.field in ("issued_on", "approved_on")
    if item.code == "no_such_day":
        return "这一天不存在，请核对年、月、日。"
    return "请填写证书上完整的年、月、日，例如 2023 年 9 月 12 日。" if is_date else "请选择您的证书或名次。"
