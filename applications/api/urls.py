"""Every address of API v1."""

from __future__ import annotations

from django.urls import path, re_path

from applications.api.views import base, public

urlpatterns = [
    path("schemes/", public.SchemesView.as_view(), name="api-schemes"),
    path("eligibility-checks/", public.EligibilityChecksView.as_view(), name="api-eligibility-checks"),
    path("trades/", public.TradesView.as_view(), name="api-trades"),
    path("awarding-bodies/", public.AwardingBodiesView.as_view(), name="api-awarding-bodies"),
    re_path(r"^(?!schema/|docs/)", base.NowhereView.as_view(), name="api-nowhere"),
]
