"""The addresses of finance in the admin: thin, one service each; money moves only by POST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from payouts import batch_page, services
from payouts.forms import BuildForm, NoteForm, UploadForm
from payouts.models import PayoutBatch, PayoutFile, ResultFile
from payouts.services import holds
from payouts.services.staging import MAX_BYTES
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import recent_proof_required
from subsidy.accounts.roles import FINANCE, Role, has_role
from subsidy.accounts.services import client_address
from subsidy.errors import SubsidyError
from subsidy.schemes.models import Scheme
from subsidy.spreadsheets import WORKBOOK_TYPE
from subsidy.templatetags.house import money

BATCH: Final = "admin:payouts_payoutbatch_change"
HELD_SHOWN: Final = 200
RESULT: Final = "admin:payouts_resultfile_change"
TYPES: Final = {"txt": "text/plain; charset=gb18030", "json": "application/json", "xlsx": WORKBOOK_TYPE}


def find_batch(pk: int) -> PayoutBatch:
    """Return a batch with its people, or 404."""
    rows = PayoutBatch.objects.select_related(
        "scheme", "built_by", "frozen_by", "approved_by", "cancelled_by", "key"
    )
    return get_object_or_404(rows, pk=pk)


def find_result(pk: int) -> ResultFile:
    """Return a result file with its batch, or 404."""
    rows = ResultFile.objects.select_related(
        "batch__key", "batch__scheme", "imported_by", "applied_by", "key"
    )
    return get_object_or_404(rows, pk=pk)


def build(request: HttpRequest) -> HttpResponse:
    """Show what is payable in each scheme, and build."""
    maker = _finance(request, Role.FINANCE_MAKER)
    form = BuildForm(request.POST) if request.method == "POST" else BuildForm()
    if form.is_valid():
        try:
            scheme = form.cleaned_data["scheme"]
            batch = services.build_batch(scheme=scheme, maker=maker, ip=client_address(request))
        except SubsidyError as refusal:
            messages.error(request, refusal.message)
        else:
            words = f"已建批次 {batch.number}：{batch.line_count} 人，{money(batch.total)} 元。核对后请冻结。"
            messages.success(request, words)
            return HttpResponseRedirect(reverse(BATCH, args=[batch.pk]))
    schemes = [_offer(scheme) for scheme in Scheme.objects.published().order_by("-year")]
    context = {
        **admin.site.each_context(request),
        "opts": PayoutBatch._meta,
        "title": "新建批次",
        "schemes": schemes,
        "may_build": any(offer["waiting"].people for offer in schemes),
    }
    return TemplateResponse(request, "admin/payouts/payoutbatch/build.html", context)


def held(request: HttpRequest) -> HttpResponse:
    """List the applications that join no batch until somebody settles them."""
    _finance(request)
    context = {
        **admin.site.each_context(request),
        "opts": PayoutBatch._meta,
        "title": "暂停发放的申报",
        "rows": holds.held(HELD_SHOWN),
        "count": holds.count(),
    }
    return TemplateResponse(request, "admin/payouts/payoutbatch/held.html", context)


@require_POST
@recent_proof_required
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze a batch and say who was left out."""

    def deed(batch: PayoutBatch, user: StaffUser, ip: str) -> str:
        frozen = services.freeze(batch, maker=user, ip=ip)
        for line in frozen.set_aside:
            messages.warning(request, f"{line.line_ref}：{line.note}")
        left = f"，{len(frozen.set_aside)} 条不能发放已放回" if frozen.set_aside else ""
        totals = f"{frozen.batch.line_count} 人，{money(frozen.batch.total)} 元"
        return f"批次 {batch.number} 已冻结：{totals}{left}。"

    return _batch_deed(request, pk, deed)


@require_POST
@recent_proof_required
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a batch; the worker exports it."""

    def deed(batch: PayoutBatch, user: StaffUser, ip: str) -> str:
        services.approve_batch(batch, checker=user, ip=ip)
        return f"批次 {batch.number} 已批准，后台正在导出文件，一般一分钟内完成。"

    return _batch_deed(request, pk, deed)


@require_POST
@recent_proof_required
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the worker for the files."""

    def deed(batch: PayoutBatch, user: StaffUser, ip: str) -> str:
        services.export_batch(batch, maker=user, ip=ip)
        return f"已交后台导出批次 {batch.number}，一般一分钟内完成，请稍后刷新。"

    return _batch_deed(request, pk, deed)


@require_POST
@recent_proof_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a batch before its export."""
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""

    def deed(batch: PayoutBatch, user: StaffUser, ip: str) -> str:
        services.cancel_batch(batch, by=user, note=note, ip=ip)
        return f"批次 {batch.number} 已取消，其中的申报会列入下一批。"

    return _batch_deed(request, pk, deed)


@require_POST
@recent_proof_required
def download(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Hand out one file; the browser neither keeps nor shows it."""
    user = _finance(request)
    file = get_object_or_404(PayoutFile.objects.select_related("batch__key"), pk=file_pk, batch_id=pk)
    try:
        content = services.download(file, by=user, ip=client_address(request))
    except SubsidyError as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(reverse(BATCH, args=[pk]))
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        content, content_type=TYPES.get(file.format, "application/octet-stream"), headers=headers
    )


def upload(request: HttpRequest) -> HttpResponse:
    """Take in a result file; what is held comes back with its reason."""
    user = _finance(request, Role.FINANCE_MAKER)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            # One byte more than allowed is enough for the service to refuse it.
            content, ip = given.read(MAX_BYTES + 1), client_address(request)
            staged = services.stage_result(content, given.name, importer=user, typed=form.typed, ip=ip)
        except SubsidyError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else "file", refusal.message)
        else:
            messages.success(request, "回盘文件已导入并比对，等财务复核应用。账目还没有变化。")
            return HttpResponseRedirect(reverse(RESULT, args=[staged.pk]))
    errors = [
        {"field": name if name in form.fields else "", "message": text}
        for name, found in form.errors.items()
        for text in found
    ]
    context = {
        **admin.site.each_context(request),
        "opts": ResultFile._meta,
        "title": "导入回盘文件",
        "form": form,
        "errors": errors,
    }
    status = 422 if errors else 200
    return TemplateResponse(request, "admin/payouts/resultfile/upload.html", context, status=status)


@require_POST
@recent_proof_required
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a staged file into the books."""
    applier, file = _finance(request), find_result(pk)
    try:
        done = services.apply_result(file, applier=applier, ip=client_address(request))
    except SubsidyError as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(reverse(RESULT, args=[pk]))
    paid, failed = done.paid, done.failed
    words = (
        f"已应用：{paid.count} 人到账 {money(paid.yuan)} 元，{failed.count} 人失败 {money(failed.yuan)} 元。"
    )
    messages.success(request, words)
    return HttpResponseRedirect(reverse(BATCH, args=[file.batch_id]))


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a staged file back."""
    user, form, file = _finance(request), NoteForm(request.POST), find_result(pk)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        services.discard_result(file, by=user, note=note, ip=client_address(request))
    except SubsidyError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已退回给{file.imported_by}，账目没有变化。")
    return HttpResponseRedirect(reverse(RESULT, args=[pk]))


def _batch_deed(
    request: HttpRequest, pk: int, deed: Callable[[PayoutBatch, StaffUser, str], str]
) -> HttpResponse:
    user, batch = _finance(request), find_batch(pk)
    try:
        messages.success(request, deed(batch, user, client_address(request)))
    except SubsidyError as refusal:
        if refusal.field:
            errors = [{"field": refusal.field, "message": refusal.message}]
            return batch_page.show(request, batch, errors)
        messages.error(request, refusal.message)
    return HttpResponseRedirect(reverse(BATCH, args=[pk]))


def _finance(request: HttpRequest, *roles: Role) -> StaffUser:
    if not isinstance(request.user, StaffUser) or not has_role(request.user, *(roles or FINANCE)):
        raise PermissionDenied
    return request.user


def _offer(scheme: Scheme) -> dict[str, Any]:
    """Return what a batch would hold, with the budget ceiling if the scheme has one (P1)."""
    waiting, ceiling = services.waiting(scheme), scheme.rules.budget_ceiling
    given = services.committed(scheme) if ceiling is not None else 0
    over = ceiling is not None and given + waiting.yuan > ceiling
    return {"scheme": scheme, "waiting": waiting, "ceiling": ceiling, "given": given, "is_over": over}
