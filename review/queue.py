"""The saved views of the queue and its change list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from applications.models import Objection
from review.models import Assignment, QueueItem
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.backoffice import COUNT_CAP, CappedCount, KeysetChangeList

VIEW_VAR: Final = "view"
Rows = QuerySet[QueueItem]


@dataclass(frozen=True, slots=True)
class SavedView:
    """One link above the list: which rows, and what to say when there are none."""

    code: str
    label: str
    narrow: Callable[[Rows, StaffUser], Rows]
    empty: str
    is_late: bool = False


def _leases() -> QuerySet[Assignment]:
    return Assignment.objects.filter(application=OuterRef("pk"), expires_at__gt=clock.real_now())


def _in_review(rows: Rows, user: StaffUser) -> Rows:
    return rows.filter(status="submitted")


def _mine(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(Exists(_leases().filter(reviewer=user)))


def _free(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(~Exists(_leases()))


def _late(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(review_due_at__lt=_midnight(0))


def _today(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(review_due_at__gte=_midnight(0), review_due_at__lt=_midnight(1))


def _consistent(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(is_consistent=True)


def _flagged(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(flag_count__gt=0)


def _objected(rows: Rows, user: StaffUser) -> Rows:
    objections = Objection.objects.filter(application=OuterRef("pk"), settled_at=None)
    return _in_review(rows, user).filter(Exists(objections))


def _assisted(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(channel__in=["hotline", "station"])


def _paper(rows: Rows, user: StaffUser) -> Rows:
    return _in_review(rows, user).filter(channel="paper")


def _unanswered(rows: Rows, user: StaffUser) -> Rows:
    return rows.filter(status="returned", correction_due_at__lte=clock.now())


VIEWS: Final = {
    view.code: view
    for view in (
        SavedView("all", "全部在审", _in_review, "没有待审的申报"),
        SavedView("mine", "我的", _mine, "您没有认领中的申报"),
        SavedView("free", "无人认领", _free, "没有无人认领的申报"),
        SavedView("late", "逾期", _late, "没有逾期的申报", is_late=True),
        SavedView("today", "今天到期", _today, "没有今天到期的申报"),
        SavedView("consistent", "核对一致", _consistent, "没有核对一致的申报"),
        SavedView("flagged", "有提示", _flagged, "没有带提示的申报"),
        SavedView("objected", "有异议", _objected, "没有会员提出异议的申报"),
        SavedView("assisted", "代报", _assisted, "没有代报的申报"),
        SavedView("paper", "纸质", _paper, "没有纸质材料的申报"),
        SavedView("unanswered", "补正逾期", _unanswered, "没有补正逾期的申报"),
    )
}


def capped(rows: QuerySet[Any]) -> CappedCount:
    """Count no further than the cap."""
    return CappedCount(rows.order_by().values("pk")[: COUNT_CAP + 1].count())


def counted_views(user: StaffUser, current: str) -> list[dict[str, Any]]:
    """Return the rows of the views partial."""
    return [
        {
            "url": f"?{VIEW_VAR}={view.code}" if view.code != "all" else "?",
            "label": view.label,
            "count": capped(view.narrow(QueueItem.objects.all(), user)),
            "current": view.code == current,
            "late": view.is_late,
        }
        for view in VIEWS.values()
    ]


def staff_of(request: HttpRequest) -> StaffUser:
    """Return the member of staff who asks; the admin lets nobody else in."""
    if not isinstance(request.user, StaffUser):
        raise PermissionDenied
    return request.user


def chosen_view(request: HttpRequest) -> SavedView:
    """Return the view named in the address; an unknown name is the whole queue."""
    return VIEWS.get(request.GET.get(VIEW_VAR, ""), VIEWS["all"])


class QueueChangeList(KeysetChangeList):
    """The queue: a saved view is no filter, and every link keeps it."""

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Return the filters without the name of the view."""
        found = super().get_filters_params(params)
        found.pop(VIEW_VAR, None)
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the rows of the chosen view, filtered and searched."""
        rows = super().get_queryset(request, exclude_parameters)
        return chosen_view(request).narrow(rows, staff_of(request))

    @property
    def page_words(self) -> str:
        """Count cases, not rows."""
        return super().page_words.replace("条", "件")


class ReceivedFilter(admin.SimpleListFilter):
    """收件日, counted on the business clock."""

    title = "收件日"
    parameter_name = "received"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the spans."""
        return [("today", "今天"), ("week", "7 天内"), ("month", "30 天内"), ("earlier", "30 天以前")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to the chosen span."""
        days = {"today": 0, "week": 6, "month": 29, "earlier": 29}.get(self.value() or "")
        if days is None:
            return queryset
        start = _midnight(-days)
        if self.value() == "earlier":
            return queryset.filter(submitted_at__lt=start)
        return queryset.filter(submitted_at__gte=start)


def _midnight(days: int) -> datetime:
    today = clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)
