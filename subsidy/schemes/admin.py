"""Schemes as staff see them; a published one is frozen."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from subsidy.backoffice import ReadOnlyAdmin
from subsidy.errors import Malformed
from subsidy.schemes.models import Scheme
from subsidy.schemes.policy_cases import Comparison, compare, read_cases, workbook_of

ONLY = "only"
DIFFERENT = "different"


@admin.register(Scheme)
class SchemeAdmin(ReadOnlyAdmin):
    """One row a year."""

    list_display = ["year", "title", "status", "opens_at", "closes_at", "short_fingerprint"]
    fields = [
        "year",
        "title",
        "document_number",
        "status",
        "opens_at",
        "closes_at",
        "fingerprint",
        "definition",
    ]

    @admin.display(description="指纹")
    def short_fingerprint(self, scheme: Scheme) -> str:
        """Return enough of the fingerprint to compare by eye."""
        return scheme.fingerprint[:12]

    def get_urls(self) -> list[URLPattern]:
        """Add the page of policy cases."""
        view = self.admin_site.admin_view(require_safe(self.policy_cases))
        return [path("<int:pk>/policy-cases/", view, name="schemes_scheme_policy_cases"), *super().get_urls()]

    def policy_cases(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show each case of the year's workbook beside what this scheme's rules say."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        scheme = get_object_or_404(Scheme, pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": scheme,
            "title": "政策用例",
            "subtitle": str(scheme),
            **_compared(scheme, request.GET.get(ONLY) == DIFFERENT),
        }
        return TemplateResponse(request, "admin/schemes/scheme/policy_cases.html", context)


def _compared(scheme: Scheme, only_different: bool) -> dict[str, Any]:
    """Return what the page shows; a workbook with faulty cells is explained instead of compared."""
    workbook = workbook_of(scheme.year)
    if workbook is None:
        return {"missing": True}
    try:
        rows = [compare(case, scheme.rules) for case in read_cases(workbook)]
    except Malformed as fault:
        return {"faults": [{"message": error.message} for error in fault.errors]}
    different = [row for row in rows if not row.agrees]
    return {
        "rows": different if only_different else rows,
        "total": len(rows),
        "different": len(different),
        "views": _views(rows, different, only_different),
    }


def _views(rows: list[Comparison], different: list[Comparison], only_different: bool) -> list[dict[str, Any]]:
    return [
        {"url": "?", "label": "全部用例", "count": len(rows), "current": not only_different},
        {
            "url": f"?{ONLY}={DIFFERENT}",
            "label": "不一致",
            "count": len(different),
            "current": only_different,
            "late": bool(different),
        },
    ]
