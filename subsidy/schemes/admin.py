"""Schemes as staff see them; a published one is frozen."""

from __future__ import annotations

from django.contrib import admin

from subsidy.backoffice import ReadOnlyAdmin
from subsidy.schemes.models import Scheme


@admin.register(Scheme)
class SchemeAdmin(ReadOnlyAdmin):
    """One row a year."""

    list_display = ["year", "title", "status", "opens_at", "closes_at", "short_fingerprint"]
    fields = [
        "year",
        "title",
        "document_number",
        "status",
        "opens_at",
        "closes_at",
        "fingerprint",
        "definition",
    ]

    @admin.display(description="指纹")
    def short_fingerprint(self, scheme: Scheme) -> str:
        """Return enough of the fingerprint to compare by eye."""
        return scheme.fingerprint[:12]
