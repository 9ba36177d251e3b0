"""Django app of the registers."""

from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """登记库."""

    name = "subsidy.registers"
    label = "registers"
    verbose_name = "登记库"

    def ready(self) -> None:
        """Refuse to start where workbooks would be parsed without defusedxml."""
        from subsidy import spreadsheets  # noqa: F401 - importing it is the check
