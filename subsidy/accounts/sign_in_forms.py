"""What staff type at their door, beside user name and password: codes and a password of their own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.known_browser import browser_index
from subsidy.accounts.recent import record_proof, record_second_factor
from subsidy.accounts.services.actors import client_address, staff_actor, target_of
from subsidy.accounts.services.second_factor import prove_second_factor
from subsidy.audit.services import record
from subsidy.errors import SubsidyError


class CodeForm(AuthenticateForm):
    """A code of the app or a recovery code, at sign-in."""

    def clean_code(self) -> str:
        """Hold the code against the account; every try is counted."""
        request, code = get_adapter().request, str(self.cleaned_data["code"])
        browser, ip = browser_index(request, self.user.pk), client_address(request)
        try:
            self.authenticator = prove_second_factor(self.user, code, browser=browser, ip=ip)
        except SubsidyError as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
        return code


class AskAgainForm(CodeForm, ReauthenticateForm):
    """The same, asked again in an open session."""

    def save(self) -> None:
        """Take it as a new proof of who sits there."""
        ReauthenticateForm.save(self)
        request = get_adapter().request
        record_proof(request)
        record_second_factor(request)
        actor = staff_actor(self.user, client_address(request))
        data = {"by": StaffDoor.SECOND_FACTOR.value}
        record("staff.prove", actor=actor, target=target_of(self.user), data=data)


class OwnPasswordForm(ChangePasswordForm):
    """A new password of one's own; the present one is asked, and its tries are counted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", "现在的密码"),
            ("password1", "新密码"),
            ("password2", "再输一遍新密码"),
        ):
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_oldpassword(self) -> str:
        """Refuse a wrong present password."""
        typed: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed

    def clean(self) -> dict[str, Any]:
        """Refuse the present password as the new one."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password1") and cleaned.get("password1") == cleaned.get("oldpassword"):
            self.add_error("password1", "新密码不能和现在的一样，请换一个。")
        return cleaned
