"""Django app of the review."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """审核."""

    name = "review"
    verbose_name = "审核"
