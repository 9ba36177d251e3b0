"""The certificate step with nothing but a keyboard: every control reached in order, seen, and used (A6)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from applications.models import Application
from subsidy.rules.terms import Ground
from tests import make
from tests.browser.conftest import Open
from tests.browser.house import PHONE
from tests.pages.browser import begun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BODY = "北京市职业技能鉴定管理中心"
RING = """() => {
  const one = document.activeElement;
  const shown = one.closest("label.choice, .upload") || one;
  return [one, shown].some((it) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(it);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  });
}"""


@pytest.fixture
def step(open_as: Open) -> Page:
    """Open the certificate step of a fresh draft; nothing is clicked from here on."""
    _, case = begun()
    page = open_as(case.member, PHONE).page
    page.goto(f"/applications/{case.public_id}/certificate/")
    return page


@pytest.mark.req("A6", "F1")
def test_the_certificate_is_filled_in_and_sent_without_a_pointer(step: Page) -> None:
    choose(step, "level", "2")
    type_into(step, "certificate_number", make.certificate_number(41, "2"))
    type_into(step, "issued_on_year", "2023")
    type_into(step, "issued_on_month", "9")
    type_into(step, "issued_on_day", "12")
    type_into(step, "trade", "汽车装调")
    expect(step.get_by_role("option").first).to_be_visible()
    step.keyboard.press("ArrowDown")
    step.keyboard.press("Enter")
    expect(step.locator("[name=trade]")).to_have_value("汽车装调工")
    type_into(step, "awarding_body", BODY)
    step.keyboard.press("Escape")
    tab_to(step, "button[value=next]")
    step.keyboard.press("Enter")
    step.wait_for_url("**/card/")
    certificate = Application.objects.get(ground=Ground.SKILL.value).certificate
    assert certificate is not None
    assert (certificate.trade, certificate.level, certificate.awarding_body) == ("汽车装调工", "2", BODY)


@pytest.mark.req("A6")
def test_arrows_choose_the_level_and_every_stop_shows_its_focus(step: Page) -> None:
    step.keyboard.press("Tab")
    assert step.evaluate("() => document.activeElement.className") == "skip"
    step.keyboard.press("Enter")
    tab_to(step, "[name=level]")
    step.keyboard.press("ArrowDown")
    chosen = step.locator("[name=level]:checked").get_attribute("value")
    step.keyboard.press("ArrowUp")
    assert step.locator("[name=level]:checked").get_attribute("value") != chosen
    unseen = []
    for _ in range(12):
        step.keyboard.press("Tab")
        if not step.evaluate(RING):
            unseen.append(step.evaluate("() => document.activeElement.outerHTML.slice(0, 100)"))
    assert unseen == []


@pytest.mark.req("A6", "F1")
def test_a_refused_step_leads_from_its_summary_to_the_field(step: Page) -> None:
    tab_to(step, "button[value=next]")
    step.keyboard.press("Enter")
    expect(step.locator("#error-summary")).to_be_focused()
    step.keyboard.press("Tab")
    step.keyboard.press("Enter")
    expect(step.locator("[name=level]").first).to_be_focused()
    expect(step.locator("[name=certificate_number]")).to_have_attribute("aria-invalid", "true")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the control has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def choose(page: Page, name: str, value: str) -> None:
    """Reach the first of several choices by Tab, then go to the wanted one with the arrows."""
    tab_to(page, f"[name={name}]")
    page.keyboard.press("Space")
    wanted = page.locator(f"[name={name}][value='{value}']")
    for _ in range(page.locator(f"[name={name}]").count()):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} cannot be chosen with the arrows")


def type_into(page: Page, name: str, text: str) -> None:
    """Reach a control by Tab and write into it, over what was there."""
    tab_to(page, f"[name={name}]")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
