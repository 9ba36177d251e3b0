"""Django app of the registers."""

from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """登记库."""

    name = "subsidy.registers"
    label = "registers"
    verbose_name = "登记库"
