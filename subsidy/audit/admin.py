"""The audit log as auditors read it."""

from __future__ import annotations

from django.contrib import admin

from subsidy.audit.labels import deed_label
from subsidy.audit.models import AuditRow, AuditSeal
from subsidy.backoffice import KeysetAdmin, ReadOnlyAdmin


@admin.register(AuditRow)
class AuditRowAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Rows, newest first; searched by exact target ("application:12")."""

    list_display = ["id", "real_at", "deed", "realm", "actor_id", "actor_label", "target", "ip"]
    list_filter = ["realm"]
    search_fields = ["=target", "=action"]
    search_help_text = "按对象（如 application:12）或操作名精确查找"
    list_per_page = 50

    @admin.display(description="操作")
    def deed(self, row: AuditRow) -> str:
        """Return the deed in words and its code."""
        return deed_label(row.action)


@admin.register(AuditSeal)
class AuditSealAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The chain, newest first."""

    list_display = ["id", "sealed_at", "first", "last", "count", "sha256"]
    fields = ["sealed_at", "first", "last", "count", "previous", "sha256"]
    list_per_page = 50
