"""Moving every encrypted value and every wrapped data key under the current field key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Max, Min, QuerySet

from payouts.models import DataKey
from subsidy.apps.upkeep.custody.columns import Column, encrypted_columns
from subsidy.audit.actors import SYSTEM
from subsidy.audit.services import record
from subsidy.crypto import current_key_id, rewrap

SPAN = 10_000  # primary keys looked at in one go: a whole table would be read again for every few rows
Progress = Callable[[str, int], None]


def rotate_keys(progress: Progress = lambda place, done: None) -> dict[str, int]:
    """Return how many values were moved in each place; safe to stop and to repeat, raises `Unreadable`."""
    moved = {column.label: _rotate_column(column, progress) for column in encrypted_columns()}
    moved["payouts.datakey.wrapped"] = _rewrap_data_keys(progress)
    moved = {place: count for place, count in moved.items() if count}
    if moved:
        record("keys.rotate", actor=SYSTEM, data={"key": current_key_id(), "moved": moved})
    return moved


def _rotate_column(column: Column, progress: Progress) -> int:
    done = 0
    for rows in _spans(column.model._base_manager.all()):
        done += column.rotate(rows)
        progress(column.label, done)
    return done


def _spans(rows: QuerySet) -> Iterator[QuerySet]:
    ends = rows.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is not None:
        for start in range(ends["first"], ends["last"] + 1, SPAN):
            yield rows.filter(pk__gte=start, pk__lt=start + SPAN)


def _rewrap_data_keys(progress: Progress) -> int:
    stale = DataKey.objects.exclude(wrapped__startswith=f"{current_key_id()}$").values_list("pk", flat=True)
    done = 0
    for pk in list(stale):
        with transaction.atomic():
            row = DataKey.objects.select_for_update(of=("self",)).get(pk=pk)
            row.wrapped = rewrap(row.wrapped)
            row.save(update_fields=["wrapped"])
        done += 1
        progress("payouts.datakey.wrapped", done)
    return done
