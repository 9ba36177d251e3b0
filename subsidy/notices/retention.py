"""Emptying messages that are long done: that one was sent stays on record, its number and words do not."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from subsidy.notices.models import Notice, NoticeStatus
from subsidy.notices.templates import TEMPLATES

CHUNK: Final = 500
SECRET: Final = [template.value for template, wording in TEMPLATES.items() if wording.is_secret]
WAITING: Final = [NoticeStatus.PENDING.value, NoticeStatus.SENDING.value]


def readable(before: datetime, *, secret: bool = False) -> QuerySet[Any]:
    """Return the finished messages older than the instant that still hold a number or words."""
    done = Notice.objects.exclude(status__in=WAITING).filter(created_at__lt=before, body__isnull=False)
    rows: QuerySet[Any] = done.filter(template__in=SECRET) if secret else done
    return rows


def forget(before: datetime, *, secret: bool = False) -> int:
    """Empty them, a chunk a transaction; return how many."""
    done = 0
    while changed := _forget_some(readable(before, secret=secret)):
        done += changed
    return done


@transaction.atomic
def _forget_some(rows: QuerySet[Any]) -> int:
    ids = list(rows.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:CHUNK])
    changed: int = Notice.objects.filter(pk__in=ids).update(mobile=None, body=None)
    return changed
