"""One batch on one page: its way, its totals, its files, and what may be done with it now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib import admin
from django.db.models import Count, Min, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from payouts.models import PayoutBatch, PayoutFile, ResultFile, ResultLine
from payouts.result_page import SAID_PAID, preview_context
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.audit.models import AuditRow
from subsidy.rules.workflow import LIVE_LINES, BatchStatus, LineStatus, ResultFileStatus
from subsidy.templatetags.house import money, table_moment

WORDS: Final = {
    "payout.build": "建批",
    "payout.set_aside": "有明细不能发放，已放回",
    "payout.freeze": "冻结",
    "payout.approve": "批准",
    "payout.export_asked": "要求导出",
    "payout.export": "导出文件，明细已送出",
    "payout.cancel": "取消批次",
    "payout.settle": "全部有结果，结清",
    "payout.download": "下载",
    "payout.resend_ask": "申请重送明细",
    "payout.resend_approve": "批准重送明细",
    "payout.resend_refuse": "退回重送申请，明细",
    "payout.result_stage": "导入回盘文件",
    "payout.result_apply": "应用回盘结果",
    "payout.result_discard": "退回回盘文件",
}


class Mark(NamedTuple):
    """One place on the batch's way."""

    label: str
    at: datetime | None
    who: str
    icon: str
    expected: str


def show(request: HttpRequest, batch: PayoutBatch, errors: Sequence[dict[str, str]] = ()) -> HttpResponse:
    """Render the page; errors come from a refused deed."""
    staged = batch.results.filter(status=ResultFileStatus.STAGED.value).order_by("id").first()
    files = sorted(batch.files.defer("content"), key=lambda file: (file.part == 0, file.part, file.format))
    context = {
        **admin.site.each_context(request),
        "opts": PayoutBatch._meta,
        "title": f"发放批次 {batch.number}",
        "batch": batch,
        "due_at": _due(batch),
        "track": track(batch, staged),
        "card_hash": _grouped(batch.card_hash_total),
        "states": _states(batch),
        "contradicted": batch.lines.filter(
            pk__in=ResultLine.objects.filter(**SAID_PAID).values("line")
        ).count(),
        "files": _with_first_download(files),
        "parts": [file for file in files if file.format == "txt"],
        "results": batch.results.select_related("imported_by", "applied_by").defer("content").order_by("-id"),
        "history": _history(batch, files),
        "errors": list(errors),
        **powers(request.user, batch, staged),
        **(preview_context(request.user, staged) if staged else {}),
    }
    status = 422 if errors else 200
    return TemplateResponse(request, "admin/payouts/payoutbatch/change_form.html", context, status=status)


def track(batch: PayoutBatch, staged: ResultFile | None) -> list[dict[str, str]]:
    """Return the batch's way: done, now, next."""
    maker, files = str(batch.built_by), f"{batch.files.count()} 份文件"
    answered = batch.results.filter(status=ResultFileStatus.APPLIED.value).order_by("-id").first()
    applied_at = None if staged or answered is None else answered.applied_at
    applier = str(answered.applied_by) if answered else ""
    marks = [
        Mark("建批", batch.built_at, maker, "layers", ""),
        Mark("冻结", batch.frozen_at, str(batch.frozen_by or ""), "lock", "固定姓名、卡号和金额"),
        Mark("批准", batch.approved_at, str(batch.approved_by or ""), "tick", "由另一人复核"),
        Mark("导出送卡系统", batch.exported_at, files, "download", "批准后自动导出"),
        Mark("回盘", applied_at, applier, "upload", "待复核应用" if staged else "等卡系统发来"),
        Mark("结清", batch.settled_at, "", "yuan", "全部有结果后"),
    ]
    if batch.status == BatchStatus.CANCELLED.value:
        cancelled = Mark("取消", batch.cancelled_at, str(batch.cancelled_by or ""), "minus", "")
        marks = [mark for mark in marks if mark.at] + [cancelled]
    done = [mark.at is not None for mark in marks]
    now = done.index(False) if False in done else -1
    return [_step(mark, index == now) for index, mark in enumerate(marks)]


def powers(user: Any, batch: PayoutBatch, staged: ResultFile | None) -> dict[str, Any]:
    """Say what this user may do now, for the page only; the services judge again."""
    maker, checker = has_role(user, Role.FINANCE_MAKER), has_role(user, Role.FINANCE_CHECKER)
    status = BatchStatus(batch.status)
    sent = status in (BatchStatus.EXPORTED, BatchStatus.SETTLED)
    deeds = {
        "freeze": maker and status is BatchStatus.OPEN,
        "approve": checker
        and status is BatchStatus.FROZEN
        and user.pk not in (batch.built_by_id, batch.frozen_by_id),
        "export": maker and status is BatchStatus.APPROVED,
        "import": maker and sent and staged is None,
        "cancel": (maker or checker)
        and status in (BatchStatus.OPEN, BatchStatus.FROZEN, BatchStatus.APPROVED),
    }
    waits = {
        BatchStatus.OPEN: "等财务制单冻结。",
        BatchStatus.FROZEN: "等财务复核批准；制单人和冻结人不能批准自己的批次。",
        BatchStatus.APPROVED: "后台正在导出，一般一分钟内完成；请稍后刷新。",
        BatchStatus.EXPORTED: "等卡系统回盘；收到后由财务制单导入，财务复核应用。",
    }
    return {
        "may": deeds,
        "may_act": any(deeds.values()),
        "may_download": maker or checker,
        "waits_for": waits.get(status, ""),
    }


def _step(mark: Mark, is_now: bool) -> dict[str, str]:
    if mark.at:
        return {"state": "done", "label": mark.label, "when": table_moment(mark.at), "who": mark.who}
    state = "now" if is_now else "next"
    return {"state": state, "label": mark.label, "icon": mark.icon, "when": mark.expected}


def _due(batch: PayoutBatch) -> datetime | None:
    live = batch.lines.filter(
        status__in=[state.value for state in LIVE_LINES if state is not LineStatus.PAID]
    )
    due: datetime | None = live.aggregate(due=Min("application__payout_due_at"))["due"]
    return due


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + 3] for start in range(0, len(digits), 3))


def _states(batch: PayoutBatch) -> list[dict[str, Any]]:
    rows = batch.lines.order_by().values_list("status").annotate(Count("pk"), Sum("amount"))
    found = {status: (count, total) for status, count, total in rows}
    return [
        {
            "code": state.value,
            "label": state.label,
            "count": found[state.value][0],
            "total": found[state.value][1],
        }
        for state in LineStatus
        if state.value in found
    ]


def _with_first_download(files: Sequence[PayoutFile]) -> list[dict[str, Any]]:
    targets = [f"payout-file:{file.pk}" for file in files]
    rows = AuditRow.objects.filter(action="payout.download", target__in=targets).order_by("target", "id")
    first = {row.target: row for row in rows.distinct("target")}
    people = _names(first.values())
    return [{"file": file, "first": _first(first.get(f"payout-file:{file.pk}"), people)} for file in files]


def _first(row: AuditRow | None, people: dict[int, str]) -> str:
    return f"{table_moment(row.business_at)} {people.get(row.actor_id or 0, '')}" if row else "还没有下载"


def _names(rows: Any) -> dict[int, str]:
    ids = {row.actor_id for row in rows if row.realm == "staff"}
    return {user.pk: str(user) for user in StaffUser.objects.filter(pk__in=ids)}


def _history(batch: PayoutBatch, files: Sequence[PayoutFile]) -> list[dict[str, Any]]:
    targets = [f"payout-batch:{batch.pk}", *(f"payout-file:{file.pk}" for file in files)]
    targets += [f"result-file:{pk}" for pk in batch.results.values_list("pk", flat=True)]
    rows = list(AuditRow.objects.filter(target__in=targets, action__in=list(WORDS)).order_by("-id")[:50])
    people = _names(rows)
    return [
        {
            "when": table_moment(row.business_at),
            "text": f"{people.get(row.actor_id or 0, '系统')} {WORDS[row.action]}{_detail(row.data)}",
            "act": row.action in ("payout.cancel", "payout.set_aside"),
        }
        for row in rows
    ]


def _detail(data: dict[str, Any]) -> str:
    details: list[tuple[str, Callable[[Any], str]]] = [
        ("file", lambda value: f" {value}"),
        ("line", lambda value: f" {value}"),
        ("note", lambda value: f"：{value}" if value else ""),
    ]
    words = "".join(say(data[name]) for name, say in details if name in data)
    paid = data.get("paid")
    return f"{words}，到账 {money(paid['yuan'])} 元" if isinstance(paid, dict) else words
