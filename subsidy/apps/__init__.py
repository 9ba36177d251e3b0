"""The composition root as a Django app: the admin site and the Celery application are loaded here."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SubsidyConfig(AppConfig):
    """The house itself; the only place where the queue is wired in."""

    name = "subsidy"
    verbose_name = "助推计划"

    def ready(self) -> None:
        """Load Celery, so that a task published by a web process finds its application."""
        from subsidy import celery, checks  # noqa: F401 - Celery must not load before Django's apps


class SubsidyAdminConfig(AdminConfig):
    """Django's admin with our site as the default."""

    default_site = "subsidy.site.SubsidyAdminSite"
