"""The admin's form for staff: shape here, rules in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role, roles_of
from subsidy.accounts.services.staff import check_not_own, check_roles
from subsidy.errors import SubsidyError


class StaffForm(forms.ModelForm):
    """Name, office, roles and a first or reset password."""

    roles = forms.MultipleChoiceField(
        label="角色", choices=Role.choices(), required=False, widget=forms.CheckboxSelectMultiple
    )
    new_password = forms.CharField(
        label="初始或重置密码",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 个字符；本人下次登录后须更换。留空表示不改。",
    )

    editor_id: int | None = None
    """Who fills the form in; nobody changes their own roles."""

    class Meta:
        model = StaffUser
        fields = ["username", "display_name", "office"]
        labels = {"username": "工号"}
        help_texts = {"username": "登录用，可以是字母、数字和 @ . + - _ ，不分大小写。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields["new_password"].required = True
        else:
            self.fields["roles"].initial = sorted(roles_of(self.instance))

    def clean_roles(self) -> list[Role]:
        """Return the chosen roles as terms."""
        return [Role(code) for code in self.cleaned_data["roles"]]

    def clean_new_password(self) -> str:
        """Hold the password against the house's rules; nobody resets their own without the present one."""
        password: str = self.cleaned_data["new_password"]
        if password and self.editor_id is not None and self.instance.pk == self.editor_id:
            raise ValidationError("自己的密码请在右上角“登录保护”里点“修改密码”，要先填现在的密码。")
        if password:
            validate_password(password, self.instance)
        return password

    def clean(self) -> dict[str, Any]:
        """Refuse duties that may not meet in one person."""
        cleaned = super().clean() or {}
        if "roles" in cleaned and "office" in cleaned:
            try:
                check_roles(set(cleaned["roles"]), cleaned["office"], is_superuser=self.instance.is_superuser)
                check_not_own(self.instance, set(cleaned["roles"]), editor_id=self.editor_id)
            except SubsidyError as refusal:
                raise ValidationError({refusal.field: refusal.message}) from refusal
        return cleaned
