"""Django app of the yearly schemes."""

from __future__ import annotations

from django.apps import AppConfig


class SchemesConfig(AppConfig):
    """年度方案."""

    name = "subsidy.schemes"
    label = "schemes"
    verbose_name = "方案与系统"
