"""What every admin page of ours is careful about: links, filters by address, the history of hidden rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse

EMPTY = "—"
COMPARISONS = (
    "",
    "__exact",
    "__id__exact",
    "__isnull",
    "__isempty",
    "__in",
    "__gte",
    "__gt",
    "__lt",
    "__lte",
)


class CarefulAdmin(admin.ModelAdmin):
    """Links to no record that the reader may not open, and answers no question that no filter asks."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Let an address filter by the list's own filters only.

        Django lets it filter by any column: `?password__startswith=…` would tell a hash letter by letter.
        """
        return lookup in {f"{name}{step}" for name in self._filter_names() for step in COMPARISONS}

    def _filter_names(self) -> Iterator[str]:
        for one in self.list_filter:
            name = one[0] if isinstance(one, (list, tuple)) else getattr(one, "parameter_name", one)
            if isinstance(name, str):
                yield name

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse before anything is looked up: who may not read the list learns of no row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a relation as plain words where its link would lead to a closed door."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        return [
            (title, {**options, "fields": self._open(request, options["fields"])}) for title, options in found
        ]

    def _open(self, request: HttpRequest, field: Any) -> Any:
        if isinstance(field, (list, tuple)):
            return tuple(self._open(request, one) for one in field)
        target = self._leads_to(field)
        return field if target is None or self._may_open(request, target) else self._in_words(field)

    def _leads_to(self, field: Any) -> type[models.Model] | None:
        """Return the model that a field's link leads to, None for a field without a link."""
        try:
            found = self.opts.get_field(field) if isinstance(field, str) else None
        except FieldDoesNotExist:
            return None
        is_link = found is not None and (found.many_to_one or found.one_to_one)
        target = found.related_model if found is not None and is_link else None
        return target if isinstance(target, type) else None

    def _may_open(self, request: HttpRequest, model: type[models.Model]) -> bool:
        other = self.admin_site._registry.get(model)
        return other is not None and other.has_view_permission(request)

    def _in_words(self, name: str) -> Callable[[models.Model], str]:
        """Make a read-only column that shows a relation without a link."""

        label = str(label_for_field(name, self.model, self))

        @admin.display(description=label)
        def column(row: models.Model) -> str:
            related = getattr(row, name, None)
            return EMPTY if related is None else str(related)

        column.__name__ = name
        return column
