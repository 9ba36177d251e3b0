"""What every walker does at every door: sign in, and say at once where a step led elsewhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date
from typing import Final

from subsidy.accounts.models import StaffUser
from subsidy.demo.browser import Browser, Page, Upload, WalkError
from subsidy.demo.codes import latest_code, staff_code
from subsidy.demo.offices import PASSWORD
from subsidy.demo.people import Person
from subsidy.demo.pictures import certificate_picture

NUMBER: Final = re.compile(r"ZT\d{4}-\d{7}-[\dX]")
PATIENCE: Final = 45.0
Step = tuple[str, Callable[[], str]]


def expect(page: Page, is_so: bool, otherwise: str) -> None:
    """Raise WalkError with the page's own words unless it is so."""
    if not is_so:
        raise WalkError(f"{page.path}：{otherwise}。{page.complaint}")


def number_on(page: Page) -> str:
    """Return the application number that a page shows; raises WalkError."""
    found = NUMBER.search(page.text)
    expect(page, found is not None, "没有申报编号")
    return found[0] if found else ""


def sign_in_member(browser: Browser, one: Person) -> Page:
    """Ask for a code and read it in this clone's own outbox; no page and no API ever tells it."""
    page = browser.get("/sign-in/")
    page = browser.submit(page, page.form(name="mobile"), {"mobile": one.mobile})
    return browser.submit(page, page.form(name="code"), {"code": latest_code(one.mobile)})


def sign_in_staff(browser: Browser, username: str) -> None:
    """Sign in with the password of the demonstration and the code of this clone's authenticator."""
    page = browser.get("/staff/login/")
    page = browser.submit(page, page.form(name="login"), {"login": username, "password": PASSWORD})
    page = browser.submit(page, page.form(name="code"), {"code": _fresh_code(username)})
    expect(page, "/staff/" not in page.path, f"{username} 没有登录成功")


def _fresh_code(username: str) -> str:
    """Wait for a code that was not used yet: each is taken once, and one walker may sign in twice."""
    user, until = StaffUser.objects.get(username=username), time.monotonic() + PATIENCE
    while True:
        try:
            return staff_code(user)[0]
        except LookupError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


def three_boxes(name: str, day: date) -> dict[str, str]:
    """Return a date as the three boxes of a form."""
    return {f"{name}_year": str(day.year), f"{name}_month": str(day.month), f"{name}_day": str(day.day)}


def sample_picture(one: Person, name: str) -> Upload:
    """Return a picture plainly marked as a sample."""
    return Upload(f"{name}样例.jpg", certificate_picture(one), "image/jpeg")


def skill_certificate(one: Person) -> dict[str, str]:
    """Return the fields of annex 2 as the certificate has them."""
    return {
        "level": one.level,
        "certificate_number": one.certificate_number,
        "trade": one.trade,
        "awarding_body": one.awarding_body,
    } | three_boxes("issued_on", one.issued_on)


def on_paper(one: Person) -> dict[str, str]:
    """Return the person as the desk types them from identity card and union card."""
    return {
        "name": one.name,
        "resident_id": one.resident_id,
        "mobile": one.mobile,
        "card_number": one.card_number,
        "employer": one.employer,
        "position": one.position,
        "district": one.district_code,
    }
