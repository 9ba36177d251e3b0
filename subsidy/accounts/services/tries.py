"""Counting tries at the doors of the staff, so that neither a password nor a code can be guessed.

Each try is counted *before* anything is compared, by one conditional statement: of a thousand parallel
tries at most `LIMIT` are looked at, whatever the number of processes. The fifth failure closes the door for a
minute, each further one for twice as long, half an hour at most; a success, a day without tries or an
administrator opens it again. A name that nobody bears is counted and closed alike, with the same words.

Whoever knows a colleague's name can close that colleague's door, and would need one request in half an hour
to keep it closed. So the count is kept per account *and* browser: a browser in which the colleague once
signed in whole carries a signed cookie and has a count of its own (`known_browser`). A stranger's tries close
the door for unknown browsers alone; the colleague goes on at their own desk, an open session goes on anyway,
and for a new machine an administrator unlocks. Somebody with the right password tries codes against the
second count, which closes in the same way. Nothing is counted per address here: a whole office may sit
behind one; the generous limit per address (settings) spares browsers that are known.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from subsidy import clock
from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.models import SignInTries, StaffUser
from subsidy.accounts.services.actors import target_of
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import TooManyRequests

LIMIT: Final = 5
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(minutes=30)
FORGOTTEN_AFTER: Final = timedelta(days=1)
SWEPT_AT_ONCE: Final = 50

COUNT_TRY = """
INSERT INTO accounts_signintries AS seen
       (door, account_index, browser_index, staff_id, tries, tried_at, locked_until)
VALUES (%(door)s, %(account)s, %(browser)s, %(staff)s, 1, %(now)s, NULL)
ON CONFLICT (door, account_index, browser_index) DO UPDATE
   SET tries = CASE WHEN seen.tried_at < %(forgotten)s THEN 1 ELSE seen.tries + 1 END,
       tried_at = %(now)s,
       locked_until = CASE WHEN seen.tried_at >= %(forgotten)s AND seen.tries + 1 >= %(limit)s
            THEN %(now)s::timestamptz + interval '1 second'
                 * LEAST(%(longest)s, %(first)s * power(2, LEAST(seen.tries + 1 - %(limit)s, 20))) END
 WHERE seen.locked_until IS NULL OR seen.locked_until <= %(now)s
RETURNING tries, locked_until
"""
SWEEP = """
DELETE FROM accounts_signintries WHERE id IN (
    SELECT id FROM accounts_signintries WHERE tried_at < %s ORDER BY tried_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose tries are counted: a member of staff, or a typed name that nobody bears."""

    index: str
    staff_id: int | None = None

    @property
    def target(self) -> str:
        """Return how the audit names it; a name that nobody bears may be a mistyped password."""
        return f"staff:{self.staff_id}" if self.staff_id else ""


def account_named(typed: str) -> Account:
    """Return the account that a typed name signs in to, or stands for when there is none."""
    user = StaffUser.objects.filter(username__iexact=typed).order_by("pk").first()
    if user is not None:
        return account_of(user)
    folded = unicodedata.normalize("NFKC", typed).strip().casefold()
    return Account(blind_index("code", f"username\0{folded}"))


def account_of(user: StaffUser) -> Account:
    """Return the account of a member of staff."""
    return Account(blind_index("code", f"staff\0{user.pk}"), user.pk)


def count_try(door: StaffDoor, account: Account, *, browser: str, ip: str) -> None:
    """Count one try; raises TooManyRequests, and nothing may be compared, while the door is closed.

    `browser` is the digest of a known browser, or empty. Must not run inside a caller's transaction.
    """
    now = clock.real_now()
    with transaction.atomic(durable=True):
        row = _count(door, account, browser, now)
        if row is None:
            raise _closed(door, account, browser, now)
        tries, locked_until = row
        if locked_until is not None:
            data = {"door": door.value, "tries": tries, "until": locked_until.isoformat()}
            record("staff.lock", actor=Actor("system", None, ip=ip), target=account.target, data=data)
        if tries == 1:
            _sweep(now)


def forget_tries(door: StaffDoor, account: Account, *, browser: str) -> None:
    """Open the door again after a success."""
    SignInTries.objects.filter(door=door.value, account_index=account.index, browser_index=browser).delete()


@transaction.atomic
def unlock_staff(user: StaffUser, *, actor: Actor = SYSTEM) -> bool:
    """Open every door of a colleague; say whether there was anything to open."""
    removed, _ = SignInTries.objects.filter(staff=user).delete()
    if removed:
        record("staff.unlock", actor=actor, target=target_of(user), data={"counts": removed})
    return bool(removed)


def locked_until(user: StaffUser) -> datetime | None:
    """Return when the last of a colleague's closed doors opens by itself; None when all are open."""
    closed = SignInTries.objects.filter(staff=user, locked_until__gt=clock.real_now())
    return closed.order_by("-locked_until").values_list("locked_until", flat=True).first()


def _count(
    door: StaffDoor, account: Account, browser: str, now: datetime
) -> tuple[int, datetime | None] | None:
    values: dict[str, str | int | float | datetime | None] = {
        "door": door.value,
        "account": account.index,
        "browser": browser,
        "staff": account.staff_id,
        "now": now,
        "forgotten": now - FORGOTTEN_AFTER,
        "limit": LIMIT,
        "first": FIRST_LOCK.total_seconds(),
        "longest": LONGEST_LOCK.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_TRY, values)
        row: tuple[int, datetime | None] | None = cursor.fetchone()
    return row


def _closed(door: StaffDoor, account: Account, browser: str, now: datetime) -> TooManyRequests:
    ends = (
        SignInTries.objects.filter(door=door.value, account_index=account.index, browser_index=browser)
        .values_list("locked_until", flat=True)
        .first()
    )
    wait = max(ends - now, timedelta(seconds=1)) if ends else FIRST_LOCK
    minutes = -(-wait // timedelta(minutes=1))
    words = (
        f"连续输错次数过多，这里暂停登录，约 {minutes} 分钟后可以再试。"
        "急用请找本单位管理员解锁，或用您平时登录的那台电脑。"
    )
    return TooManyRequests(words, retry_after=wait, code="LOCKED")


def _sweep(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SWEEP, [now - FORGOTTEN_AFTER, SWEPT_AT_ONCE])
