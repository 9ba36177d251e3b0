"""The second factor of staff: an authenticator app, and recovery codes for the day the phone is not there."""

from __future__ import annotations

import secrets
from typing import Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from subsidy import clock
from subsidy.accounts import totp
from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services.actors import target_of
from subsidy.accounts.services.tries import account_of, count_try, forget_tries
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, NotFound, RuleRefused

TOTP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
SEED_BYTES: Final = 40


def has_second_factor(user: StaffUser) -> bool:
    """Say whether an authenticator app is bound."""
    return Authenticator.objects.filter(user=user, type=TOTP).exists()


@transaction.atomic
def bind_second_factor(
    user: StaffUser, secret: str, *, replace: bool = False, actor: Actor = SYSTEM
) -> list[str]:
    """Bind an authenticator app, end all open sessions, and return new recovery codes to be shown once.

    Raises Conflict if one is bound and `replace` is not given.
    """
    StaffUser.objects.select_for_update(of=("self",)).get(pk=user.pk)
    bound = Authenticator.objects.filter(user=user, type=TOTP)
    if bound.exists() and not replace:
        raise Conflict("这个账号已经绑定过身份验证器。", code="SECOND_FACTOR_BOUND")
    bound.delete()
    sealed = get_adapter().encrypt(secret)
    Authenticator.objects.create(user=user, type=TOTP, data={"secret": sealed})
    record("staff.bind_second_factor", actor=actor, target=target_of(user), data={"replaced": replace})
    codes = renew_recovery_codes(user, actor=actor)
    end_staff_sessions(user)
    return codes


@transaction.atomic
def renew_recovery_codes(user: StaffUser, *, actor: Actor = SYSTEM) -> list[str]:
    """Make new recovery codes, which end the old ones, and return them: nobody can see them again."""
    StaffUser.objects.select_for_update(of=("self",)).get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=RECOVERY).delete()
    seed = get_adapter().encrypt(secrets.token_hex(SEED_BYTES))
    made = Authenticator.objects.create(user=user, type=RECOVERY, data={"seed": seed, "used_mask": 0})
    record("staff.renew_recovery_codes", actor=actor, target=target_of(user))
    codes: list[str] = made.wrap().generate_codes()
    return codes


def prove_second_factor(user: StaffUser, typed: str, *, browser: str, ip: str) -> Authenticator:
    """Return what the code came from; raises RuleRefused, or TooManyRequests while the door is closed.

    A code of the app is taken once, under concurrency too; a recovery code once for ever.
    """
    account, code = account_of(user), totp.tidy(typed)
    count_try(StaffDoor.SECOND_FACTOR, account, browser=browser, ip=ip)
    with transaction.atomic():
        found = _used_of_app(user, code) if len(code) == totp.DIGITS else _used_of_paper(user, code)
    if found is None:
        data = {"door": StaffDoor.SECOND_FACTOR.value}
        record("staff.sign_in_failed", actor=Actor("system", None, ip=ip), target=target_of(user), data=data)
        raise RuleRefused(
            "口令不正确。请填身份验证器现在显示的 6 位数字。", code="CODE_INVALID", field="code"
        )
    forget_tries(StaffDoor.SECOND_FACTOR, account, browser=browser)
    return found


def totp_secret(user: StaffUser) -> str:
    """Return the secret of somebody's app; raises NotFound when none is bound."""
    bound = Authenticator.objects.filter(user=user, type=TOTP).first()
    if bound is None:
        raise NotFound("这个账号还没有绑定身份验证器。")
    return get_adapter().decrypt(bound.data["secret"])


def recovery_codes_left(user: StaffUser) -> int:
    """Return how many recovery codes are unused."""
    kept = Authenticator.objects.filter(user=user, type=RECOVERY).first()
    return len(kept.wrap().get_unused_codes()) if kept else 0


def end_staff_sessions(user: StaffUser) -> None:
    """End every open session of a colleague at its next request."""
    StaffUser.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


def _used_of_app(user: StaffUser, code: str) -> Authenticator | None:
    bound = Authenticator.objects.filter(user=user, type=TOTP).first()
    if bound is None:
        return None
    steps = list(totp.matching_steps(get_adapter().decrypt(bound.data["secret"]), code, clock.real_now()))
    if any(StaffUser.objects.filter(pk=user.pk, totp_step__lt=step).update(totp_step=step) for step in steps):
        return bound
    if steps:
        words = "这个口令刚刚用过。请等身份验证器换出下一个（不超过 30 秒）再填。"
        raise RuleRefused(words, code="CODE_USED", field="code")
    return None


def _used_of_paper(user: StaffUser, code: str) -> Authenticator | None:
    kept = Authenticator.objects.filter(user=user, type=RECOVERY).first()
    return kept if kept is not None and kept.wrap().validate_code(code) else None
