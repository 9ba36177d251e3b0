"""Every page of a seeded year and who may see it, in the order of a visit; pictures and checks share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from playwright.sync_api import Page

from applications.models import Application, Objection
from applications.services.objections import object_to
from subsidy import clock
from subsidy.accounts.enums import CorrectionField
from subsidy.accounts.models import Member, MobileChange, StaffUser
from subsidy.accounts.services import (
    change_mobile,
    object_to_change,
    redeem_code,
    request_code,
    request_correction,
    request_mobile_code,
)
from subsidy.demo.codes import latest_code
from subsidy.demo.welcome import NEW_MOBILE
from tests import make
from tests.browser.house import Visitor
from tests.browser.typed import typed_annex, typed_certificate, typed_person

Act = Callable[[Page], None]
N = 70_000  # far from the numbers of the seeded people


@dataclass(frozen=True)
class Stop:
    """One page: its name, who looks, where it lies (asked when its turn comes) and what they do there."""

    name: str
    who: Visitor
    address: str | Callable[[], str]
    act: Act | None = None

    def go(self, page: Page) -> None:
        """Open the page, and do what brings it into the state to be looked at."""
        page.goto(self.address if isinstance(self.address, str) else self.address())
        if self.act:
            self.act(page)


def case(status: str, payment: str = "none", **found: object) -> Application:
    """Return the newest case of the year in a state."""
    rows = Application.objects.filter(status=status, payment=payment, **found).select_related("member")
    return rows.latest("pk")


def staff(username: str) -> StaffUser:
    """Return a member of staff by log-in."""
    return StaffUser.objects.get(username=username)


def newcomer() -> Member:
    """Return somebody who has just signed in for the first time."""
    return _proved(NEW_MOBILE)


def press(name: str) -> Act:
    """Press a button of the page and wait for what comes: a refused form comes back with its errors."""

    def act(page: Page) -> None:
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=name).first.click()

    return act


def filled(button: str, **values: str) -> Act:
    """Fill controls by their names and press a button."""

    def act(page: Page) -> None:
        for name, value in values.items():
            control = page.locator(f"[name={name}]:not([type=hidden])").first
            if control.get_attribute("type") in ("radio", "checkbox"):
                page.locator(f"[name={name}][value='{value}']").check()
            elif control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        press(button)(page)

    return act


def member_stops() -> Iterator[Stop]:
    """Yield the pages of visitors and members."""
    yield from _open_stops()
    yield from _filing_stops()
    for name, status, payment in (
        ("submitted", "submitted", "none"),
        ("returned", "returned", "none"),
        ("rejected", "rejected", "none"),
        ("withdrawn", "withdrawn", "none"),
        ("approved", "approved", "none"),
        ("in-payment", "approved", "in_payment"),
        ("paid", "approved", "paid"),
        ("failed", "approved", "failed"),
        ("revoked", "revoked", "none"),
        ("recovered", "revoked", "recovered"),
    ):
        yield from _status_stops(name, case(status, payment, ground="skill"))
    yield from _answer_stops()


def _open_stops() -> Iterator[Stop]:
    yield Stop("start", None, "/")
    yield Stop("check", None, "/check/")
    dated = "dated_on_year=2023&dated_on_month=9&dated_on_day=12"
    yield Stop("check-yes", None, f"/check/?of=skill-2&{dated}")
    yield Stop("check-no", None, f"/check/?of=skill-4&{dated}")
    yield Stop("check-error", None, "/check/", filled("能领多少", of="skill-2"))
    yield Stop("plan", None, "/plan/")
    yield Stop("privacy", None, "/privacy/")
    yield Stop("help", None, "/help/")
    yield Stop("annex1", None, "/forms/social-worker/")
    yield Stop("sign-in", None, "/sign-in/")
    yield Stop("sign-in-code", None, "/sign-in/", filled("获取验证码", mobile="15499990002"))
    yield Stop("not-found", None, "/nowhere/")


def _filing_stops() -> Iterator[Stop]:
    new, draft = newcomer(), case("draft", certificate__isnull=False, channel="member")
    waiting = case("withdrawn")
    home = f"/applications/{draft.public_id}/"
    yield Stop("apply", new, "/apply/")
    yield Stop("apply-applicant", new, "/apply/applicant/")
    yield Stop("apply-applicant-error", new, "/apply/applicant/", press("保存并继续"))
    yield Stop("apply-social-work", new, "/apply/social_work/")
    yield Stop("apply-competition", new, "/apply/competition/")
    yield Stop("me-empty", new, "/me/")
    yield from _own_data_stops(new, draft.member)
    yield Stop("applicant", draft.member, f"{home}applicant/")
    yield Stop("certificate", draft.member, f"{home}certificate/")
    wrong = filled("保存并继续", level="3", certificate_number="S000011000123232", awarding_body="")
    yield Stop("certificate-error", draft.member, f"{home}certificate/", wrong)
    yield Stop("card", draft.member, f"{home}card/")
    yield Stop("check-and-submit", draft.member, f"{home}check/")
    yield Stop("draft", draft.member, home)
    annex = {
        "card_number": make.card_number(N, "621499"),
        "grade": "social_worker",
        "registration_number": f"2023110{N:011d}",
        "approved_on_year": "2023",
        "approved_on_month": "10",
        "approved_on_day": "20",
    }
    yield Stop("annex1-fill", waiting.member, "/forms/social-worker/fill/")
    yield Stop("annex1-filled", waiting.member, "/forms/social-worker/fill/", filled("生成申请表", **annex))


def _own_data_stops(new: Member, known: Member) -> Iterator[Stop]:
    """Yield the pages for another number, an objection to one, a correction and signing out everywhere."""
    yield Stop("me-mobile", new, "/me/mobile/")
    yield Stop("me-mobile-error", new, "/me/mobile/", filled("获取验证码", mobile="12345"))
    yield Stop("me-mobile-code", new, "/me/mobile/", filled("获取验证码", mobile=make.mobile(N + 2)))
    yield Stop("me-sign-out", new, "/me/sign-out/")
    wrong = filled("申请更正", field="name", value="=王", reason="")
    yield Stop("me-corrections-error", known, "/me/corrections/", wrong)
    right = filled("申请更正", field="name", value="欧阳建国", reason="填报时少打了一个字")
    yield Stop("me-corrections", known, "/me/corrections/", right)
    change, holder = _changed_number(), _proved(make.mobile(N + 3))
    yield Stop("me-changed-number", holder, "/me/")
    yield Stop("me-mobile-objection", holder, f"/me/mobile/objection/{change.pk}/")


def _changed_number() -> MobileChange:
    """Let a member who is not of the seeded year change their number."""
    if known := MobileChange.objects.first():  # the pictures go through all parts of the tour in one house
        return known
    member, number = make.member(N + 3, at=clock.now()), make.mobile(N + 4)
    request_mobile_code(member, number, nonce="tour", ip="")
    change_mobile(member, number, latest_code(number), nonce="tour", ip="")
    return MobileChange.objects.latest("pk")


def _proved(mobile: str) -> Member:
    request_code(mobile, nonce="tour", ip="")
    return redeem_code(mobile, latest_code(mobile), nonce="tour", ip="")


def _status_stops(name: str, one: Application) -> Iterator[Stop]:
    home = f"/applications/{one.public_id}/"
    yield Stop(f"status-{name}", one.member, home)
    if name == "returned":
        yield Stop("corrected", one.member, home, press("提交修改"))
    if name == "submitted":
        yield Stop("me", one.member, "/me/")
        yield Stop("apply-again", one.member, "/apply/")
        yield Stop("filed", one.member, f"{home}filed/")
        yield Stop("withdraw", one.member, f"{home}withdraw/")


def _answer_stops() -> Iterator[Stop]:
    winner, assisted = case("awaiting_confirmation"), case("submitted", channel="station")
    home = f"/applications/{winner.public_id}/"
    yield Stop("status-awaiting", winner.member, home)
    yield Stop("confirm", winner.member, f"{home}confirm/")
    yield Stop("confirm-error", winner.member, f"{home}confirm/", press("确认申报"))
    yield Stop("decline", winner.member, f"{home}decline/")
    yield Stop("object", assisted.member, f"/applications/{assisted.public_id}/object/")


def desk_stops() -> Iterator[Stop]:
    """Yield the pages of the hotline, the stations and the intake."""
    station, hotline, intake = staff("station1"), staff("hotline1"), staff("intake1")
    yield Stop("desk", station, "/desk/")
    yield Stop("desk-file", station, "/desk/file/")
    yield Stop("desk-file-error", station, "/desk/file/", press("保存并核对"))
    yield Stop(
        "desk-check", station, "/desk/file/", filled("保存并核对", **typed_person(N), **typed_certificate(N))
    )
    yield Stop("desk-edit", station, lambda: f"/desk/cases/{_begun(station)}/edit/")
    yield Stop("desk-case-draft", station, lambda: f"/desk/cases/{_begun(station)}/")
    yield Stop("desk-cases", station, "/desk/cases/")
    yield Stop("desk-take-over", station, "/desk/take-over/")
    yield Stop("desk-phone", station, "/desk/phone/")
    yield Stop("desk-phone-error", station, "/desk/phone/", press("给新号码发验证码"))
    yield Stop("desk-phone-code", station, "/desk/phone/", _new_phone())
    paid = case("approved", "paid", ground="skill")
    asked = {"number": paid.number, "resident_id": paid.member.resident_id or ""}
    yield Stop("desk-hotline", hotline, "/desk/")
    yield Stop("desk-look-up", hotline, "/desk/look-up/")
    yield Stop("desk-look-up-found", hotline, "/desk/look-up/", filled("查进度", **asked))
    yield Stop("desk-confirm", hotline, "/desk/confirm/")
    yield Stop("desk-intake-home", intake, "/desk/")
    yield Stop("desk-intake", intake, "/desk/intake/")
    yield Stop("desk-intake-error", intake, "/desk/intake/", press("登记并核对"))
    papers = filled("登记并核对", has_card="1", **typed_person(N + 1), **typed_annex(N + 1))
    yield Stop("desk-intake-check", intake, "/desk/intake/", papers)
    yield Stop("desk-dossier", intake, lambda: f"/desk/cases/{_begun(intake)}/dossier/")
    yield Stop("desk-intake-online", intake, "/desk/intake/online/")
    yield Stop("desk-roster", intake, "/desk/roster/")
    yield Stop("desk-objections", intake, "/desk/objections/")
    yield Stop("desk-correction", intake, _correction_address)
    yield Stop("desk-changed-number", intake, _change_address)
    yield Stop("desk-objection", intake, lambda: f"/desk/objections/{_objection().pk}/")


def _new_phone() -> Act:
    """Fill in the clerk's form for somebody of the seeded year."""
    person = case("submitted", channel="member").member
    return filled(
        "给新号码发验证码",
        name=person.name,
        resident_id=person.resident_id or "",
        mobile=make.mobile(N + 5),
        reason="原号码已停机，本人带身份证到站",
        document_seen="1",
    )


def _correction_address() -> str:
    person = case("submitted", channel="member").member
    number = make.resident_id(N + 6)
    made = request_correction(person, field=CorrectionField.RESIDENT_ID, value=number, reason="填报时打错了")
    return reverse("admin:accounts_membercorrection_change", args=[made.pk])


def _change_address() -> str:
    change, holder = _changed_number(), _proved(make.mobile(N + 3))
    object_to_change(change.pk, by=holder, text="我没有换过号码")
    return reverse("admin:accounts_mobilechange_change", args=[change.pk])


def _begun(operator: StaffUser) -> str:
    return str(Application.objects.filter(status="draft", filed_by=operator).latest("pk").public_id)


def _objection() -> Objection:
    one = case("submitted", channel="station")
    if found := one.objections.first():
        return found
    return object_to(one, member=one.member, text="我没有让人替我申报。")
