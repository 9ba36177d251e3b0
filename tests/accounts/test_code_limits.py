"""How often codes may be asked for, by number, network, known browser and person, also by 32 at once (A4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from subsidy import clock
from subsidy.accounts.enums import CodePurpose
from subsidy.accounts.models import SignInCode
from subsidy.accounts.services import browser_index, remember_browser, request_code
from subsidy.accounts.services.browsers import cookie_name
from subsidy.accounts.services.code_limits import network_of
from subsidy.crypto import blind_index
from subsidy.errors import TooManyRequests
from subsidy.notices.models import Notice
from tests.accounts.people import IP, MOBILE, NONCE, OTHER_MOBILE, signed_in
from tests.accounts.test_sign_in_codes import age

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]
KNOWN = blind_index("code", "browser\0of the holder")


def asked(mobile: str, times: int, *, ip: str = IP, browser: str = "") -> None:
    """Ask so often, a minute apart."""
    for _ in range(times):
        age(61)
        request_code(mobile, nonce=NONCE, ip=ip, browser=browser)


def used_up(mobile: str = MOBILE) -> None:
    """Let strangers in three networks use up the shared allowance of a number."""
    for host, times in ((11, 3), (12, 3), (13, 2)):
        asked(mobile, times, ip=f"198.51.100.{host}")
    age(61)


def test_one_network_gets_three_codes_an_hour_for_a_number() -> None:
    asked(MOBILE, 3)
    age(61)
    with pytest.raises(TooManyRequests) as refusal:
        request_code(MOBILE, nonce="another-browser", ip=IP)
    assert 3300 <= refusal.value.retry_after <= 3540
    request_code(MOBILE, nonce=NONCE, ip="192.0.2.8")
    assert Notice.objects.count() == 4


def test_all_strangers_together_get_eight_codes_an_hour_for_a_number() -> None:
    used_up()
    with pytest.raises(TooManyRequests):
        request_code(MOBILE, nonce=NONCE, ip="198.51.100.14")
    assert Notice.objects.count() == 8


def test_an_hour_later_strangers_may_ask_again() -> None:
    used_up()
    age(3600)
    request_code(MOBILE, nonce=NONCE, ip=IP)
    assert Notice.objects.count() == 9


def test_a_browser_that_proved_the_number_is_not_shut_out_by_strangers() -> None:
    used_up()
    request_code(MOBILE, nonce=NONCE, ip="198.51.100.11", browser=KNOWN)
    assert Notice.objects.count() == 9


def test_a_known_browser_does_not_wait_for_a_strangers_pause() -> None:
    request_code(MOBILE, nonce="a-stranger", ip="198.51.100.11")
    request_code(MOBILE, nonce=NONCE, ip=IP, browser=KNOWN)
    with pytest.raises(TooManyRequests) as refusal:
        request_code(MOBILE, nonce=NONCE, ip=IP, browser=KNOWN)
    assert 50 <= refusal.value.retry_after <= 60


def test_a_known_browser_gets_five_codes_an_hour_and_leaves_strangers_theirs() -> None:
    asked(MOBILE, 5, browser=KNOWN)
    age(61)
    with pytest.raises(TooManyRequests):
        request_code(MOBILE, nonce=NONCE, ip=IP, browser=KNOWN)
    request_code(MOBILE, nonce="another-browser", ip=IP)
    assert Notice.objects.count() == 6


def test_the_limit_of_a_number_does_not_touch_another_number() -> None:
    used_up()
    request_code(OTHER_MOBILE, nonce=NONCE, ip="198.51.100.11")
    assert Notice.objects.count() == 9


def test_a_network_may_ask_for_thirty_numbers_an_hour() -> None:
    for serial in range(30):
        request_code(f"138001{serial:05d}", nonce=NONCE, ip=IP)
    with pytest.raises(TooManyRequests):
        request_code(MOBILE, nonce=NONCE, ip=IP)
    request_code(MOBILE, nonce=NONCE, ip="192.0.2.8")
    assert SignInCode.objects.count() == 31


def test_the_addresses_of_one_ipv6_network_share_one_allowance() -> None:
    for host in range(3):
        age(61)
        request_code(MOBILE, nonce=NONCE, ip=f"2001:db8:7:1::{host + 1:x}")
    age(61)
    with pytest.raises(TooManyRequests):
        request_code(MOBILE, nonce=NONCE, ip="2001:db8:7:1:ffff::9")
    request_code(MOBILE, nonce=NONCE, ip="2001:db8:7:2::1")
    assert SignInCode.objects.count() == 4


@pytest.mark.parametrize(
    ("ip", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:7:1:2:3:4:5", "2001:db8:7:1::"),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_an_address_is_counted_as_its_network(ip: str, counted: str) -> None:
    assert network_of(ip) == counted


def test_a_person_gets_five_codes_an_hour_for_new_numbers() -> None:
    member = signed_in()
    age(61)
    for serial in range(5):
        number = f"138001{serial:05d}"
        request_code(number, nonce=NONCE, ip="", purpose=CodePurpose.CHANGE_MOBILE, asked_for=member)
    with pytest.raises(TooManyRequests) as refusal:
        request_code("13800199999", nonce=NONCE, ip="", purpose=CodePurpose.CHANGE_MOBILE, asked_for=member)
    assert 3500 <= refusal.value.retry_after <= 3600


def answered_with(cookie: str = "") -> tuple[str, str]:
    """Return what a browser is known as for both numbers."""
    request = RequestFactory().get("/")
    request.COOKIES[cookie_name()] = cookie
    return browser_index(request, MOBILE), browser_index(request, OTHER_MOBILE)


def proved(mobile: str, cookie: str = "") -> str:
    """Return the cookie of a browser that has just proved a number."""
    request, response = RequestFactory().get("/"), HttpResponse()
    request.COOKIES[cookie_name()] = cookie
    remember_browser(request, response, mobile)
    return response.cookies[cookie_name()].value


def test_a_browser_is_known_for_the_number_it_proved_and_no_other() -> None:
    mine, other = answered_with(proved(MOBILE))
    assert (len(mine), other) == (64, "")


def test_a_browser_is_known_for_both_numbers_of_a_household() -> None:
    mine, other = answered_with(proved(OTHER_MOBILE, proved(MOBILE)))
    assert mine == other != ""


@pytest.mark.parametrize("spoil", [lambda text: text[:-2] + "xx", lambda text: "", lambda text: "a:b:c"])
def test_a_forged_cookie_makes_nobody_known(spoil: Callable[[str], str]) -> None:
    assert answered_with(spoil(proved(MOBILE))) == ("", "")


def test_an_old_cookie_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = proved(MOBILE)
    monkeypatch.setattr("subsidy.accounts.services.browsers.LASTS", timedelta(seconds=-1))
    assert answered_with(cookie) == ("", "")


def test_the_cookie_holds_no_number_and_scripts_cannot_read_it() -> None:
    request, response = RequestFactory().get("/"), HttpResponse()
    remember_browser(request, response, MOBILE)
    cookie = response.cookies[cookie_name()]
    assert MOBILE not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_of_32_clients_asking_for_one_number_one_is_served(thread_race: Callable[..., list[object]]) -> None:
    results = thread_race(
        lambda number: request_code(MOBILE, nonce=f"browser-{number}", ip=f"192.0.2.{number}"), times=32
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, TooManyRequests) for result in results) == 31
    assert Notice.objects.count() == 1


def test_of_32_clients_in_one_network_thirty_are_served(thread_race: Callable[..., list[object]]) -> None:
    results = thread_race(
        lambda number: request_code(f"138001{number:05d}", nonce=f"browser-{number}", ip=IP), times=32
    )
    assert results.count(None) == 30
    assert SignInCode.objects.count() == 30


def test_of_32_clients_of_one_person_five_are_served(thread_race: Callable[..., list[object]]) -> None:
    member = signed_in()
    results = thread_race(
        lambda number: request_code(
            f"138001{number:05d}",
            nonce=f"browser-{number}",
            ip=f"192.0.2.{number}",
            purpose=CodePurpose.CHANGE_MOBILE,
            asked_for=member,
        ),
        times=32,
    )
    assert results.count(None) == 5
    assert SignInCode.objects.filter(asked_for=member.pk, created_at__lte=clock.real_now()).count() == 5
