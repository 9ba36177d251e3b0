"""Members' requests in the admin: corrections and objections to a changed number, decided with a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from applications.models import Application
from applications.services.particulars import decide_correction
from subsidy.accounts.models import MemberCorrection, MobileChange, StaffUser
from subsidy.accounts.roles import has_role
from subsidy.accounts.services import client_address, settle_change
from subsidy.accounts.services.mobile_objections import SETTLERS
from subsidy.backoffice import EMPTY, KeysetAdmin, ReadOnlyAdmin
from subsidy.errors import Forbidden, SubsidyError
from subsidy.templatetags.house import chip

SHOWN_CASES = 20
LONGEST = 600


class RequestAdmin(KeysetAdmin, ReadOnlyAdmin):
    """A list of requests; one opens as a page with its facts and, while it waits, the form to decide it."""

    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    grant_label = ""
    refuse_label = ""
    note_hint = "会员会看到。"
    done = "已办结，会员登录后可以看到说明。"
    controls: tuple[str, ...] = ("outcome", "note")

    def facts(self, row: Any) -> Mapping[str, object]:
        """Return what the page says about the request, by label."""
        raise NotImplementedError  # abstract: each of the two kinds of request below has its own facts

    def decide(self, request: HttpRequest, row: Any) -> None:
        """Decide it by what the form says; raises SubsidyError."""
        raise NotImplementedError  # abstract: each of the two kinds of request below has its own service

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one request; it is decided at its own address."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._row(object_id))

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the decision."""
        opts = self.model._meta
        decide = self.admin_site.admin_view(self._decide)
        name = f"{opts.app_label}_{opts.model_name}_decide"
        return [path("<int:pk>/decide/", decide, name=name), *super().get_urls()]

    def _decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not has_role(request.user, *SETTLERS):
            raise PermissionDenied
        row = self._row(str(pk))
        try:
            self.decide(request, row)
        except Forbidden as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self._address("change", pk))
        except SubsidyError as refusal:
            return self._page(request, row, refusal)
        messages.success(request, self.done)
        return HttpResponseRedirect(self._address("changelist"))

    def _row(self, pk: str) -> Any:
        rows = self.model._default_manager.select_related(*self.list_select_related)  # type: ignore[misc]
        found = rows.filter(pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0).first()
        if found is None:
            raise Http404
        return found

    def _page(self, request: HttpRequest, row: Any, refusal: SubsidyError | None = None) -> HttpResponse:
        errors = {error.field: error.message for error in refusal.errors} if refusal else {}
        whole = refusal.message if refusal and not refusal.errors else errors.get("", "")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": str(row),
            "row": row,
            "facts": self.facts(row),
            "cases": self._cases(row),
            "may_decide": row.is_open and has_role(request.user, *SETTLERS),
            "decide_url": self._address("decide", row.pk),
            "grant_label": self.grant_label,
            "refuse_label": self.refuse_label,
            "note_hint": self.note_hint,
            "values": {name: request.POST.get(name, "")[:LONGEST] for name in self.controls},
            "problems": errors,
            "whole": whole,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/accounts/request.html", context, status=status)

    def _cases(self, row: Any) -> QuerySet[Application]:
        cases = Application.objects.filter(member_id=row.member_id).exclude(submitted_at=None)
        return cases.select_related("scheme").order_by("-id")[:SHOWN_CASES]

    def _address(self, what: str, pk: int | None = None) -> str:
        opts = self.model._meta
        args = [] if pk is None else [pk]
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{what}", args=args)


def staff_of(request: HttpRequest) -> StaffUser:
    """Return who decides; raises PermissionDenied for anybody else."""
    if not isinstance(request.user, StaffUser):
        raise PermissionDenied
    return request.user


@admin.register(MemberCorrection)
class MemberCorrectionAdmin(RequestAdmin):
    """资料更正, what waits on top of what is done."""

    list_display = ("member_name", "field", "asked", "requested_at", "state", "decided_by")
    list_display_links = ("member_name",)
    list_filter = ("outcome", "field")
    list_select_related = ("member", "decided_by")
    grant_label = "与证件一致，更正"
    refuse_label = "不予更正"
    controls = ("outcome", "note", "on_document")

    @admin.display(description="会员")
    def member_name(self, row: MemberCorrection) -> str:
        """Return whose record it is."""
        return row.member.name or EMPTY

    @admin.display(description="更正为")
    def asked(self, row: MemberCorrection) -> str:
        """Return the asked value, masked."""
        return row.shown_value

    @admin.display(description="结果")
    def state(self, row: MemberCorrection) -> str:
        """Return the outcome as a chip."""
        codes = {"open": "info", "granted": "yes", "refused": "no"}
        return chip(codes[row.outcome], row.get_outcome_display())

    def facts(self, row: MemberCorrection) -> Mapping[str, object]:
        """Return the record beside what is asked."""
        stands = row.member.name if row.field == "name" else row.member.masked_resident_id
        return {
            "会员": row.member.name,
            "更正内容": row.get_field_display(),
            "现在登记的": stands,
            "申请更正为": row.value if row.field == "name" else row.shown_value,
            "会员的理由": row.reason,
            "提出时间": row.requested_at,
            **_decided(row.decided_by, row.decided_at, row.note),
        }

    def decide(self, request: HttpRequest, row: MemberCorrection) -> None:
        """Grant or refuse."""
        decide_correction(
            row,
            operator=staff_of(request),
            grant=request.POST.get("outcome") == "grant",
            note=request.POST.get("note", "")[:LONGEST],
            on_document=request.POST.get("on_document", "")[:64],
            ip=client_address(request),
        )


@admin.register(MobileChange)
class MobileChangeAdmin(RequestAdmin):
    """手机号更换 and the objections to it."""

    list_display = ("member_name", "new_tail", "changed_at", "maker", "state")
    list_display_links = ("member_name",)
    list_filter = (("objected_at", admin.EmptyFieldListFilter), ("settled_at", admin.EmptyFieldListFilter))
    list_select_related = ("member", "changed_by", "settled_by", "office")
    grant_label = "不是本人换的，改回原手机号"
    refuse_label = "核实是本人换的，不改回"
    note_hint = "怎样核实的，留在记录里。提出异议的人会收到短信，只写结果。"
    done = "已办结，原号码会收到短信。"

    @admin.display(description="会员")
    def member_name(self, row: MobileChange) -> str:
        """Return whose record it is."""
        return row.member.name or EMPTY

    @admin.display(description="经办")
    def maker(self, row: MobileChange) -> str:
        """Return who changed it."""
        return str(row.changed_by) if row.changed_by else "会员本人"

    @admin.display(description="异议")
    def state(self, row: MobileChange) -> str:
        """Return how the objection stands."""
        if row.is_open:
            return chip("flag", "有异议待处理")
        return chip("info", "已处理") if row.settled_at else EMPTY

    def facts(self, row: MobileChange) -> Mapping[str, object]:
        """Return who changed what, and what the holder of the old number says."""
        return {
            "会员": row.member.name,
            "换成的号码": f"尾号 {row.new_tail}",
            "经办": f"{self.maker(row)}{f'，{row.office.name}' if row.office else ''}",
            "更换时间": row.changed_at,
            "更换理由": row.reason or "会员登录后自己更换",
            "原号码提出的异议": row.objection or "没有",
            **_decided(row.settled_by, row.settled_at, row.settlement),
        }

    def decide(self, request: HttpRequest, row: MobileChange) -> None:
        """Give the old number back, or leave it."""
        settle_change(
            row,
            operator=staff_of(request),
            settlement=request.POST.get("note", "")[:LONGEST],
            revert=request.POST.get("outcome") == "grant",
            ip=client_address(request),
        )


def _decided(by: StaffUser | None, at: object, note: str) -> dict[str, object]:
    return {"办理人": by, "办理时间": at, "说明": note} if by else {}
