"""Handing a payout file to finance; every time is an event (D2)."""

from __future__ import annotations

import hashlib

from django.db import transaction

from payouts import envelope
from payouts.models import PayoutFile
from payouts.services.duties import require_role
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.services import record
from subsidy.crypto import Unreadable, open_data_key, unseal
from subsidy.errors import Conflict


def download(file: PayoutFile, *, by: StaffUser, ip: str = "") -> bytes:
    """Return the exact bytes that were exported; raises Conflict when they are not what was stored."""
    require_role(by, Role.FINANCE_MAKER, Role.FINANCE_CHECKER, act="下载发放文件")
    with transaction.atomic():
        content = plain_bytes(file)
        data = {"file": file.name, "sha256": file.sha256}
        record("payout.download", actor=staff_actor(by, ip), target=f"payout-file:{file.pk}", data=data)
    return content


def plain_bytes(file: PayoutFile) -> bytes:
    """Open the sealed bytes and compare them with the stored SHA-256; raises Conflict."""
    try:
        content = unseal(
            open_data_key(file.batch.key.wrapped), bytes(file.content), envelope.of_file(file.name)
        )
    except Unreadable:
        content = b""
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Conflict(
            f"文件 {file.name} 与登记的 SHA-256 不一致，没有下载。请不要使用此文件，并报告管理员。",
            code="FILE_ALTERED",
        )
    return content
