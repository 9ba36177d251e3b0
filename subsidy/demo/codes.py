"""Reading a sign-in code where only this clone can: in its own outbox, never over HTTP."""

from __future__ import annotations

import re
from typing import Final

from subsidy.notices.models import Notice
from subsidy.notices.templates import NoticeTemplate

RECENT: Final = 50
CODE: Final = re.compile(r"\b\d{6}\b", re.ASCII)


def latest_code(mobile: str) -> str:
    """Return the code last sent to a number; raises LookupError when there is none among the latest."""
    sent = Notice.objects.filter(template=NoticeTemplate.SIGN_IN_CODE.value).order_by("-id")
    for notice in sent[:RECENT]:
        found = CODE.search(notice.body)
        if notice.mobile == mobile and found:
            return found[0]
    raise LookupError("no sign-in code was sent to this number")
