"""Staff, offices and districts in the admin; nothing is ever deleted there."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from subsidy import clock
from subsidy.accounts.forms import StaffForm
from subsidy.accounts.models import District, Office, SignInTries, StaffUser
from subsidy.accounts.recent import ask_again, recent_proof_required
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import actor_for
from subsidy.accounts.services.staff import (
    change_staff,
    create_staff,
    end_sessions,
    leave_staff,
    reset_password,
    reset_second_factor,
)
from subsidy.accounts.services.tries import locked_until, unlock_staff
from subsidy.audit.actors import Actor
from subsidy.careful_admin import CarefulAdmin
from subsidy.templatetags.house import chip, table_moment

OWN_ACCOUNT = "不能办理自己的账号。密码和身份验证器请在“登录保护”里改，其他请由另一位管理员办理。"


class KeptAdmin(CarefulAdmin):
    """A list whose rows may be added and changed, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RoleFilter(admin.SimpleListFilter):
    """Staff by role, in words."""

    title = "角色"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the roles."""
        return Role.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> QuerySet[StaffUser]:
        """Keep those who hold the chosen one."""
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(StaffUser)
class StaffUserAdmin(KeptAdmin):
    """The life cycle of staff accounts."""

    form = StaffForm
    list_display = ["username", "display_name", "office", "role_labels", "standing", "last_login"]
    list_filter = ["is_active", RoleFilter]
    list_select_related = ["office"]
    search_fields = ["username", "display_name"]
    actions = ["unlock", "remove_second_factor", "leave"]
    deeds = ("unlock", "end_sessions", "reset_second_factor", "leave")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffUser]:
        """Load with the list the roles and how each account stands."""
        bound = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        closed = SignInTries.objects.filter(staff=OuterRef("pk"), locked_until__gt=clock.real_now())
        found = super().get_queryset(request).prefetch_related("groups")
        return found.annotate(is_bound=Exists(bound), is_closed=Exists(closed))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep accounts of those who left, and superusers', out of administrators' hands."""
        allowed = super().has_change_permission(request, obj)
        if obj is None:
            return allowed
        return allowed and obj.left_at is None and (not obj.is_superuser or request.user.is_superuser)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"editor_id": request.user.pk})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask again who sits there before an account is made or changed."""
        question = ask_again(request) if request.method == "POST" else None
        return question or super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Do so before something is done with many."""
        question = ask_again(request) if request.method == "POST" else None
        return question or super().changelist_view(request, extra_context)

    @admin.display(description="角色")
    def role_labels(self, user: StaffUser) -> str:
        """Return the roles in words."""
        names = {group.name for group in user.groups.all()}
        return "、".join(role.label for role in Role if role.value in names) or "—"

    @admin.display(description="状态")
    def standing(self, user: Any) -> SafeString:
        """Return how the account stands as a chip."""
        if not user.is_active:
            return chip("ended", "已离岗" if user.left_at else "已停用")
        if user.is_closed:
            return chip("late", "暂停登录")
        return chip("yes", "已绑定") if user.is_bound else chip("soon", "未绑定")

    def save_model(self, request: HttpRequest, obj: StaffUser, form: StaffForm, change: bool) -> None:
        """Hand the form to the services; the row is never saved by the admin itself."""
        data = form.cleaned_data
        if change:
            self._change(request, StaffUser.objects.get(pk=obj.pk), data)
            return
        made = create_staff(
            data["username"],
            display_name=data["display_name"],
            password=data["new_password"],
            roles=data["roles"],
            office=data["office"],
            must_change_password=True,
            actor=actor_for(request),
        )
        obj.pk, obj._state.adding = made.pk, False

    def _change(self, request: HttpRequest, user: StaffUser, data: dict[str, Any]) -> None:
        actor = actor_for(request)
        change_staff(
            user,
            username=data["username"],
            display_name=data["display_name"],
            office=data["office"],
            roles=data["roles"],
            actor=actor,
        )
        if data["new_password"]:
            reset_password(user, data["new_password"], actor=actor)

    @admin.action(description="解锁（连续输错后暂停登录的）", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        """Open the closed doors of the chosen people."""
        opened = [user for user in queryset if unlock_staff(user, actor=actor_for(request))]
        messages.success(request, f"已解锁 {len(opened)} 人。")

    @admin.action(description="重置身份验证器（下次登录重新绑定）", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        """Let the chosen people set up a new device."""
        users = self._others(request, queryset)
        for user in users:
            reset_second_factor(user, actor=actor_for(request))
        messages.success(request, f"已重置 {len(users)} 人的身份验证器。")

    @admin.action(description="办理离岗（停用账号，记录保留）", permissions=["change"])
    def leave(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        """Close the accounts of the chosen people; nobody closes their own."""
        users = self._others(request, queryset)
        for user in users:
            self.let_go(user, actor_for(request))
        messages.success(request, f"已为 {len(users)} 人办理离岗。")

    def let_go(self, user: StaffUser, actor: Actor) -> None:
        """Close one account; rooms above also give back what the person held."""
        leave_staff(user, actor=actor)

    def get_urls(self) -> list[URLPattern]:
        """Add the address of what is done with one account."""
        own = path(
            "<int:pk>/<slug:deed>/",
            self.admin_site.admin_view(self.do),
            name="accounts_staffuser_deed",
        )
        stock = super().get_urls()
        return [*stock[:-1], own, stock[-1]]  # the last one catches every address

    @method_decorator([require_POST, recent_proof_required])
    def do(self, request: HttpRequest, pk: int, deed: str) -> HttpResponse:
        """Do one thing with one account; nobody does it with their own."""
        user = get_object_or_404(StaffUser, pk=pk)
        if not self.has_change_permission(request, user) or deed not in self.deeds:
            raise PermissionDenied
        back = HttpResponseRedirect(reverse("admin:accounts_staffuser_change", args=[pk]))
        if user.pk == request.user.pk:
            messages.error(
                request, "不能办理自己的账号。密码和身份验证器请在“登录保护”里改，其他请由另一位管理员办理。"
            )
            return back
        messages.success(request, self._done(user, deed, actor_for(request)))
        return back

    def _done(self, user: StaffUser, deed: str, actor: Actor) -> str:
        match deed:
            case "unlock":
                opened = unlock_staff(user, actor=actor)
                return f"{user} 已解锁。" if opened else f"{user} 没有被锁。"
            case "end_sessions":
                end_sessions(user, actor=actor)
                return f"{user} 在所有电脑上的登录都已结束。"
            case "reset_second_factor":
                reset_second_factor(user, actor=actor)
                return f"{user} 的身份验证器已解除，下次登录重新绑定。"
        self.let_go(user, actor)
        return f"{user} 已办理离岗，账号停用，经手记录保留。"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Say above the form how the account stands."""
        user: StaffUser | None = kwargs.get("obj")
        if user is not None:
            until = locked_until(user)
            bound = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
            context |= {
                "locked_until": until and table_moment(until),
                "bound": bound,
                "may_do": user.pk != request.user.pk and self.has_change_permission(request, user),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _others(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> list[StaffUser]:
        """Return whom one may deal with; one's own account is another's business."""
        return [user for user in self._changeable(request, queryset) if user.pk != request.user.pk]

    def _changeable(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> list[StaffUser]:
        return [user for user in queryset if self.has_change_permission(request, user)]


@admin.register(Office)
class OfficeAdmin(KeptAdmin):
    """The tree of union offices."""

    list_display = ["code", "name", "kind", "parent", "district", "is_active"]
    list_filter = ["kind", "district", "is_active"]
    list_select_related = ["parent", "district"]
    search_fields = ["code", "name"]


@admin.register(District)
class DistrictAdmin(KeptAdmin):
    """The shipped districts, to read."""

    list_display = ["code", "name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
