"""Money in the admin: everything is for reading; what may be done is a button that calls a service."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from payouts import batch_page, pages, recovery_page, resend_page, result_page
from payouts.models import PayoutBatch, PayoutLine, Recovery, ResultFile
from payouts.panels import money_panel
from subsidy.accounts.roles import Role, has_role
from subsidy.backoffice import KeysetAdmin, ReadOnlyAdmin
from subsidy.templatetags.house import cents, chip, money, table_moment

admin.site.add_panel(money_panel)  # type: ignore[attr-defined]  # our own site


class PageAdmin(KeysetAdmin, ReadOnlyAdmin):
    """A list whose rows open as a page of our own, for looking only."""

    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Render the page of one row."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page; nothing is changed through this address."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        return self.page(request, int(object_id))


@admin.register(PayoutBatch)
class PayoutBatchAdmin(PageAdmin):
    """Batches, newest first."""

    list_display = ("reference", "state", "people", "yuan", "built", "approved")
    list_filter = ("status", "scheme")
    list_select_related = ("scheme", "built_by", "approved_by")
    search_fields = ("=number",)
    search_help_text = "按批次号查找，如 ZT2024-B0001"

    @admin.display(description="批次号")
    def reference(self, batch: PayoutBatch) -> SafeString:
        """Show the number unbroken."""
        return format_html('<span class="nowrap">{}</span>', batch.number)

    @admin.display(description="状态")
    def state(self, batch: PayoutBatch) -> SafeString:
        """Show the state as a chip."""
        return chip(batch.status, batch.get_status_display())

    @admin.display(description="人数")
    def people(self, batch: PayoutBatch) -> str:
        """Show how many."""
        return money(batch.line_count)

    @admin.display(description="金额（元）")
    def yuan(self, batch: PayoutBatch) -> str:
        """Show the sum."""
        return cents(batch.total)

    @admin.display(description="制单")
    def built(self, batch: PayoutBatch) -> SafeString:
        """Show who built it and when."""
        return format_html("{}<br><small>{}</small>", batch.built_by, table_moment(batch.built_at))

    @admin.display(description="复核")
    def approved(self, batch: PayoutBatch) -> SafeString | str:
        """Show who approved it and when."""
        if batch.approved_at is None:
            return "—"
        return format_html("{}<br><small>{}</small>", batch.approved_by, table_moment(batch.approved_at))

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one batch."""
        return batch_page.show(request, pages.find_batch(pk))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list with its one button for makers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        maker = has_role(request.user, Role.FINANCE_MAKER)
        context: dict[str, Any] = {"may_build": maker}
        if not PayoutBatch.objects.exists():
            context |= {
                "empty_icon": "layers",
                "empty_title": "还没有发放批次",
                "empty_text": "审核通过、公示期已过的申报，可以编成批次发放。",
            }
        return super().changelist_view(request, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the deeds."""
        wrap, name = self.admin_site.admin_view, "payouts_payoutbatch"
        deeds = {
            "freeze": pages.freeze,
            "approve": pages.approve,
            "export": pages.export,
            "cancel": pages.cancel,
        }
        own = [path(f"<int:pk>/{word}/", wrap(view), name=f"{name}_{word}") for word, view in deeds.items()]
        files = path("<int:pk>/files/<int:file_pk>/", wrap(pages.download), name=f"{name}_download")
        lists = [
            path("build/", wrap(pages.build), name=f"{name}_build"),
            path("held/", wrap(pages.held), name=f"{name}_held"),
        ]
        return [*lists, files, *own, *super().get_urls()]


@admin.register(ResultFile)
class ResultFileAdmin(PageAdmin):
    """Result files, newest first."""

    list_display = ("name", "batch", "state", "line_count", "paid", "imported", "applied")
    list_filter = ("status",)
    list_select_related = ("batch", "imported_by", "applied_by")
    search_fields = ("=batch__number", "=sha256")
    search_help_text = "按批次号或 SHA-256 查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResultFile]:
        """Leave the sealed bytes in the database."""
        return super().get_queryset(request).defer("content")

    @admin.display(description="状态")
    def state(self, file: ResultFile) -> SafeString:
        """Show the state as a chip."""
        return chip(file.status, file.get_status_display())

    @admin.display(description="到账（元）")
    def paid(self, file: ResultFile) -> str:
        """Show what the file says was paid."""
        return cents(file.paid_total)

    @admin.display(description="导入")
    def imported(self, file: ResultFile) -> SafeString:
        """Show who brought it and when."""
        return format_html("{}<br><small>{}</small>", file.imported_by, table_moment(file.imported_at))

    @admin.display(description="应用")
    def applied(self, file: ResultFile) -> SafeString | str:
        """Show who applied it and when."""
        if file.applied_at is None:
            return "—"
        return format_html("{}<br><small>{}</small>", file.applied_by, table_moment(file.applied_at))

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one result file."""
        return result_page.show(request, pages.find_result(pk))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list with its one button for makers."""
        context = {"may_import": has_role(request.user, Role.FINANCE_MAKER)}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the deeds."""
        wrap, name = self.admin_site.admin_view, "payouts_resultfile"
        return [
            path("upload/", wrap(pages.upload), name=f"{name}_upload"),
            path("<int:pk>/apply/", wrap(pages.apply), name=f"{name}_apply"),
            path("<int:pk>/discard/", wrap(pages.discard), name=f"{name}_discard"),
            *super().get_urls(),
        ]


@admin.register(PayoutLine)
class PayoutLineAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Lines, newest first; found by their reference or by the application's number."""

    list_display = ("reference", "in_batch", "application", "yuan", "state", "tail")
    list_filter = ("status", resend_page.ResendFilter)
    list_select_related = ("batch", "application", "snapshot")
    search_fields = ("line_ref",)
    search_help_text = "按明细号、批次号或申报编号查找"
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    fields = (
        "line_ref",
        "in_batch",
        "application",
        "yuan",
        "state",
        "tail",
        "unknown_since",
        "resend_note",
        "replaces",
    )
    readonly_fields = ("in_batch", "yuan", "state", "tail")

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the recovery and of sending again."""
        deeds = {"recover": recovery_page.recover, "resend": resend_page.resend}
        own = [
            path(f"<int:pk>/{word}/", self.admin_site.admin_view(view), name=f"payouts_payoutline_{word}")
            for word, view in deeds.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the line, and the ways on to those who may go them."""
        line = self.get_object(request, object_id)
        context = {
            "may_recover": line is not None and recovery_page.may_record(request.user, line),
            "may_resend": line is not None and resend_page.is_offered(request.user, line),
        }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the shape of the term."""
        term = search_term.strip().upper()
        if not term:
            return queryset, False
        for lookup in ("line_ref", "batch__number", "application__number"):
            found = queryset.filter(**{lookup: term})
            if found.exists():
                return found, False
        return queryset.none(), False

    @admin.display(description="明细号")
    def reference(self, line: PayoutLine) -> SafeString:
        """Show the reference unbroken."""
        return format_html('<span class="nowrap">{}</span>', line.line_ref)

    @admin.display(description="批次")
    def in_batch(self, line: PayoutLine) -> SafeString:
        """Link to the batch."""
        url = reverse("admin:payouts_payoutbatch_change", args=[line.batch_id])
        return format_html('<a class="nowrap" href="{}">{}</a>', url, line.batch.number)

    @admin.display(description="金额（元）")
    def yuan(self, line: PayoutLine) -> str:
        """Show the amount."""
        return cents(line.amount)

    @admin.display(description="状态")
    def state(self, line: PayoutLine) -> SafeString:
        """Show the state as a chip."""
        return chip(line.status, line.get_status_display())

    @admin.display(description="卡尾号")
    def tail(self, line: PayoutLine) -> str:
        """Show the last digits of the card as frozen."""
        snapshot = getattr(line, "snapshot", None)
        return snapshot.card_tail if snapshot else "—"


@admin.register(Recovery)
class RecoveryAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Money taken back."""

    list_display = ("line", "amount", "reason", "recorded_by", "recorded_at")
    list_select_related = ("line", "recorded_by")
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
