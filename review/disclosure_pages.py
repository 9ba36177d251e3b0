"""The report of who looked at whom, for leads and auditors: a page and the same as a workbook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from review import disclosures
from review.disclosures import LOOKS, Wanted
from review.models import QueueItem
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import actor_for
from subsidy.audit.labels import LABELS
from subsidy.audit.services import record
from subsidy.spreadsheets import WORKBOOK_TYPE

TEMPLATE = "admin/review/queueitem/disclosures.html"
FILE_NAME = "who-looked-at-whom.xlsx"


class WantedForm(forms.Form):
    """Which looks to show; a field left out means the whole of it."""

    since = forms.DateField(required=False, error_messages={"invalid": "开始日期应写成 2024-06-18。"})
    until = forms.DateField(required=False, error_messages={"invalid": "结束日期应写成 2024-06-18。"})
    staff = forms.CharField(required=False, max_length=150)
    number = forms.CharField(required=False, max_length=20)
    action = forms.ChoiceField(
        required=False, choices=[("", "全部"), *((code, LABELS[code]) for code in LOOKS)]
    )

    def wanted(self) -> Wanted:
        """Return what was asked for; what cannot be read falls back to the last thirty days."""
        first, last = disclosures.last_days()
        data = self.cleaned_data
        since, until = data.get("since") or first, data.get("until") or last
        return Wanted(
            min(since, until),
            max(since, until),
            data.get("staff", ""),
            data.get("number", "").upper(),
            data.get("action", ""),
        )


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the counts and the newest looks."""
    require_reader(request)
    form, wanted = _asked(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": QueueItem._meta,
        "title": "谁看过谁的资料",
        "errors": [
            {"field": name, "message": message} for name, found in form.errors.items() for message in found
        ],
        "wanted": wanted,
        "actions": [(code, LABELS[code]) for code in LOOKS],
        "looks": list(disclosures.looks(wanted)),
        "listed": disclosures.LISTED,
        "counts": [
            ("被看得最多的会员", disclosures.by_person(wanted)),
            ("看得最多的工作人员", disclosures.by_staff(wanted)),
            ("每天", disclosures.by_day(wanted)),
        ],
        "query": request.GET.urlencode(),
    }
    return TemplateResponse(request, TEMPLATE, context)


@never_cache
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """Hand out the same as a workbook; taking it is recorded."""
    require_reader(request)
    _, wanted = _asked(request)
    content = disclosures.workbook(wanted)
    span = {"since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    record("audit.disclosures", actor=actor_for(request), data=span)
    headers = {
        "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=WORKBOOK_TYPE, headers=headers)


def may_read(user: Any) -> bool:
    """Say whether this user may see who looked at whom: the auditor and the leads."""
    return has_role(user, Role.AUDITOR, Role.REVIEW_LEAD)


def require_reader(request: HttpRequest) -> None:
    """Raise PermissionDenied for everybody else."""
    if not may_read(request.user):
        raise PermissionDenied


def _asked(request: HttpRequest) -> tuple[WantedForm, Wanted]:
    form = WantedForm(request.GET)
    form.is_valid()
    return form, form.wanted()
