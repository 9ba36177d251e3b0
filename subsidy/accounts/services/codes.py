"""One-time codes: sent to a number, bound to one browser, tried at most five times."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q

from subsidy import clock
from subsidy.accounts.enums import CodePurpose, Trust
from subsidy.accounts.models import Member, SignInCode
from subsidy.accounts.models.sign_in_code import MAX_TRIES
from subsidy.accounts.services import locks
from subsidy.accounts.services.actors import member_actor, target_of
from subsidy.accounts.services.checks import checked_mobile
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import RuleRefused, TooManyRequests
from subsidy.notices.services import enqueue

LIFETIME = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
WINDOW = timedelta(hours=1)
MOBILE_LIMIT = 5
ADDRESS_LIMIT = 30
NOBODY_YET = 0

TRY_CODE = """
UPDATE accounts_signincode
   SET attempts = attempts + 1,
       used_at = CASE WHEN code_index = %(code)s THEN %(now)s::timestamptz END
 WHERE id = (SELECT id FROM accounts_signincode
              WHERE mobile_index = %(mobile)s AND nonce_index = %(nonce)s AND purpose = %(purpose)s
              ORDER BY id DESC LIMIT 1)
   AND attempts < %(limit)s AND used_at IS NULL AND expires_at > %(now)s
RETURNING used_at IS NOT NULL
"""


@transaction.atomic
def request_code(mobile: str, *, nonce: str, ip: str) -> None:
    """Send a sign-in code; whether anybody is known under the number is not even asked.

    Raises RuleRefused for a number that is none, TooManyRequests past the limits.
    """
    number = checked_mobile(mobile)
    index = blind_index("mobile", number)
    locks.take_turn(locks.ADDRESS, ip)
    locks.take_turn(locks.MOBILE, index)
    now = clock.real_now()
    _check_limits(index, ip, now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    SignInCode.objects.create(
        purpose=CodePurpose.SIGN_IN.value,
        mobile_index=index,
        nonce_index=blind_index("code", nonce),
        code_index=_code_index(code, index, nonce),
        address=ip or None,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    minutes = str(LIFETIME // timedelta(minutes=1))
    enqueue("sign_in_code", mobile=number, member_id=NOBODY_YET, context={"code": code, "minutes": minutes})


def redeem_code(mobile: str, code: str, *, nonce: str, ip: str) -> Member:
    """Return the member whose number this browser has proved; raises RuleRefused.

    Must not run inside a caller's transaction: a rolled back try would not be counted.
    """
    number = checked_mobile(mobile)
    with transaction.atomic(durable=True):
        locks.take_turn(locks.MOBILE, blind_index("mobile", number))
        member = _member_behind(number, ip) if _is_right(code, number, nonce) else None
    if member is None:
        raise RuleRefused(
            "验证码不正确或已失效。请核对后再试，或重新获取验证码。", code="CODE_INVALID", field="code"
        )
    return member


def _check_limits(index: str, ip: str, now: datetime) -> None:
    same_mobile, same_address = Q(mobile_index=index), Q(address=ip or None)
    seen = SignInCode.objects.filter(same_mobile | same_address, created_at__gt=now - WINDOW).aggregate(
        latest=Max("created_at", filter=same_mobile),
        by_mobile=Count("id", filter=same_mobile),
        first_by_mobile=Min("created_at", filter=same_mobile),
        by_address=Count("id", filter=same_address),
        first_by_address=Min("created_at", filter=same_address),
    )
    if seen["latest"] and now < seen["latest"] + PAUSE:
        raise TooManyRequests("验证码刚刚发出，请稍候再获取。", retry_after=seen["latest"] + PAUSE - now)
    if seen["by_mobile"] >= MOBILE_LIMIT:
        wait = seen["first_by_mobile"] + WINDOW - now
        raise TooManyRequests("这个手机号获取验证码次数过多，请一小时后再试。", retry_after=wait)
    if ip and seen["by_address"] >= ADDRESS_LIMIT:
        wait = seen["first_by_address"] + WINDOW - now
        raise TooManyRequests("当前网络获取验证码次数过多，请一小时后再试，或拨打 12351。", retry_after=wait)


def _code_index(code: str, mobile_index: str, nonce: str) -> str:
    return blind_index("code", f"{mobile_index}\0{nonce}\0{code}")


def _is_right(code: str, number: str, nonce: str) -> bool:
    """Count one try and compare, in the same statement, so that no parallel try goes uncounted."""
    index = blind_index("mobile", number)
    values: dict[str, str | int | datetime] = {
        "code": _code_index(code.strip(), index, nonce),
        "mobile": index,
        "nonce": blind_index("code", nonce),
        "purpose": CodePurpose.SIGN_IN.value,
        "limit": MAX_TRIES,
        "now": clock.real_now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(TRY_CODE, values)
        row = cursor.fetchone()
    return bool(row and row[0])


def _member_behind(number: str, ip: str) -> Member:
    """Find the holder of the number, adopt the one record made for them by others, or begin a new one."""
    now = clock.now()
    member = _verified(number) or _only_unverified(number) or Member(created_at=now)
    known = member.mobile_verified_at is not None
    if not known:
        member.give_mobile(number)
        member.mobile_verified_at = now
        member.trust = Trust.MOBILE.value if member.trust == Trust.NONE else member.trust
        member.updated_at = now
        member.save()
    record(
        "member.sign_in",
        actor=member_actor(member, ip),
        target=target_of(member),
        data={"first": not known},
    )
    return member


def _verified(number: str) -> Member | None:
    index = blind_index("mobile", number)
    return Member.objects.unmerged().verified().filter(mobile_index=index).first()


def _only_unverified(number: str) -> Member | None:
    index = blind_index("mobile", number)
    found = list(Member.objects.unmerged().unverified().filter(mobile_index=index).select_for_update()[:2])
    return found[0] if len(found) == 1 else None
