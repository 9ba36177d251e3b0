"""The staff site: Django's admin with the menu grouped by work and a dashboard made of panels."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse

from subsidy.personal import IN_ADDRESS, carries_number

Panel = Callable[[HttpRequest], dict[str, Any]]
View = Callable[..., Any]
FOREIGN = frozenset({"auth", "account", "mfa"})
MENU = (
    (
        "审核",
        ["QueueItem", "Application", "Appeal", "Objection", "Decision", "MemberCorrection", "MobileChange"],
    ),
    ("资金", ["PayoutBatch", "ResultFile", "PayoutLine", "Recovery"]),
    ("登记库", ["CardHolder", "IssuedCertificate", "CompetitionResult", "AwardingBody", "Trade"]),
    ("方案与系统", ["Scheme", "Notice", "StaffUser", "Office", "AuditRow", "AuditSeal"]),
)
"""What stands in the menu, by work; everything else is reached from the pages themselves."""


class SubsidyAdminSite(AdminSite):
    """审核与发放工作台."""

    site_header = "职业发展助推计划"
    site_title = "职业发展助推计划"
    index_title = "工作台"
    site_url = None
    panels: list[Panel]

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.panels = []

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only our own rooms' models: groups and second factors are changed by services alone."""
        given: list[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        )
        ours = [model for model in given if model._meta.app_label not in FOREIGN]
        super().register(ours, admin_class, **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        """Leave NUL out of searches and filters, and people's numbers out of addresses altogether."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def cleaned(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if any("\0" in text for _, texts in request.GET.lists() for text in texts):
                request.GET = _without_nul(request.GET)  # type: ignore[assignment]
            if any(carries_number(text) for _, texts in request.GET.lists() for text in texts):
                messages.error(request, IN_ADDRESS)
                return redirect(request.path)
            return guarded(request, *args, **kwargs)

        return cleaned

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send staff to the one sign-in page; a signed-in user without access is refused."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or resolve_url("admin:index"))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign out as the staff pages do, by POST only, so that it is recorded."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        get_adapter(request).logout(request)
        return redirect("account_login")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one page where a password is changed and recorded."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the page of what protects one's sign-in."""
        return redirect("mfa_index")

    def add_panel(self, panel: Panel) -> Panel:
        """Let a room put its own figures on the dashboard; each sees the request's user."""
        self.panels.append(panel)
        return panel

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the dashboard of the signed-in role."""
        context = dict(extra_context or {})
        for panel in self.panels:
            for name, value in panel(request).items():
                both_are_lists = isinstance(value, list) and isinstance(context.get(name), list)
                context[name] = context[name] + value if both_are_lists else value
        return super().index(request, context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the menu in the order of the work: review, money, registers, system."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        found = {model["object_name"]: (app, model) for app in apps for model in app["models"]}
        groups = []
        for title, names in MENU:
            here = [found[name] for name in names if name in found]
            if here:
                groups.append({**here[0][0], "name": title, "models": [model for _, model in here]})
        return groups


def _without_nul(query: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name, texts in query.lists():
        kept.setlist(name, [text.replace("\0", "") for text in texts])
    return kept
