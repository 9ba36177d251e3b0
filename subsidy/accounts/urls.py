"""The sign-in pages of staff: of django-allauth only these; passwords are reset by an administrator alone."""

from __future__ import annotations

from allauth.account import views
from allauth.mfa.base import views as mfa
from django.urls import path

from subsidy.accounts import protection

urlpatterns = [
    path("", protection.home, name="account_home"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("2fa/", protection.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", protection.set_up, name="mfa_activate_totp"),
    path("2fa/recovery-codes/renew/", protection.renew_codes, name="renew_recovery_codes"),
    path("2fa/end-other-sessions/", protection.end_other_sessions, name="end_other_sessions"),
]
