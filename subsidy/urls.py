"""Every address of the house."""

from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from applications.api.throttles import SchemaThrottle
from subsidy import health, views
from subsidy.apps.finding import views as finding

schema = SpectacularJSONAPIView.as_view(throttle_classes=[SchemaThrottle])
urlpatterns = [
    path("", include("applications.pages.urls")),
    path("api/v1/", include("applications.api.urls")),
    path("api/v1/schema/", schema, name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("favicon.ico", RedirectView.as_view(url=static("subsidy/favicon.svg"))),
    path("display/", views.display, name="display"),
    path("staff/", include("subsidy.accounts.urls")),
    path("admin/find/", admin.site.admin_view(finding.search), name="find"),
    path("admin/find/<str:token>/", admin.site.admin_view(finding.result), name="find-result"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
handler400 = "subsidy.views.bad_request"
handler500 = "subsidy.views.server_error"
