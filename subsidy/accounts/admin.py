"""Staff, offices and districts in the admin; nothing is ever deleted there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from subsidy.accounts.forms import StaffForm
from subsidy.accounts.models import District, Office, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import actor_for
from subsidy.accounts.services.staff import (
    change_staff,
    create_staff,
    leave_staff,
    reset_password,
    reset_second_factor,
)
from subsidy.careful_admin import CarefulAdmin


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
    list_display = ["username", "display_name", "office", "role_labels", "is_active", "last_login"]
    list_filter = ["is_active", RoleFilter]
    list_select_related = ["office"]
    search_fields = ["username", "display_name"]
    actions = ["remove_second_factor", "let_go"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffUser]:
        """Load the roles with the list."""
        return super().get_queryset(request).prefetch_related("groups")

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

    @admin.display(description="角色")
    def role_labels(self, user: StaffUser) -> str:
        """Return the roles in words."""
        names = {group.name for group in user.groups.all()}
        return "、".join(role.label for role in Role if role.value in names) or "—"

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

    @admin.action(description="重置第二因素（下次登录重新绑定）", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        """Let the chosen people set up a new device."""
        users = self._changeable(request, queryset)
        for user in users:
            reset_second_factor(user, actor=actor_for(request))
        messages.success(request, f"已重置 {len(users)} 人的第二因素。")

    @admin.action(description="办理离岗（停用账号，记录保留）", permissions=["change"])
    def let_go(self, request: HttpRequest, queryset: QuerySet[StaffUser]) -> None:
        """Close the accounts of the chosen people; nobody closes their own."""
        users = [user for user in self._changeable(request, queryset) if user.pk != request.user.pk]
        for user in users:
            leave_staff(user, actor=actor_for(request))
        messages.success(request, f"已为 {len(users)} 人办理离岗。")

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
