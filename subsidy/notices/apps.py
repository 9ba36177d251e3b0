"""The notices application."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Outbox of messages to members."""

    name = "subsidy.notices"
    label = "notices"
    verbose_name = "短信通知"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ask about the gateway whenever the installation is checked."""
        from subsidy.notices import checks  # noqa: F401 - registers itself
