"""Django app of the payouts."""

from __future__ import annotations

from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    """资金."""

    name = "payouts"
    verbose_name = "资金"
