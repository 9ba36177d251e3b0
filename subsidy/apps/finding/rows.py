"""How what was found reads on the page: one line each, with the ways this user may go on from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from subsidy.apps.finding.lookup import MEMBER, MODELS, Found, open_rows

AUDIT: Final = "admin:audit_auditrow_changelist"
RELATED: Final[Mapping[str, tuple[str, ...]]] = {"line": ("application", "batch"), "result": ("batch",)}
Saying = Callable[[Any], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the result."""

    label: str
    note: str
    url: str
    ways: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """All lines of one kind."""

    title: str
    hits: tuple[Hit, ...]


def parts(request: HttpRequest, found: Found) -> Iterator[Part]:
    """Yield what was found and may still be opened by this user."""
    for kind, (title, saying) in SAYINGS.items():
        rows = open_rows(request, kind) if found.get(kind) else None
        if rows is None:
            continue
        rows = rows.filter(pk__in=found[kind]).select_related(*RELATED.get(kind, ())).order_by("-pk")
        hits = tuple(
            Hit(*saying(row), _address(request, kind, row), _ways(request, kind, row)) for row in rows
        )
        if hits:
            yield Part(title, hits)


def only_way(request: HttpRequest, found: Found) -> str:
    """Return the address of the one thing that was found, or nothing when there are several or none."""
    hits = [hit for part in parts(request, found) for hit in part.hits]
    return hits[0].url if len(hits) == 1 else ""


def _address(request: HttpRequest, kind: str, row: Any) -> str:
    if kind == MEMBER:
        return f"{reverse(AUDIT)}?q=member:{row.pk}"
    if kind == "application" and row.submitted_at and request.user.has_perm("review.view_queueitem"):
        return reverse("admin:review_queueitem_change", args=[row.pk])
    meta = MODELS[kind]._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def _ways(request: HttpRequest, kind: str, row: Any) -> tuple[tuple[str, str], ...]:
    """Lead from an application to its money, its decisions and its trail, where the user may read them."""
    if kind != "application":
        return ()
    found = (
        (
            "payouts.view_payoutline",
            f"{reverse('admin:payouts_payoutline_changelist')}?q={row.number}",
            "发放明细",
        ),
        ("review.view_decision", f"{reverse('admin:review_decision_changelist')}?q={row.number}", "审核决定"),
        ("audit.view_auditrow", f"{reverse(AUDIT)}?q=application:{row.pk}", "申报的审计记录"),
        ("audit.view_auditrow", f"{reverse(AUDIT)}?q=member:{row.member_id}", "会员的审计记录"),
    )
    return tuple((url, word) for permission, url, word in found if request.user.has_perm(permission))


SAYINGS: Final[Mapping[str, tuple[str, Saying]]] = {
    "application": (
        "申报",
        lambda row: (row.number, f"{row.name}，{row.get_ground_display()}，{row.get_status_display()}"),
    ),
    "line": (
        "发放明细",
        lambda row: (row.line_ref, f"{row.application.number}，{row.amount} 元，{row.get_status_display()}"),
    ),
    "batch": (
        "发放批次",
        lambda row: (row.number, f"{row.line_count} 人，{row.total} 元，{row.get_status_display()}"),
    ),
    "result": ("回盘文件", lambda row: (row.name, f"批次 {row.batch.number}，{row.get_status_display()}")),
    "holder": ("持卡人登记", lambda row: (row.name, f"{row.union_name}，卡号尾号 {row.card_tail}")),
    "issued": ("证书登记", lambda row: (row.number, f"{row.name}，{row.trade}")),
    "competition": ("大赛名次登记", lambda row: (row.name, f"{row.edition}，{row.trade}，第 {row.rank} 名")),
    MEMBER: ("会员档案", lambda row: (str(row), row.masked_name)),
}
