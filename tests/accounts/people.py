"""Invented people for the tests of accounts."""

from __future__ import annotations

import itertools
import re
import secrets
from typing import Any

from django.test import Client

from subsidy import clock
from subsidy.accounts import totp
from subsidy.accounts.enums import OfficeKind
from subsidy.accounts.models import Member, Office, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import create_staff, redeem_code, request_code
from subsidy.accounts.services.second_factor import bind_second_factor, has_second_factor, totp_secret
from subsidy.notices.models import Notice
from subsidy.rules.numbers import mod_11_2

PASSWORD = "three-quiet-herons"
MOBILE = "13800136620"
OTHER_MOBILE = "13900137731"
CARD = "6214830100000231"
NONCE = "a-browser"
IP = "192.0.2.7"
_desks = itertools.count(secrets.randbelow(2**20) * 16)


def resident_id(serial: int) -> str:
    """Return a well-formed number that nobody holds."""
    body = f"11010219900101{serial:03d}"
    return body + mod_11_2(body)


def office() -> Office:
    """Return the station most tests work in."""
    made, _ = Office.objects.get_or_create(
        code="station-1", defaults={"name": "示例街道服务站", "kind": OfficeKind.STATION.value}
    )
    return made


def staff(username: str, *roles: Role) -> StaffUser:
    """Return a new member of staff."""
    return create_staff(username, display_name="甲经办", password=PASSWORD, roles=roles, office=office())


def bound(user: StaffUser) -> str:
    """Bind an authenticator app and return its secret."""
    secret = totp.new_secret()
    bind_second_factor(user, secret, replace=True)
    return secret


def fresh_code(user: StaffUser) -> str:
    """Return a code of the user's app that was not used yet, as the phone shows it or is about to."""
    user.refresh_from_db(fields=["totp_step"])
    step = max(totp.step_at(clock.real_now()) - totp.TOLERANCE, user.totp_step + 1)
    return totp.code_of(totp_secret(user), step)


def sign_in(username: str, password: str = PASSWORD, **headers: Any) -> Client:
    """Return a browser after a whole sign-in, by password and code; an app is bound if there is none."""
    client = Client(REMOTE_ADDR=desk_address(), **headers)
    user = StaffUser.objects.filter(username=username).first()
    if user is not None and not has_second_factor(user):
        bound(user)
    client.response = client.post("/staff/login/", {"login": username, "password": password})  # type: ignore[attr-defined]
    if user is not None and client.response.headers.get("Location") == "/staff/2fa/authenticate/":  # type: ignore[attr-defined]
        client.response = client.post("/staff/2fa/authenticate/", {"code": fresh_code(user)})  # type: ignore[attr-defined]
    return client


def password_only(username: str, password: str = PASSWORD) -> Client:
    """Return a browser after the password alone, of somebody who has bound nothing."""
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/staff/login/", {"login": username, "password": password})
    return client


def last_code() -> str:
    """Read the latest code out of the outbox, as the phone would show it."""
    notice = Notice.objects.filter(template="sign_in_code").latest("id")
    match = re.search(r"验证码 (\d{6})", notice.body)
    assert match is not None
    return match[1]


def wrong(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def signed_in(mobile: str = MOBILE, *, nonce: str = NONCE) -> Member:
    """Return the member who proves a number."""
    request_code(mobile, nonce=nonce, ip=IP)
    return redeem_code(mobile, last_code(), nonce=nonce, ip=IP)


def desk_address() -> str:
    """Return an address no test signed in from yet: the sign-in limits per address outlive a test."""
    number = next(_desks)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
