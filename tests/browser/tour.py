"""Every page of a seeded year and who may see it, in the order of a visit; pictures and checks share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from applications.models import Application, Objection
from applications.services.objections import object_to
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.services import redeem_code, request_code
from subsidy.demo.codes import latest_code
from subsidy.demo.welcome import NEW_MOBILE
from tests import make
from tests.browser.house import Visitor

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
    request_code(NEW_MOBILE, nonce="tour", ip="")
    return redeem_code(NEW_MOBILE, latest_code(NEW_MOBILE), nonce="tour", ip="")


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
    yield Stop("desk-check", station, "/desk/file/", filled("保存并核对", **_person(N), **_certificate(N)))
    yield Stop("desk-edit", station, lambda: f"/desk/cases/{_begun(station)}/edit/")
    yield Stop("desk-case-draft", station, lambda: f"/desk/cases/{_begun(station)}/")
    yield Stop("desk-cases", station, "/desk/cases/")
    yield Stop("desk-take-over", station, "/desk/take-over/")
    paid = case("approved", "paid", ground="skill")
    asked = {"number": paid.number, "resident_id": paid.member.resident_id or ""}
    yield Stop("desk-hotline", hotline, "/desk/")
    yield Stop("desk-look-up", hotline, "/desk/look-up/")
    yield Stop("desk-look-up-found", hotline, "/desk/look-up/", filled("查进度", **asked))
    yield Stop("desk-confirm", hotline, "/desk/confirm/")
    yield Stop("desk-intake-home", intake, "/desk/")
    yield Stop("desk-intake", intake, "/desk/intake/")
    yield Stop("desk-intake-error", intake, "/desk/intake/", press("登记并核对"))
    papers = filled("登记并核对", has_card="1", **_person(N + 1), **_annex(N + 1))
    yield Stop("desk-intake-check", intake, "/desk/intake/", papers)
    yield Stop("desk-dossier", intake, lambda: f"/desk/cases/{_begun(intake)}/dossier/")
    yield Stop("desk-intake-online", intake, "/desk/intake/online/")
    yield Stop("desk-roster", intake, "/desk/roster/")
    yield Stop("desk-objections", intake, "/desk/objections/")
    yield Stop("desk-objection", intake, lambda: f"/desk/objections/{_objection().pk}/")


def _begun(operator: StaffUser) -> str:
    return str(Application.objects.filter(status="draft", filed_by=operator).latest("pk").public_id)


def _objection() -> Objection:
    one = case("submitted", channel="station")
    if found := one.objections.first():
        return found
    return object_to(one, member=one.member, text="我没有让人替我申报。")


def _person(n: int) -> dict[str, str]:
    return {
        "name": "李秀英",
        "resident_id": make.resident_id(n),
        "mobile": make.mobile(n),
        "card_number": make.card_number(n, "621499"),
        "employer": "北京样例机床厂",
    }


def _certificate(n: int) -> dict[str, str]:
    return {
        "level": "2",
        "certificate_number": make.certificate_number(n, "2"),
        "issued_on_year": "2023",
        "issued_on_month": "9",
        "issued_on_day": "12",
        "trade": "汽车装调工",
        "awarding_body": "北京市职业技能鉴定管理中心",
    }


def _annex(n: int) -> dict[str, str]:
    return {
        "grade": "social_worker",
        "registration_number": f"2023110{n:011d}",
        "approved_on_year": "2023",
        "approved_on_month": "10",
        "approved_on_day": "20",
        "issuing_authority": "北京市人力资源和社会保障局",
    }
