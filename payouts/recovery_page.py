"""Recording that a paid grant has come back: what was paid, to which card, and the two things to say."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from payouts import services
from payouts.forms import RecoveryForm
from payouts.models import PayoutLine, Recovery
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import ask_again
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import client_address
from subsidy.errors import SubsidyError
from subsidy.rules.workflow import LineStatus
from subsidy.templatetags.house import money


def may_record(user: object, line: PayoutLine) -> bool:
    """Say whether the page offers the deed; the service judges again."""
    return line.status == LineStatus.PAID.value and has_role(user, Role.FINANCE_CHECKER)


@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the line and the form; record on POST."""
    user = request.user
    if not isinstance(user, StaffUser) or not has_role(user, Role.FINANCE_CHECKER):
        raise PermissionDenied
    if request.method == "POST" and (question := ask_again(request)):
        return question
    line = get_object_or_404(PayoutLine.objects.select_related("batch", "application", "snapshot"), pk=pk)
    form = RecoveryForm(request.POST) if request.method == "POST" else RecoveryForm()
    if form.is_valid():
        try:
            services.record_recovery(line, by=user, ip=client_address(request), **form.cleaned_data)
        except SubsidyError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            words = f"已登记追回 {money(line.amount)} 元，申报 {line.application.number} 同时撤销。"
            messages.success(request, words)
            return HttpResponseRedirect(reverse("admin:payouts_payoutline_change", args=[line.pk]))
    return _show(request, line, form)


def _show(request: HttpRequest, line: PayoutLine, form: RecoveryForm) -> HttpResponse:
    errors = [
        {"field": name if name in form.fields else "", "message": text}
        for name, found in form.errors.items()
        for text in found
    ]
    context = {
        **admin.site.each_context(request),
        "opts": Recovery._meta,
        "title": f"登记追回 {line.line_ref}",
        "line": line,
        "form": form,
        "errors": errors,
        "may_record": may_record(request.user, line),
    }
    status = 422 if errors else 200
    return TemplateResponse(request, "admin/payouts/payoutline/recover.html", context, status=status)
