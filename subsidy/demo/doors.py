"""The doors of the plan, each walked over HTTP by whoever stands at it, until the case is filed."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import ClassVar, Final

from django.core.management import CommandError, call_command

from applications.consent import CURRENT
from subsidy import clock
from subsidy.demo.browser import Browser, Page, WalkError
from subsidy.demo.people import Person, registration_number
from subsidy.demo.registers import COMPETITION
from subsidy.demo.visits import (
    Step,
    expect,
    number_on,
    on_paper,
    sample_picture,
    sign_in_member,
    sign_in_staff,
    skill_certificate,
    three_boxes,
)
from subsidy.rules.terms import Channel, CompetitionRound, Ground
from subsidy.spreadsheets import Sheet, write_workbook

COPIES: Final = ("id_front", "id_back", "union_card", "certificate")
TICKS: Final = ("has_id_front", "has_id_back", "has_card", "has_certificate")
WORST_RANK: Final = 10


class Door(ABC):
    """One person's way in; `number` and `case_path` are known once the steps are done."""

    title: ClassVar[str] = ""

    def __init__(self, base_url: str, one: Person) -> None:
        self.person = one
        self.member, self.staff = Browser(base_url), Browser(base_url)
        self.number = self.public_id = ""

    @abstractmethod
    def steps(self) -> Iterator[Step]:
        """Yield what is to be done, the name of the doer first."""

    @property
    def case_path(self) -> str:
        """Return where the member reads their case."""
        return f"/applications/{self.public_id}/"

    @property
    def desk_path(self) -> str:
        """Return where the desk reads it."""
        return f"/desk/cases/{self.public_id}/"

    def sign_in(self) -> str:
        """Sign in by code, the first time or again."""
        page = sign_in_member(self.member, self.person)
        expect(page, page.path != "/sign-in/code/", "没有登录成功")
        return f"{self.person.name} {self.person.mobile}"

    def sign_in_and_read(self) -> str:
        """Sign in and read what was filed for them."""
        said = self.sign_in()
        page = self.member.get(self.case_path)
        expect(page, self.number in page.text, "会员看不到这份申报")
        return said

    def _remember(self, page: Page) -> None:
        """Keep the case's address out of the one just opened."""
        parts = page.path.strip("/").split("/")
        at = next((parts.index(part) for part in ("cases", "applications") if part in parts), None)
        expect(page, at is not None and len(parts) > at + 1, "没有到申报的页面")
        self.public_id = parts[(at or 0) + 1]


class MemberDoor(Door):
    """A skill certificate, filed by the member in the browser."""

    title = f"{Ground.SKILL.label}，{Channel.MEMBER.label}"

    def steps(self) -> Iterator[Step]:
        """Sign in, fill in, give the card, file."""
        yield "会员用短信验证码登录", self.sign_in
        yield "会员填写申报", self.fill_in
        yield "会员上传证书照片、填写互助服务卡", self.give_card
        yield "会员核对并提交", self.submit

    def fill_in(self) -> str:
        """Choose the ground, say who applies, copy the certificate."""
        one = self.person
        page = self.member.get("/apply/")
        page = self.member.submit(page, page.form(name="ground"), {"ground": "skill"})
        applicant = {
            "name": one.name,
            "resident_id": one.resident_id,
            "employer": one.employer,
            "district": one.district_code,
        }
        page = self.member.submit(page, page.form(name="resident_id"), applicant)
        form = page.form(name="certificate_number")
        self._remember(self.member.submit(page, form, skill_certificate(one)))
        return f"{one.trade}，{one.certificate_number}"

    def give_card(self) -> str:
        """Name the union card and send a picture."""
        page = self.member.get(f"{self.case_path}card/")
        picture = sample_picture(self.person, "证书")
        card = {"card_number": self.person.card_number}
        page = self.member.submit(page, page.form(name="card_number"), card, {"picture": picture})
        expect(page, page.path.endswith("/check/"), "没有到核对页")
        return f"尾号 {self.person.card_number[-4:]}，照片 {len(picture.content) // 1024} KB"

    def submit(self) -> str:
        """Agree and file."""
        page = self.member.get(f"{self.case_path}check/")
        page = self.member.submit(page, page.form(name="consent"), {"consent": CURRENT})
        self.number = number_on(page)
        return self.number


class StationDoor(Door):
    """A skill certificate, filed at a station for somebody who came with it."""

    title = f"{Ground.SKILL.label}，{Channel.STATION.label}"

    def steps(self) -> Iterator[Step]:
        """Type, read aloud, file; the member sees it afterwards."""
        yield "服务站经办照会员的证件填写", self.type_in
        yield "服务站经办念给会员核对，登记同意书，提交", self.read_aloud
        yield "会员登录，看到代报的申报", self.sign_in_and_read

    def type_in(self) -> str:
        """Type person and certificate, with a picture."""
        one = self.person
        sign_in_staff(self.staff, "station1")
        page = self.staff.get("/desk/file/")
        picture = sample_picture(one, "证书")
        typed = on_paper(one) | skill_certificate(one)
        page = self.staff.submit(page, page.form(name="resident_id"), typed, {"picture": picture})
        expect(page, page.path.endswith("/check/"), "没有到核对页")
        self._remember(page)
        return f"{one.name}，{one.trade}"

    def read_aloud(self) -> str:
        """Record how the member agreed, and file."""
        page = self.staff.get(f"{self.desk_path}check/")
        agreed = {"read": "1", "way": "签字同意书", "evidence": f"样例-{self.person.serial + 1:06d}"}
        self.number = number_on(self.staff.submit(page, page.form(name="evidence"), agreed))
        return self.number


class PaperDoor(Door):
    """A social worker's certificate: annex 1 and its copies, registered at the association."""

    title = f"{Ground.SOCIAL_WORK.label}，{Channel.PAPER.label}"

    def steps(self) -> Iterator[Step]:
        """Register, check, file; the member sees it afterwards."""
        yield "收件员登记申请表和四份复印件", self.register
        yield "收件员核对规则结果，提交", self.submit
        yield "会员登录，看到登记的申报", self.sign_in_and_read

    def register(self) -> str:
        """Type annex 1, the day of receipt, tick four copies off and attach their scans."""
        one, today = self.person, clock.today()
        sign_in_staff(self.staff, "intake1")
        page = self.staff.get("/desk/intake/")
        typed = on_paper(one) | three_boxes("received_on", today) | three_boxes("approved_on", one.issued_on)
        typed |= dict.fromkeys(TICKS, "1") | {
            "shelf_mark": f"样例柜 {one.serial + 1}",
            "grade": "social_worker",
            "registration_number": registration_number(one.serial),
            "issuing_authority": "北京市人力资源和社会保障局",
        }
        scans = {f"scan_{kind}": sample_picture(one, kind) for kind in COPIES}
        page = self.staff.submit(page, page.form(name="registration_number"), typed, scans)
        expect(page, page.path.endswith("/check/"), "没有到核对页")
        self._remember(page)
        return f"{one.name}，接收日期 {today}，扫描件 {len(scans)} 份"

    def submit(self) -> str:
        """File what was registered."""
        page = self.staff.get(f"{self.desk_path}check/")
        self.number = number_on(self.staff.submit(page, page.form(name="version"), {}))
        return self.number


class RosterDoor(Door):
    """A place in the competition's final: prepared from the roster, confirmed by the winner."""

    title = f"{Ground.COMPETITION.label}，{Channel.ROSTER.label}"

    def steps(self) -> Iterator[Step]:
        """Import, prepare, find, confirm."""
        yield "管理员导入大赛名册（xlsx）", self.import_results
        yield "收件员按名册建立待确认申报", self.prepare
        yield "获奖人登录，看到待确认的申报", self.find
        yield "获奖人填写互助服务卡、阅读同意书，确认", self.confirm

    def import_results(self) -> str:
        """Write a roster of one line and import it by the command of the contract."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"大赛名册-样例-{self.person.serial}.xlsx"
            path.write_bytes(roster_of(self.person))
            out = StringIO()
            try:
                call_command("import_register", "competition", str(path), by="admin1", stdout=out)
            except CommandError as error:
                raise WalkError(str(error)) from error
        return out.getvalue().strip()

    def prepare(self) -> str:
        """Let the association prepare the winners' applications; those already prepared stay as they are."""
        sign_in_staff(self.staff, "intake1")
        page = self.staff.get("/desk/roster/")
        offered = [form for form in page.forms if COMPETITION in form.choices.get("edition", ())]
        expect(page, bool(offered), f"没有列出“{COMPETITION}”")
        page = self.staff.submit(page, offered[0], {"edition": COMPETITION})
        expect(page, self.person.name in page.text, "名册里没有这位获奖人")
        return f"{self.person.name}，{self.person.trade}，第 {rank_of(self.person)} 名"

    def find(self) -> str:
        """Sign in with the mobile of the roster and open what waits."""
        said = self.sign_in()
        page = self.member.get("/applications/")
        self._remember(self.member.get(page.link(r"/applications/[0-9a-f-]{36}/")))
        return said

    def confirm(self) -> str:
        """Give card and consent."""
        page = self.member.get(f"{self.case_path}confirm/")
        given = {"card_number": self.person.card_number, "consent": CURRENT}
        self.number = number_on(self.member.submit(page, page.form(name="consent"), given))
        return self.number


def rank_of(one: Person) -> int:
    """Return the invented place of somebody in the final of their trade."""
    return 1 + one.serial % WORST_RANK


def roster_of(one: Person) -> bytes:
    """Return the competition's workbook with one winner."""
    values = {
        "届次": COMPETITION,
        "工种": one.trade,
        "组别": "个人",
        "赛段": CompetitionRound.FINAL.label,
        "名次": str(rank_of(one)),
        "姓名": one.name,
        "证件号码": one.resident_id,
        "手机号": one.mobile,
        "工作单位": one.employer,
    }
    return write_workbook(Sheet("名册", list(values), [list(values.values())]))
