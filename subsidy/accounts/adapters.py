"""How django-allauth treats our staff: nobody signs up, tries are counted, every step is recorded."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from subsidy.accounts import gate
from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.known_browser import browser_index, remember_browser
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import has_proved_second_factor, is_recent, record_proof, record_second_factor
from subsidy.accounts.services.actors import client_address, staff_actor, target_of
from subsidy.accounts.services.second_factor import has_second_factor
from subsidy.accounts.services.sessions import forget_member
from subsidy.accounts.services.tries import Account, account_named, count_try, forget_tries
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.crypto import blind_index, open_text, seal_text
from subsidy.errors import TooManyRequests

SEALED_IN: Final = "mfa.authenticator.data"
PENDING: Final = "sign_in_stamp"
OTHER_WAYS: Final = {"mfa_reauthenticate": "改用动态口令", "reauthenticate": "改用密码"}


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff accounts are made by command or in the admin only."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "工号或密码不正确。",
        "incorrect_password": "密码不正确。",
        "enter_current_password": "现在的密码不正确。",
        "too_many_login_attempts": "这个网络登录失败的次数过多，请一分钟后再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: there is no self-service for staff accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count sign-in limits by the same address that the audit names."""
        return client_address(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send people to what they must still do, else to where their work is."""
        return gate.landing(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on where the sign-in would have led."""
        return gate.landing(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at; the address counts for unknown browsers only."""
        account, browser = _who(request, credentials)
        if not browser:
            super().pre_authenticate(request, **credentials)
        try:
            count_try(StaffDoor.PASSWORD, account, browser=browser, ip=client_address(request))
        except TooManyRequests as refusal:
            self._rollback_login_failed_rl_usage()
            raise ValidationError(refusal.message, code="locked") from refusal

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Open the door again after the right password."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            account, browser = _who(request, credentials)
            forget_tries(StaffDoor.PASSWORD, account, browser=browser)
        return user

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """Change the session's key once the password is right; a code may still be wanted."""
        response = super().pre_login(request, user, **kwargs)
        if response is None:
            request.session.cycle_key()
            request.session[PENDING] = _stamp(user)
            if isinstance(user, StaffUser) and has_second_factor(user):
                actor = staff_actor(user, client_address(request))
                record("staff.password_accepted", actor=actor, target=target_of(user))
        return response

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in; a member's session in the same browser ends.

        Whoever was reset, moved or let go between password and code begins anew.
        """
        stamp = request.session.pop(PENDING, "")
        if not stamp or stamp != _stamp(user):
            raise ImmediateHttpResponse(redirect("account_login"))
        steps = [step["method"] for step in get_authentication_records(request, user)]
        forget_member(request)
        super().login(request, user)
        record_proof(request)
        if "mfa" in steps:
            record_second_factor(request)
        if isinstance(user, StaffUser):
            data = {"second_factor": "mfa" in steps}
            actor = staff_actor(user, client_address(request))
            record("staff.sign_in", actor=actor, target=target_of(user), data=data)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Remember the browser in which somebody signed in whole."""
        response = super().post_login(request, user, **kwargs)
        if isinstance(user, StaffUser) and has_proved_second_factor(request):
            remember_browser(request, response, user)
        return response

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Take the password as a new proof of who sits there."""
        is_right = super().reauthenticate(user, password)
        if is_right and isinstance(user, StaffUser):
            record_proof(self.request)
            actor = staff_actor(user, client_address(self.request))
            data = {"by": StaffDoor.PASSWORD.value}
            record("staff.prove", actor=actor, target=target_of(user), data=data)
        return is_right

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again by the same clock as money and reveals."""
        return not is_recent(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Offer the code first, the password beside it."""
        methods = {method["id"]: method for method in super().get_reauthentication_methods(user)}
        return [methods[way] | {"description": words} for way, words in OTHER_WAYS.items() if way in methods]

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Set a password of the person's own choosing; their other sessions end."""
        if isinstance(user, StaffUser):
            user.must_change_password = False
            actor = staff_actor(user, client_address(self.request))
            record("staff.change_password", actor=actor, target=target_of(user))
        super().set_password(user, password)

    def logout(self, request: HttpRequest) -> None:
        """Sign out and record it."""
        user, ip = request.user, client_address(request)
        super().logout(request)
        if isinstance(user, StaffUser):
            record("staff.sign_out", actor=staff_actor(user, ip), target=target_of(user))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record the failure under a digest of the typed name: people type passwords there."""
        typed = str(credentials.get("username") or "")
        data = {"name_digest": blind_index("code", f"username\0{typed}")[:16]}
        record("staff.sign_in_failed", actor=Actor("system", None, ip=client_address(request)), data=data)


class StaffMFAAdapter(DefaultMFAAdapter):
    """Second factors are sealed under the field keys, and replaced but never taken off."""

    def encrypt(self, text: str) -> str:
        """Seal a secret or a seed."""
        return seal_text(text, SEALED_IN)

    def decrypt(self, encrypted_text: str) -> str:
        """Open it; raises `Unreadable` when its key is gone."""
        return open_text(encrypted_text, SEALED_IN)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse: only an administrator resets a second factor."""
        return False


def _stamp(user: AbstractBaseUser) -> str:
    return user.get_session_auth_hash() if user.is_active else ""


def _who(request: HttpRequest, credentials: dict[str, Any]) -> tuple[Account, str]:
    account = account_named(str(credentials.get("username") or ""))
    return account, browser_index(request, account.staff_id)
