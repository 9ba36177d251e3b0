"""One result file on one page: what applying it would do, or what it did."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from payouts.formats.codes import WhoActs
from payouts.models import ResultFile
from payouts.services import Preview, preview, recorded
from payouts.services.matching import Tally, Verdict
from subsidy.accounts.roles import Role, has_role
from subsidy.rules.workflow import LineStatus, ResultFileStatus, RowOutcome
from subsidy.templatetags.house import cents, money

SHOWN = 50
SAID_PAID: Final = {"outcome": RowOutcome.CONTRADICTS.value, "result": LineStatus.PAID.value}
BOXES = (
    ("paid", "已到账", "tick", "good"),
    ("failed", "失败", "cross", "bad"),
    ("unknown", "结果不明", "question", "act"),
    ("missing", "回盘未列", "minus", "act"),
    ("returned", "退汇", "return", "bad"),
    ("already_final", "已有终态且一致", "ring", ""),
    ("contradicts", "与终态矛盾", "alert", "bad"),
    ("differs", "金额或卡号不同", "alert", "bad"),
)


def show(request: HttpRequest, file: ResultFile) -> HttpResponse:
    """Render the page of a result file."""
    context = {
        **admin.site.each_context(request),
        "opts": ResultFile._meta,
        "title": f"回盘文件 {file.name}",
        "batch": file.batch,
        **preview_context(request.user, file),
    }
    return TemplateResponse(request, "admin/payouts/resultfile/change_form.html", context)


def preview_context(user: Any, file: ResultFile) -> dict[str, Any]:
    """Return what the preview card and its bar show."""
    staged = file.status == ResultFileStatus.STAGED.value
    applied = file.status == ResultFileStatus.APPLIED.value
    found = preview(file) if staged else recorded(file) if applied else Preview()
    checker = has_role(user, Role.FINANCE_CHECKER)
    return {
        "result": file,
        "is_staged": staged,
        "boxes": boxes(found),
        "reasons": found.reasons,
        "reasons_total": _sum([reason.tally for reason in found.reasons]),
        "set_aside": [_aside(verdict) for verdict in found.set_aside[:SHOWN]],
        "set_aside_count": len(found.set_aside),
        "may_apply": staged and checker and file.imported_by_id != user.pk,
        "may_discard": staged and (checker or has_role(user, Role.FINANCE_MAKER)),
        "what_next": _what_next(found),
        "said_paid": _said_paid(found) if staged else file.rows.filter(**SAID_PAID).count(),
    }


def boxes(found: Preview) -> list[dict[str, Any]]:
    """Return the counted outcomes for the boxes, four across."""
    both = _sum([found.amount_differs, found.card_differs])
    rows = []
    for name, label, icon, tone in BOXES:
        tally: Tally = both if name == "differs" else getattr(found, name)
        row: dict[str, Any] = {"label": label, "count": 0, "icon": "ring"}
        if tally.count:
            row |= {"count": money(tally.count), "sum": f"{money(tally.yuan)} 元", "icon": icon, "tone": tone}
        rows.append(row)
    return rows


def _sum(tallies: list[Tally]) -> Tally:
    return Tally(sum(tally.count for tally in tallies), sum(tally.yuan for tally in tallies))


def _aside(verdict: Verdict) -> dict[str, str]:
    line, row = verdict.line, verdict.row
    ours = f"{LineStatus(line.status).label}，{cents(line.amount)} 元，卡尾号 {line.card_number[-4:]}"
    theirs = f"{row.raw_code}，{row.amount_fen / 100:,.2f} 元，卡尾号 {row.card_number[-4:]}"
    return {
        "row": str(row.row),
        "ref": line.line_ref,
        "why": verdict.outcome.label,
        "ours": ours,
        "theirs": theirs,
    }


def _said_paid(found: Preview) -> int:
    """Count what a staged file calls paid although our record says otherwise."""
    paid = (RowOutcome.CONTRADICTS, LineStatus.PAID)
    return sum((verdict.outcome, verdict.claim) == paid for verdict in found.set_aside)


def _what_next(found: Preview) -> str:
    asked = _sum([reason.tally for reason in found.reasons if reason.meaning.acts is WhoActs.MEMBER]).count
    words = [f"应用后，{found.paid.count} 人记为已到账"]
    if asked:
        words.append(f"{asked} 人收到短信改卡")
    waiting = found.unknown.count + found.missing.count
    if waiting:
        words.append(f"{waiting} 笔留在本批等补充回盘")
    return "，".join(words) + "。"
