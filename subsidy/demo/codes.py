"""Reading codes where only this clone can: in its own outbox and its own database, never over HTTP."""

from __future__ import annotations

import re
from typing import Final

from subsidy import clock
from subsidy.accounts import totp
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services.second_factor import totp_secret
from subsidy.notices.models import Notice
from subsidy.notices.templates import NoticeTemplate

RECENT: Final = 50
CODE: Final = re.compile(r"\b\d{6}\b", re.ASCII)


def latest_code(mobile: str) -> str:
    """Return the code last sent to a number; raises LookupError when there is none among the latest."""
    sent = Notice.objects.filter(template=NoticeTemplate.SIGN_IN_CODE.value).order_by("-id")
    for notice in sent[:RECENT]:
        found = CODE.search(notice.body or "")
        if notice.mobile == mobile and found:
            return found[0]
    raise LookupError("no sign-in code was sent to this number")


def staff_code(user: StaffUser) -> tuple[str, int]:
    """Return a code that the sign-in will take, and for how many seconds.

    The authenticator's present code or, once that is used, the next one, which is taken early. Raises
    LookupError when that is used too (another comes within half a minute), NotFound when no app is bound.
    """
    secret, now = totp_secret(user), clock.real_now()
    used = StaffUser.objects.values_list("totp_step", flat=True).get(pk=user.pk)
    present = totp.step_at(now)
    step = max(present, used + 1)
    if step > present + totp.TOLERANCE:
        wait = totp.ends_at(present) - now.timestamp()
        raise LookupError(f"{user.username} 的口令刚刚用过，请过 {wait:.0f} 秒再试。")
    return totp.code_of(secret, step), int(totp.ends_at(step + totp.TOLERANCE) - now.timestamp())
