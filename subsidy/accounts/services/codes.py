"""One-time codes: sent to a number, bound to one browser, tried at most five times."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction

from subsidy import clock
from subsidy.accounts.enums import CodePurpose, Trust
from subsidy.accounts.models import Member, SignInCode
from subsidy.accounts.models.sign_in_code import MAX_TRIES
from subsidy.accounts.services import locks
from subsidy.accounts.services.actors import member_actor, target_of
from subsidy.accounts.services.checks import checked_mobile
from subsidy.accounts.services.code_limits import Asking, network_of, require_allowance
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import RuleRefused
from subsidy.notices.services import enqueue

LIFETIME = timedelta(minutes=10)
NOBODY_YET = 0
WRONG_CODE = "验证码不正确或已失效。请核对后再试；填错 5 次就作废，要重新获取。"

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
def request_code(
    mobile: str,
    *,
    nonce: str,
    ip: str,
    browser: str = "",
    purpose: CodePurpose = CodePurpose.SIGN_IN,
    asked_for: Member | None = None,
) -> None:
    """Send a code; whether anybody is known under the number is not even asked.

    `browser` is what `browser_index` says of the browser, `asked_for` the person whose number is to change.
    Raises RuleRefused for a number that is none, TooManyRequests past the limits (`code_limits.py`).
    """
    number = checked_mobile(mobile)
    index, network = blind_index("mobile", number), network_of(ip)
    locks.take_turn(locks.ADDRESS, network)
    locks.take_turn(locks.MOBILE, index)
    if asked_for is not None:
        locks.take_turn(locks.PERSON, str(asked_for.pk))
    now, person = clock.real_now(), asked_for.pk if asked_for else None
    require_allowance(Asking(index, network, browser, person), now=now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    SignInCode.objects.create(
        purpose=purpose.value,
        mobile_index=index,
        nonce_index=blind_index("code", nonce),
        code_index=_code_index(code, index, nonce),
        address=network or None,
        browser_index=browser,
        asked_for=person,
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
        right = is_right(code, number, nonce=nonce, purpose=CodePurpose.SIGN_IN)
        member = member_behind(number, ip) if right else None
    if member is None:
        raise wrong_code()
    return member


def prove_number(mobile: str, code: str, *, nonce: str) -> str:
    """Return the checked number that a member or a clerk proved in order to change to it; raises RuleRefused.

    Like `redeem_code` it must not run inside a caller's transaction.
    """
    number = checked_mobile(mobile)
    with transaction.atomic(durable=True):
        locks.take_turn(locks.MOBILE, blind_index("mobile", number))
        right = is_right(code, number, nonce=nonce, purpose=CodePurpose.CHANGE_MOBILE)
    if not right:
        raise wrong_code()
    return number


def wrong_code() -> RuleRefused:
    """Return the one refusal for a code that is wrong, used, late, tried too often or another browser's."""
    return RuleRefused(WRONG_CODE, code="CODE_INVALID", field="code")


def is_right(code: str, number: str, *, nonce: str, purpose: CodePurpose) -> bool:
    """Count one try and compare, in the same statement, so that no parallel try goes uncounted."""
    index = blind_index("mobile", number)
    values: dict[str, str | int | datetime] = {
        "code": _code_index(code.strip(), index, nonce),
        "mobile": index,
        "nonce": blind_index("code", nonce),
        "purpose": purpose.value,
        "limit": MAX_TRIES,
        "now": clock.real_now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(TRY_CODE, values)
        row = cursor.fetchone()
    return bool(row and row[0])


def member_behind(number: str, ip: str, *, by: str = "code") -> Member:
    """Find the holder of the number, adopt the one record made for them by others, or begin a new one.

    The caller holds the number's lock, and whoever asks has just proved the number.
    """
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
        data={"first": not known, "by": by},
    )
    return member


def _code_index(code: str, mobile_index: str, nonce: str) -> str:
    return blind_index("code", f"{mobile_index}\0{nonce}\0{code}")


def _verified(number: str) -> Member | None:
    index = blind_index("mobile", number)
    return Member.objects.unmerged().verified().filter(mobile_index=index).first()


def _only_unverified(number: str) -> Member | None:
    index = blind_index("mobile", number)
    found = list(Member.objects.unmerged().unverified().filter(mobile_index=index).select_for_update()[:2])
    return found[0] if len(found) == 1 else None
