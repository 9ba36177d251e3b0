"""Who may handle money, and the locks every step takes first: batch, then lines, then applications."""

from __future__ import annotations

from collections.abc import Sequence

from applications.models import Application
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.errors import Conflict, Forbidden
from subsidy.rules.workflow import BatchStatus


def require_role(user: StaffUser, *roles: Role, act: str) -> None:
    """Raise Forbidden unless the user holds one of the roles."""
    if not has_role(user, *roles):
        names = "或".join(f"“{role.label}”" for role in roles)
        raise Forbidden(f"{act}要由{names}办理，您没有这个角色。", code="ROLE_REQUIRED")


def require_status(batch: PayoutBatch, *statuses: BatchStatus, act: str) -> None:
    """Raise Conflict unless the locked batch stands in one of the states."""
    status = BatchStatus(batch.status)
    if status not in statuses:
        raise Conflict(
            f"批次 {batch.number} 现在是“{status.label}”，不能{act}。请刷新后再看。", code="WRONG_STATUS"
        )


def lock_batch(batch_id: int) -> PayoutBatch:
    """Lock and reread a batch."""
    return (
        PayoutBatch.objects.select_for_update(of=("self",)).select_related("scheme", "key").get(pk=batch_id)
    )


def lock_result(result_id: int) -> ResultFile:
    """Lock and reread a result file."""
    return ResultFile.objects.select_for_update(of=("self",)).select_related("key").get(pk=result_id)


def lock_lines(batch: PayoutBatch) -> list[tuple[int, int, str]]:
    """Lock the lines of a locked batch, in order; return (id, application id, status) of each."""
    lines = PayoutLine.objects.select_for_update(of=("self",)).filter(batch=batch).order_by("id")
    return list(lines.values_list("id", "application_id", "status"))


def lock_applications(ids: Sequence[int]) -> None:
    """Lock applications in the order of their ids."""
    rows = Application.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    list(rows.values_list("pk", flat=True))


def target(batch: PayoutBatch) -> str:
    """Name the batch in the audit log."""
    return f"payout-batch:{batch.pk}"
