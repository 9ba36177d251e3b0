"""Taking a case and giving it back: a lease of thirty minutes of real time (V1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Application
from applications.models.application import ApplicationQuerySet
from applications.services.transitions import lock
from review.models import Assignment
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import REVIEWERS, Role, has_role
from subsidy.accounts.services import staff_actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden
from subsidy.rules.workflow import ApplicationStatus

LEASE: Final = timedelta(minutes=30)
TRIES: Final = 20


def take(application: Application, *, reviewer: StaffUser, ip: str = "") -> Assignment:
    """Lease a case to a reviewer, or renew their lease; raises Conflict while somebody else holds it."""
    require_reviewer(reviewer)
    with transaction.atomic():
        locked = lock(application)
        require_open(locked)
        require_not_own_filing(locked, reviewer)
        return _lease(locked, reviewer, ip)


def take_next(*, reviewer: StaffUser, ip: str = "") -> Application | None:
    """Lease the earliest due case that nobody holds; with none left, return one's own earliest, or None."""
    require_reviewer(reviewer)
    for _ in range(TRIES):
        with transaction.atomic():
            found = (
                waiting(reviewer)
                .filter(~Exists(_leases(clock.real_now())))
                .select_for_update(of=("self",), skip_locked=True)
                .first()
            )
            if found is None:
                break
            # A lease given between the query's snapshot and our row lock is seen only now.
            if not _held_by_other(found, reviewer):
                _lease(found, reviewer, ip)
                return found
    mine = _leases(clock.real_now()).filter(reviewer=reviewer)
    return waiting(reviewer).filter(Exists(mine)).first()


def release(application: Application, *, reviewer: StaffUser, ip: str = "") -> bool:
    """End a lease before its time; a lead may end a colleague's. Return whether there was one."""
    require_reviewer(reviewer)
    with transaction.atomic():
        locked = lock(application)
        assignment = held(locked)
        if assignment is None:
            return False
        if assignment.reviewer_id != reviewer.pk and not has_role(reviewer, Role.REVIEW_LEAD):
            raise Forbidden("这份申报由别的审核员认领。只有认领人和审核组长可以放回队列。")
        end_lease(locked)
        record("review.release", actor=staff_actor(reviewer, ip), target=f"application:{locked.pk}")
    return True


def waiting(reviewer: StaffUser) -> ApplicationQuerySet:
    """Return the queue as the reviewer may work on it, what is due first on top."""
    queue = Application.objects.filter(status=ApplicationStatus.SUBMITTED.value)
    return queue.exclude(filed_by=reviewer).order_by("review_due_at", "id")


def held(application: Application) -> Assignment | None:
    """Return the lease that counts now, whoever holds it."""
    return _leases(clock.real_now(), application).select_related("reviewer").first()


def hold_for_decision(locked: Application, reviewer: StaffUser) -> None:
    """Let a decision go on only if the case is the reviewer's own or nobody's; raises Conflict."""
    if _held_by_other(locked, reviewer):
        raise _taken(held(locked))


def end_lease(locked: Application) -> None:
    """Free a locked case."""
    Assignment.objects.filter(application=locked).update(expires_at=clock.real_now())


def require_reviewer(user: StaffUser, *, lead: bool = False) -> None:
    """Raise Forbidden for whoever is no reviewer (or no lead)."""
    if lead and not has_role(user, Role.REVIEW_LEAD):
        raise Forbidden("只有审核组长可以办理这一项。")
    if not has_role(user, *REVIEWERS):
        raise Forbidden("只有审核员和审核组长可以办理审核。")


def require_not_own_filing(application: Application, reviewer: StaffUser) -> None:
    """Raise Forbidden when the reviewer filed the case for the member."""
    if application.filed_by_id == reviewer.pk:
        raise Forbidden("这份申报由您代报，请由别的审核员审核。", code="OWN_FILING")


def require_open(locked: Application) -> None:
    """Raise Conflict unless the case waits for a reviewer: submitted, or returned and past its deadline."""
    if locked.status == ApplicationStatus.SUBMITTED or is_correction_overdue(locked, clock.now()):
        return
    state = ApplicationStatus(locked.status).label
    raise Conflict(f"申报现在是“{state}”，不在待审队列里。请刷新后再看。", code="WRONG_STATUS")


def is_correction_overdue(application: Application, at: datetime) -> bool:
    """Say whether a returned case has passed its deadline without an answer."""
    due = application.correction_due_at
    return application.status == ApplicationStatus.RETURNED and due is not None and due <= at


def _leases(at: datetime, application: Application | None = None) -> QuerySet[Assignment]:
    return Assignment.objects.filter(application=application or OuterRef("pk"), expires_at__gt=at)


def _held_by_other(application: Application, reviewer: StaffUser) -> bool:
    return _leases(clock.real_now(), application).exclude(reviewer=reviewer).exists()


def _lease(locked: Application, reviewer: StaffUser, ip: str) -> Assignment:
    hold_for_decision(locked, reviewer)
    now = clock.real_now()
    values = {"reviewer": reviewer, "taken_at": now, "expires_at": now + LEASE}
    assignment, _ = Assignment.objects.update_or_create(application=locked, defaults=values)
    record("review.take", actor=staff_actor(reviewer, ip), target=f"application:{locked.pk}")
    return assignment


def _taken(assignment: Assignment | None) -> Conflict:
    if assignment is None:
        return Conflict("这份申报刚刚有了变化，请刷新后再办。", code="TAKEN")
    until = assignment.expires_at.astimezone(clock.SHANGHAI)
    return Conflict(
        f"{assignment.reviewer}正在办理这份申报，认领到 {until:%H:%M}。请先办别的。", code="TAKEN"
    )
