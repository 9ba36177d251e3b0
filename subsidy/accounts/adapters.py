"""How django-allauth treats our staff: nobody signs up, every sign-in is recorded."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import record_proof
from subsidy.accounts.roles import FILERS, has_role
from subsidy.accounts.services.actors import client_address, staff_actor, target_of
from subsidy.accounts.services.sessions import forget_member
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.crypto import blind_index

DESK = "/desk/"


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff accounts are made by command or in the admin only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: there is no self-service for staff accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count sign-in limits by the same address that the audit names."""
        return client_address(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send those who file for members to the desk, everybody else to the admin."""
        if isinstance(request.user, StaffUser) and request.user.must_change_password:
            return reverse("account_change_password")
        return DESK if has_role(request.user, *FILERS) else super().get_login_redirect_url(request)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in; a member's session in the same browser ends."""
        forget_member(request)
        super().login(request, user)
        record_proof(request)
        if isinstance(user, StaffUser):
            record("staff.sign_in", actor=staff_actor(user, client_address(request)), target=target_of(user))

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Set a password of the person's own choosing."""
        if isinstance(user, StaffUser):
            user.must_change_password = False
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
