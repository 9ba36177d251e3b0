"""What the dashboard says of money: where every approved yuan is, and what finance has to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from payouts import resend_page
from payouts.books import Entry, balance
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from payouts.services import holds, waiting
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import FINANCE, Role, has_role
from subsidy.rules.workflow import BatchStatus, LineStatus, ResultFileStatus
from subsidy.schemes.models import Scheme
from subsidy.templatetags.house import money

PLACES = (
    ("已到账", 4, ("paid",)),
    ("发放中", 3, ("open", "sent", "unknown")),
    ("等待发放", 2, ("held", "in_notice")),
    ("失败或退汇，待更正", 1, ("failed", "bounced")),
    ("已撤销或追回", 5, ("revoked", "recovered")),
)


def money_panel(request: HttpRequest) -> dict[str, Any]:
    """Return the figures for whoever may see batches."""
    user = request.user
    if not isinstance(user, StaffUser) or not user.has_perm("payouts.view_payoutbatch"):
        return {}
    left, entries = balance.approved(), balance.standing(clock.now())
    panel: dict[str, Any] = {"money": _where(left, entries)}
    if has_role(user, *FINANCE):
        panel |= _to_do(user)
    return panel


def _where(left: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
    found = {entry.code: entry for entry in entries}
    rows = []
    for label, k, codes in PLACES:
        here = [found[code] for code in codes]
        people, yuan = sum(entry.people for entry in here), sum(entry.yuan for entry in here)
        rows.append({"label": label, "k": k, "people": people, "value": yuan})
    agrees = not balance.imbalance(left, entries)
    return {"people": left.people, "total": left.yuan, "rows": rows, "ok": agrees}


def _to_do(user: StaffUser) -> dict[str, Any]:
    lists = {
        name: reverse(f"admin:payouts_{name}_changelist")
        for name in ("payoutbatch", "resultfile", "payoutline")
    }
    staged = ResultFile.objects.filter(status=ResultFileStatus.STAGED.value).count()
    staged_url = f"{lists['resultfile']}?status__exact=staged"
    rows = [
        *_batches(lists["payoutbatch"]),
        _row(staged_url, "upload", "待应用的回盘", "由另一人应用", staged),
        *_doubts(lists["payoutline"]),
    ]
    panel: dict[str, Any] = {"todo": rows, "greeting": f"{user.display_name}，您好"}
    scheme = Scheme.objects.current(clock.now())
    ready = waiting(scheme) if scheme else None
    if ready and ready.people:
        panel["summary"] = f"有 {ready.people} 人可以发放，共 {money(ready.yuan)} 元。"
    panel["main_action"] = _main_action(user, lists["payoutbatch"], staged_url if staged else "")
    return panel


def _batches(address: str) -> list[dict[str, Any]]:
    steps = (
        (BatchStatus.OPEN, "lock", "待冻结的批次", "制单核对后冻结"),
        (BatchStatus.FROZEN, "tick", "待复核的批次", "由另一人批准"),
        (BatchStatus.EXPORTED, "download", "等回盘的批次", "已送卡系统"),
    )
    return [
        _row(f"{address}?status__exact={status}", icon, label, note, _count(status))
        for status, icon, label, note in steps
    ]


def _doubts(address: str) -> list[dict[str, Any]]:
    """What wants an answer from outside; rows appear only when there is something."""
    unknown = PayoutLine.objects.filter(status=LineStatus.UNKNOWN.value)
    asked = unknown.filter(**resend_page.ASKED).count()
    rows = [
        (f"{address}?resend=asked", "return", "待复核的重送申请", "由另一人批准", asked),
        (
            f"{address}?status__exact=unknown",
            "question",
            "结果不明的明细",
            "向卡系统核实，久无结果可申请重送",
            unknown.count() - asked,
        ),
        (
            reverse("admin:payouts_payoutbatch_held"),
            "alert",
            "暂停发放的申报",
            "核实前不列入批次",
            holds.count(),
        ),
    ]
    return [_row(*row) for row in rows if row[-1]]


def _main_action(user: StaffUser, batches: str, staged: str) -> dict[str, str]:
    """The one thing to do next: a maker builds, a checker looks at results first, then at batches."""
    if has_role(user, Role.FINANCE_MAKER):
        return {"url": reverse("admin:payouts_payoutbatch_build"), "label": "新建批次"}
    if staged:
        return {"url": staged, "label": "复核回盘结果"}
    return {"url": f"{batches}?status__exact=frozen", "label": "复核批次"}


def _row(url: str, icon: str, label: str, note: str, num: int) -> dict[str, Any]:
    return {"url": url, "icon": icon, "label": label, "note": note, "num": num}


def _count(status: BatchStatus) -> int:
    return PayoutBatch.objects.filter(status=status.value).count()
