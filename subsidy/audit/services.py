"""Writing the audit log: one row in the caller's transaction, without any lock."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from typing import Any

from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.audit.masking import masked
from subsidy.audit.models import AuditRow


def record(
    action: str, *, actor: Actor, target: str = "", data: dict[str, Any] | None = None, ip: str = ""
) -> None:
    """Write who did what to which target ("application:12"); numbers in `data` are masked."""
    AuditRow.objects.create(
        action=action,
        realm=actor.realm,
        actor_id=actor.id,
        actor_label=actor.label,
        target=target,
        business_at=clock.now(),
        real_at=clock.real_now(),
        ip=_address(ip or actor.ip),
        data=masked(data or {}),
    )


def record_bulk(
    action: str,
    *,
    actor: Actor,
    ids: Iterable[int | str],
    target: str = "",
    data: dict[str, Any] | None = None,
    ip: str = "",
) -> None:
    """Write one row for a step over many rows: how many, and a digest that proves which."""
    count, digest = ids_digest(ids)
    record(action, actor=actor, target=target, data={**(data or {}), "count": count, "ids": digest}, ip=ip)


def ids_digest(ids: Iterable[int | str]) -> tuple[int, str]:
    """Return how many ids there are and the sha256 of their sorted text, one a line."""
    lines = sorted(str(item) for item in ids)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _address(text: str) -> str | None:
    """An address that is none must not undo the work it describes."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
