"""Applications and their history in the admin: for reading only, for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from applications.actions import action_label
from applications.models import (
    Appeal,
    Application,
    Attachment,
    Certificate,
    Consent,
    Event,
    Objection,
    PaperDossier,
)
from applications.requests_admin import MemberCorrectionAdmin, MobileChangeAdmin
from applications.search import SEARCH_HELP, by_shape
from applications.services.desks import own_cases
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import FILERS, has_role
from subsidy.backoffice import EMPTY, KeysetAdmin, ReadOnlyAdmin
from subsidy.templatetags.house import chip

__all__ = ["MemberCorrectionAdmin", "MobileChangeAdmin"]
"""Members' requests stand in a file of their own; Django looks for admins in this one."""


class CaseAdmin(KeysetAdmin, ReadOnlyAdmin):
    """A list about applications: staff who file see the cases of their own desk only (A1)."""

    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    case_path = "application"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what this member of staff may see."""
        rows = super().get_queryset(request)
        if isinstance(request.user, StaffUser) and has_role(request.user, *FILERS):
            return rows.filter(**{f"{self.case_path}__in": own_cases(request.user)})
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the application's number alone: exact, by its index."""
        term = search_term.strip().upper()
        return (queryset.filter(**{self.search_fields[0]: term}) if term else queryset), False


@admin.register(Application)
class ApplicationAdmin(CaseAdmin):
    """全部申报."""

    case_path = "pk"
    list_display = (
        "number",
        "name",
        "ground",
        "channel",
        "state",
        "payment_state",
        "amount",
        "submitted_at",
    )
    list_filter = ("status", "payment", "ground", "channel", "district")
    list_select_related = ()
    search_fields = ("number",)
    search_help_text = SEARCH_HELP
    finds_numbers = True
    fields = (
        ("number", "scheme", "version"),
        ("status", "payment_state"),
        ("ground", "channel"),
        ("name", "identity", "mobile"),
        "card",
        ("employer", "position", "district"),
        "certificate",
        ("filed_by", "office", "received_on"),
        ("consent", "consent_evidence", "staff_reason"),
        ("award_label", "award", "amount"),
        ("submitted_at", "review_due_at", "correction_due_at"),
        ("decided_at", "payable_from", "payout_due_at", "paid_at"),
    )
    readonly_fields = ("identity", "mobile", "card", "payment_state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the sealed card number in the database until one case is opened."""
        return super().get_queryset(request).defer("card_number")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the shape of the term."""
        return (by_shape(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(description="证件号码")
    def identity(self, application: Application) -> str:
        """Return the number as pages show it."""
        return application.member.masked_resident_id or EMPTY

    @admin.display(description="手机号")
    def mobile(self, application: Application) -> str:
        """Return the number as pages show it."""
        return application.member.masked_mobile or EMPTY

    @admin.display(description="互助服务卡")
    def card(self, application: Application) -> str:
        """Return the card as pages show it."""
        return application.masked_card or EMPTY

    @admin.display(description="状态")
    def state(self, application: Application) -> str:
        """Return the state as a chip."""
        return chip(application.status, application.get_status_display())

    @admin.display(description="发放")
    def payment_state(self, application: Application) -> str:
        """Return the payment as a chip, once there is something to pay."""
        if application.status not in ("approved", "revoked"):
            return EMPTY
        return chip(application.payment, application.get_payment_display())


@admin.register(Event)
class EventAdmin(CaseAdmin):
    """经过, newest first."""

    list_display = (
        "application",
        "version",
        "step",
        "to_status",
        "to_payment",
        "actor_realm",
        "business_at",
    )
    list_filter = ("to_status", "actor_realm")
    list_select_related = ("application",)
    search_fields = ("application__number",)

    @admin.display(description="事项")
    def step(self, event: Event) -> str:
        """Return the step in words."""
        return action_label(event.action)


@admin.register(Certificate)
class CertificateAdmin(CaseAdmin):
    """证书与名次."""

    list_display = ("application", "ground", "level", "grade", "certificate_number", "issued_on")
    list_filter = ("ground", "level", "grade")
    list_select_related = ("application",)
    search_fields = ("application__number",)


@admin.register(Attachment)
class AttachmentAdmin(CaseAdmin):
    """附件: what was handed in; the files are shown on the case page alone."""

    list_display = ("application", "kind", "content_type", "size", "uploaded_at", "superseded_at")
    list_filter = ("kind",)
    list_select_related = ("application",)
    search_fields = ("application__number",)
    exclude = ("file",)


@admin.register(PaperDossier)
class PaperDossierAdmin(CaseAdmin):
    """纸质材料."""

    list_display = ("application", "received_on", "received_by", "shelf_mark", "registered_at")
    list_select_related = ("application", "received_by")
    search_fields = ("application__number",)


@admin.register(Consent)
class ConsentAdmin(KeysetAdmin, ReadOnlyAdmin):
    """知情同意."""

    list_display = ("member", "version", "channel", "evidence", "given_at")
    list_filter = ("channel",)
    list_select_related = ("member",)
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER


@admin.register(Objection)
class ObjectionAdmin(CaseAdmin):
    """异议."""

    list_display = ("application", "raised_at", "settled_at", "settled_by")
    list_select_related = ("application", "settled_by")
    search_fields = ("application__number",)


@admin.register(Appeal)
class AppealAdmin(CaseAdmin):
    """复核申请."""

    list_display = ("application", "raised_at", "outcome", "decided_at")
    list_filter = ("outcome",)
    list_select_related = ("application",)
    search_fields = ("application__number",)
