"""What our admin pages share: view-only admins, masked columns and lists that stay fast on any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from operator import attrgetter
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest

from subsidy.careful_admin import EMPTY, CarefulAdmin

AFTER_VAR = "after"
COUNT_CAP = 1000


class ReadOnlyAdmin(CarefulAdmin):
    """Shows rows to those who may view them; nobody adds, changes or deletes here."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        raise PermissionDenied

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        raise PermissionDenied

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        raise PermissionDenied


class CappedCount(int):
    """A count that says "1000+" once it reached the cap."""

    def __str__(self) -> str:
        return f"{COUNT_CAP}+" if self > COUNT_CAP else str(int(self))


class CappedPaginator(Paginator):
    """Counts no further than one row past the cap, so that no page ever counts the table."""

    @cached_property
    def count(self) -> CappedCount:
        """The number of rows, or one more than the cap."""
        rows = cast("models.QuerySet[Any]", self.object_list)
        return CappedCount(rows.order_by().values("pk")[: COUNT_CAP + 1].count())


class KeysetChangeList(ChangeList):
    """A list whose next page starts after the last row seen; its parameter never counts as a filter."""

    @property
    def keyset(self) -> str:
        """The ordering column that the admin class named."""
        return getattr(self.model_admin, "keyset", "-pk")

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Return the filters without our own parameter."""
        found = super().get_filters_params(params)
        found.pop(AFTER_VAR, None)
        return found

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Build a link; choosing a filter or an order starts again at the first row."""
        keeps = AFTER_VAR in (new_params or {})
        return super().get_query_string(new_params, [*(remove or []), *([] if keeps else [AFTER_VAR])])

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> models.QuerySet[Any]:
        """Return the filtered rows in keyset order, past the row named in the address."""
        rows = super().get_queryset(request, exclude_parameters)
        if not self.uses_keyset:
            return rows
        rows = rows.order_by(*self._order)
        token = self.params.get(AFTER_VAR, "")
        return rows.filter(self._beyond(token)) if token else rows

    @property
    def uses_keyset(self) -> bool:
        """Say whether the list is in its own order and not in one that the user clicked."""
        return ORDER_VAR not in self.params

    @property
    def next_link(self) -> str:
        """The address of the next page, or nothing at the end."""
        rows = list(self.result_list)
        if not self.uses_keyset or not rows or self.result_count <= self.list_per_page:
            return ""
        return self.get_query_string({AFTER_VAR: self._token(rows[-1])})

    @property
    def first_link(self) -> str:
        """The address of the first page, or nothing when this is it."""
        return self.get_query_string() if self.params.get(AFTER_VAR) else ""

    @property
    def next_url(self) -> str:
        """The next page as the pager asks for it; by page number when the user chose the order."""
        has_more = self.page_num * self.list_per_page < self.result_count
        by_number = self.get_query_string({PAGE_VAR: self.page_num + 1}) if has_more else ""
        return self.next_link if self.uses_keyset else by_number

    @property
    def previous_url(self) -> str:
        """The way back as the pager asks for it: to the first page, or by page number."""
        by_number = self.get_query_string({PAGE_VAR: self.page_num - 1}) if self.page_num > 1 else ""
        return self.first_link if self.uses_keyset else by_number

    @property
    def page_words(self) -> str:
        """第 1–50 条，共 1000+ 条; past the first page what is left is counted."""
        shown = len(self.result_list)
        if self.params.get(AFTER_VAR):
            return f"本页 {shown} 条，从这里起共 {self.result_count} 条"
        first = (self.page_num - 1) * self.list_per_page + 1
        return f"第 {first}–{first + shown - 1} 条，共 {self.result_count} 条"

    @property
    def _column(self) -> str:
        return self.keyset.lstrip("-")

    @property
    def _order(self) -> list[str]:
        sign = "-" if self.keyset.startswith("-") else ""
        return [f"{sign}pk"] if self._column == "pk" else [self.keyset, f"{sign}pk"]

    def _token(self, row: models.Model) -> str:
        if self._column == "pk":
            return str(row.pk)
        value = getattr(row, self._column)
        return f"{row.pk}~{'' if value is None else self._field.value_to_string(row)}"

    @property
    def _field(self) -> models.Field[Any, Any]:
        return cast("models.Field[Any, Any]", self.lookup_opts.get_field(self._column))

    def _beyond(self, token: str) -> Q:
        """Return the condition for the rows past the token; unknown values sort as the largest."""
        step = "lt" if self.keyset.startswith("-") else "gt"
        pk_text, _, text = token.partition("~")
        try:
            pk = self.lookup_opts.pk.to_python(pk_text)
            value = self._field.to_python(text) if text else None
        except (ValidationError, ValueError) as error:
            raise IncorrectLookupParameters(error) from error
        further = Q(**{f"pk__{step}": pk})
        if self._column == "pk":
            return further
        unknown = Q(**{f"{self._column}__isnull": True})
        if value is None:
            return (unknown & further) | (~unknown if step == "lt" else Q(pk__in=[]))
        known = Q(**{f"{self._column}__{step}e": value}) & (Q(**{f"{self._column}__{step}": value}) | further)
        return known | unknown if self._field.null and step == "gt" else known


class KeysetAdmin(admin.ModelAdmin):
    """A list by keyset with a capped count; name the column in `keyset`, "-" before it for newest first."""

    keyset = "-pk"
    paginator = CappedPaginator
    show_full_result_count = False
    list_max_show_all = 0

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return our change list, which reads `keyset` from here."""
        return KeysetChangeList


def masked(path: str, mask: Callable[[str], str], label: str) -> Callable[[models.Model], str]:
    """Make a read-only column that shows an attribute (dots follow relations) through a mask."""
    read = attrgetter(path)

    @admin.display(description=label, empty_value=EMPTY)
    def column(row: models.Model) -> str:
        value = read(row)
        return mask(value) if value else EMPTY

    column.__name__ = f"masked_{path.replace('.', '_')}"
    return column


def open_doors(request: HttpRequest, site: admin.AdminSite = admin.site) -> Iterator[tuple[str, str]]:
    """Yield (model label, "add" | "change" | "delete") for all that this request may do in the admin."""
    for model, model_admin in site._registry.items():
        allowed = {
            "add": model_admin.has_add_permission(request),
            "change": model_admin.has_change_permission(request),
            "delete": model_admin.has_delete_permission(request),
        }
        yield from ((model._meta.label, verb) for verb, may in allowed.items() if may)
