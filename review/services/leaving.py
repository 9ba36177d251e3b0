"""Somebody leaves the office: the account is closed and the cases they held go back to the queue (A8)."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from review.models import Assignment
from review.services.leases import end_lease
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import leave_staff
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.services import record


@transaction.atomic
def let_go(user: StaffUser, *, actor: Actor = SYSTEM) -> int:
    """Close the account and free what was leased; return how many cases. History keeps naming the person."""
    leave_staff(user, actor=actor)
    held = Assignment.objects.filter(reviewer=user, expires_at__gt=clock.real_now())
    cases = Application.objects.filter(pk__in=held.values("application_id"))
    freed = 0
    for case in cases.select_for_update(of=("self",)).order_by("pk"):
        if held.filter(application=case).exists():
            end_lease(case)
            record("review.release", actor=actor, target=f"application:{case.pk}")
            freed += 1
    return freed
