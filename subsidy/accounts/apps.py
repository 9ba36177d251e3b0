"""The accounts application."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Staff and members, two realms on one session framework."""

    name = "subsidy.accounts"
    label = "accounts"
    verbose_name = "人员与机构"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from subsidy.accounts import checks  # noqa: F401
