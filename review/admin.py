"""The review queue and the case page in the admin; decisions and leases are for reading only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from applications.search import SEARCH_HELP, by_shape
from review import casework, disclosure_pages, panels, reveal_page, staff_admin  # noqa: F401
from review.columns import QueueColumns
from review.models import Assignment, Decision, QueueItem
from review.queue import QueueChangeList, ReceivedFilter, chosen_view, counted_views, staff_of
from review.services import release, take
from review.services.reveals import may_reveal
from subsidy.accounts.roles import REVIEWERS, has_role
from subsidy.accounts.services import client_address
from subsidy.backoffice import KeysetAdmin, ReadOnlyAdmin
from subsidy.errors import SubsidyError

AT_ONCE = 50

admin.site.add_panel(panels.review_panel)  # type: ignore[attr-defined]


@admin.action(description="认领所选的申报")
def take_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[QueueItem]) -> None:
    """Lease the ticked cases, each by itself; what cannot be had is named."""
    _each(request, queryset, take, "已认领 {} 件。")


@admin.action(description="把所选的放回队列")
def release_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[QueueItem]) -> None:
    """Give the ticked cases back."""
    _each(request, queryset, release, "已放回 {} 件。")


@admin.register(QueueItem)
class QueueItemAdmin(QueueColumns, KeysetAdmin, ReadOnlyAdmin):
    """What is due first on top; a case opens as one page."""

    keyset = "review_due_at"
    list_display = ("due", "applicant", "subject", "award_amount", "agreement", "door", "holder")
    list_display_links = ("applicant",)
    list_filter = ("ground", "certificate__level", "channel", "district", ReceivedFilter)
    list_select_related = ("certificate", "assignment__reviewer")
    list_per_page = 50
    sortable_by = ()
    search_fields = ("number",)
    search_help_text = SEARCH_HELP
    finds_numbers = True
    actions = (take_selected, release_selected)  # type: ignore[assignment]
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that knows the saved views."""
        return QueueChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[QueueItem]:
        """Leave the sealed card number in the database; no list shows it."""
        return super().get_queryset(request).exclude(submitted_at=None).defer("card_number")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the shape of the term."""
        return (by_shape(queryset, search_term) if search_term.strip() else queryset), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer actions to reviewers only."""
        return super().get_actions(request) if has_role(request.user, *REVIEWERS) else {}

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = (("", "选一项动作"),)
    ) -> list[tuple[str, str]]:
        """Name the empty choice."""
        return super().get_action_choices(request, list(default_choices))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the queue under its saved views."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        view = chosen_view(request)
        context = {
            "subtitle_line_text": "先到期的在前；审核时限为收件后一个月，补正期间不计。",
            "views": counted_views(staff_of(request), view.code),
            "may_review": has_role(request.user, *REVIEWERS),
            **_when_empty(request, view.code, view.empty),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one case; nothing is changed through this address."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        case = casework.find_case(int(object_id))
        return casework.case_page(request, case, *casework.deed_form(request, case))

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one number of the case in full."""
        if not self.has_view_permission(request) or not may_reveal(request.user):
            raise PermissionDenied
        return reveal_page.show(request, casework.find_case(pk))

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the case's deeds."""
        wrap = self.admin_site.admin_view
        own = [
            path("next/", wrap(casework.next_case), name="review_queueitem_next"),
            path("disclosures/", wrap(disclosure_pages.show), name="review_queueitem_disclosures"),
            path(
                "disclosures.xlsx", wrap(disclosure_pages.download), name="review_queueitem_disclosures_file"
            ),
            path("<int:pk>/take/", wrap(casework.take), name="review_queueitem_take"),
            path("<int:pk>/release/", wrap(casework.release), name="review_queueitem_release"),
            path("<int:pk>/reveal/", wrap(self.reveal_view), name="review_queueitem_reveal"),
            path(
                "<int:pk>/pictures/<uuid:public_id>/", wrap(casework.picture), name="review_queueitem_picture"
            ),
        ]
        deeds = [
            path(f"<int:pk>/{deed}/", wrap(casework.decide), {"deed": deed}, name=f"review_queueitem_{deed}")
            for deed in casework.DEEDS
        ]
        return [*own, *deeds, *super().get_urls()]


@admin.register(Decision)
class DecisionAdmin(KeysetAdmin, ReadOnlyAdmin):
    """审核决定, as they were taken."""

    list_display = ("application", "outcome", "amount", "reviewer", "version_seen", "decided_at")
    list_filter = ("outcome",)
    list_select_related = ("application", "reviewer")
    sortable_by = ()
    search_fields = ("application__number",)
    show_facets = admin.ShowFacets.NEVER

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the decisions of one application by its number."""
        term = search_term.strip().upper()
        return (queryset.filter(application__number=term) if term else queryset), False


@admin.register(Assignment)
class AssignmentAdmin(KeysetAdmin, ReadOnlyAdmin):
    """认领, whoever holds what."""

    list_display = ("application", "reviewer", "taken_at", "expires_at")
    list_select_related = ("application", "reviewer")
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER


def _each(request: HttpRequest, rows: QuerySet[QueueItem], deed: Any, words: str) -> None:
    done = 0
    for case in rows[:AT_ONCE]:
        try:
            done += bool(deed(case, reviewer=request.user, ip=client_address(request)))
        except SubsidyError as refusal:
            messages.warning(request, f"{case.number}：{refusal.message}")
    messages.success(request, words.format(done))


def _when_empty(request: HttpRequest, code: str, title: str) -> dict[str, str]:
    if request.GET.get("q"):
        return {}
    if code == "all":
        return {"empty_icon": "inbox", "empty_title": title, "empty_text": "会员提交申报后，会出现在这里。"}
    return {
        "empty_icon": "inbox",
        "empty_title": title,
        "empty_text": "有了这样的申报，会出现在这里。",
        "empty_url": "?",
        "empty_button": "回到全部在审",
    }
