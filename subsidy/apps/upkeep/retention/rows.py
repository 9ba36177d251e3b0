"""Rows that serve a moment only: sessions, codes, tokens, tries and keys, deleted a chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet

from applications.models import IdempotencyKey
from subsidy.accounts.models import MemberToken, RefusedClaim, SignInCode, SignInTries, UsedTicket

CHUNK: Final = 500
Expired = Callable[[datetime], QuerySet[Any]]

EXPIRED: Final[Mapping[str, Expired]] = {
    "sessions": lambda before: Session.objects.filter(expire_date__lt=before),
    "sign_in_codes": lambda before: SignInCode.objects.filter(created_at__lt=before),
    "member_tokens": lambda before: MemberToken.objects.filter(
        Q(expires_at__lt=before) | Q(revoked_at__lt=before)
    ),
    "used_tickets": lambda before: UsedTicket.objects.filter(expires_at__lt=before),
    "refused_claims": lambda before: RefusedClaim.objects.filter(refused_at__lt=before),
    "sign_in_tries": lambda before: SignInTries.objects.filter(tried_at__lt=before).filter(
        Q(locked_until=None) | Q(locked_until__lt=before)
    ),
    "idempotency_keys": lambda before: IdempotencyKey.objects.filter(created_at__lt=before),
}


def delete(name: str, before: datetime) -> int:
    """Delete what expired before the instant; each chunk is a transaction of its own."""
    done = 0
    while deleted := _delete_some(EXPIRED[name](before)):
        done += deleted
    return done


def count(name: str, before: datetime) -> int:
    """Count what `delete` would delete."""
    return EXPIRED[name](before).count()


@transaction.atomic
def _delete_some(rows: QuerySet[Any]) -> int:
    keys = list(rows.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:CHUNK])
    deleted, _ = rows.model._base_manager.filter(pk__in=keys).delete()
    return deleted
