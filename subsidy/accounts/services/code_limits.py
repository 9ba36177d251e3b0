"""How often one-time codes may be asked for: by number, by network, by known browser and by person.

Anybody may type anybody's number, so a limit by number alone would let a stranger use it up and shut the
holder out. Therefore three allowances an hour, each counted by itself under the number's lock:

* a browser that proved the number before (`browsers.py`) has five codes of its own; what strangers ask for is
  not counted against it, nor is the one-minute pause after a stranger's code;
* any other browser draws on eight codes that all strangers share, and one network on three of these: who
  wants to use them up needs three networks an hour for each number; one network gets thirty codes in all;
* a code that changes a number is counted against the person as well, whatever number it goes to.

So a holder on a known browser is never shut out by others; on a new one only by somebody with several
networks, and then another way stays open: the hotline, or a desk that sees the person. An IPv6 caller is
counted by the /64 network, of which every household has a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db.models import Count, Max, Min, Q

from subsidy.accounts.models import SignInCode
from subsidy.errors import TooManyRequests

PAUSE = timedelta(minutes=1)
WINDOW = timedelta(hours=1)
NUMBER_LIMIT = 8
NUMBER_AT_NETWORK_LIMIT = 3
BROWSER_LIMIT = 5
NETWORK_LIMIT = 30
PERSON_LIMIT = 5

JUST_SENT = "验证码刚刚发出，请稍候再获取。"
OF_NUMBER = "这个手机号获取验证码次数过多，请一小时后再试，或拨打 12351。"
OF_NETWORK = "当前网络获取验证码次数过多，请一小时后再试，或拨打 12351。"
OF_PERSON = "更换手机号获取验证码次数过多，请一小时后再试，或拨打 12351。"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a code: to which number, from which network and known browser, for which person."""

    mobile_index: str
    network: str
    browser_index: str = ""
    asked_for: int | None = None


def network_of(ip: str) -> str:
    """Return what an address is counted as: itself, or the /64 network of an IPv6 one; empty for none."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, 64), strict=False).network_address)


def require_allowance(asking: Asking, *, now: datetime) -> None:
    """Raise TooManyRequests when an allowance is used up; one query, the same for every number."""
    stranger = Q(browser_index="")
    if asking.browser_index:
        number = Q(mobile_index=asking.mobile_index, browser_index=asking.browser_index)
    else:
        number = Q(mobile_index=asking.mobile_index) & stranger
    network = Q(address=asking.network or None) & stranger
    person = Q(asked_for=asking.asked_for) if asking.asked_for else Q(pk=None)
    near = number & Q(address=asking.network or None)
    recent = SignInCode.objects.filter(number | network | person, created_at__gt=now - WINDOW)
    seen = recent.aggregate(latest=Max("created_at", filter=number), **_counts(number, near, network, person))
    if seen["latest"] and now < seen["latest"] + PAUSE:
        raise TooManyRequests(JUST_SENT, retry_after=seen["latest"] + PAUSE - now)
    for name, limit, words in _limits(asking):
        if seen[f"{name}_count"] >= limit:
            raise TooManyRequests(words, retry_after=seen[f"{name}_first"] + WINDOW - now)


def _counts(number: Q, near: Q, network: Q, person: Q) -> dict[str, Count | Min]:
    groups = {"number": number, "near": near, "network": network, "person": person}
    counts: dict[str, Count | Min] = {}
    for name, group in groups.items():
        counts[f"{name}_count"] = Count("id", filter=group)
        counts[f"{name}_first"] = Min("created_at", filter=group)
    return counts


def _limits(asking: Asking) -> list[tuple[str, int, str]]:
    person = [("person", PERSON_LIMIT, OF_PERSON)]
    if asking.browser_index:
        return [("number", BROWSER_LIMIT, OF_NUMBER), *person]
    number = [("number", NUMBER_LIMIT, OF_NUMBER)]
    if not asking.network:
        return [*number, *person]
    at_network = [("near", NUMBER_AT_NETWORK_LIMIT, OF_NUMBER), ("network", NETWORK_LIMIT, OF_NETWORK)]
    return [*at_network, *number, *person]
