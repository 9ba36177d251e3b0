"""One skill certificate from filing to 已到账 over HTTP, each step by the person whose duty it is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from applications.consent import CURRENT
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.crypto import blind_index
from subsidy.demo.browser import Browser, Form, Page, Upload, WalkError
from subsidy.demo.card_system import NotAPayoutFile, answer, read_payouts
from subsidy.demo.codes import latest_code
from subsidy.demo.offices import PASSWORD
from subsidy.demo.people import MOST, Person, person
from subsidy.demo.pictures import certificate_picture
from subsidy.rules.workflow import PaymentStatus

NUMBER: Final = re.compile(r"ZT\d{4}-\d{7}-[\dX]")
QUEUE: Final = "/admin/review/queueitem/"
BATCHES: Final = "/admin/payouts/payoutbatch/"
RESULTS: Final = "/admin/payouts/resultfile/"
CASE_LINK: Final = r"/admin/review/queueitem/\d+/change/"
FILE_ADDRESS: Final = re.compile(r"/payoutbatch/\d+/files/\d+/$")
PATIENCE: Final = 120.0
Step = tuple[str, Callable[[], str]]


def newcomer() -> Person:
    """Return an invented person whom this clone does not know yet, the last of the list first."""
    for serial in reversed(range(MOST)):
        one = person(serial)
        known = Member.objects.filter(resident_id_index=blind_index("resident_id", one.resident_id))
        if not known.exists():
            return one
    raise WalkError("虚构的会员都用完了。请用 make demo-reset 从头开始。")


class Walk:
    """The steps in their order; each returns a few words on what was seen."""

    def __init__(self, base_url: str, one: Person, folder: Path | None = None) -> None:
        self.person, self.folder = one, folder
        self.member, self.reviewer, self.maker, self.checker = (Browser(base_url) for _ in range(4))
        self.case_path = self.review_path = self.batch_path = self.result_path = self.number = ""
        self.parts: list[bytes] = []

    def steps(self) -> Iterator[Step]:
        """Yield what is to be done, the name of the doer first."""
        yield "会员用短信验证码登录", self.sign_in
        yield "会员填写申报", self.fill_in
        yield "会员上传证书照片、填写互助服务卡", self.give_card
        yield "会员核对并提交", self.submit
        yield "审核员从队列认领", self.take
        yield "审核员通过", self.approve
        yield "财务制单建批", self.build
        yield "财务制单冻结", self.freeze
        yield "财务复核批准", self.approve_batch
        yield "后台导出，财务制单下载发放文件", self.download
        yield "财务制单导入模拟的回盘文件", self.upload
        yield "财务复核预览并应用", self.apply
        yield "会员看到已到账", self.see_paid

    def sign_in(self) -> str:
        """Ask for a code and read it in this clone's own outbox; no page and no API ever tells it."""
        page = self.member.get("/sign-in/")
        page = self.member.submit(page, page.form(name="mobile"), {"mobile": self.person.mobile})
        code = latest_code(self.person.mobile)
        page = self.member.submit(page, page.form(name="code"), {"code": code})
        return f"{self.person.name} {self.person.mobile}，到 {page.path}"

    def fill_in(self) -> str:
        """Choose the ground, say who applies, copy the certificate."""
        one, day = self.person, self.person.issued_on
        page = self.member.get("/apply/")
        page = self.member.submit(page, page.form(name="ground"), {"ground": "skill"})
        applicant = {
            "name": one.name,
            "resident_id": one.resident_id,
            "employer": one.employer,
            "district": one.district_code,
        }
        page = self.member.submit(page, page.form(name="resident_id"), applicant)
        certificate = {
            "level": one.level,
            "certificate_number": one.certificate_number,
            "issued_on_year": str(day.year),
            "issued_on_month": str(day.month),
            "issued_on_day": str(day.day),
            "trade": one.trade,
            "awarding_body": one.awarding_body,
        }
        page = self.member.submit(page, page.form(name="certificate_number"), certificate)
        self.case_path = page.path.removesuffix("card/")
        return f"{one.trade}，{one.certificate_number}"

    def give_card(self) -> str:
        """Name the union card and send a picture."""
        page = self.member.get(f"{self.case_path}card/")
        picture = Upload("证书样例.jpg", certificate_picture(self.person), "image/jpeg")
        form = page.form(name="card_number")
        page = self.member.submit(page, form, {"card_number": self.person.card_number}, {"picture": picture})
        _expect(page, page.path.endswith("/check/"), "没有到核对页")
        return f"尾号 {self.person.card_number[-4:]}，照片 {len(picture.content) // 1024} KB"

    def submit(self) -> str:
        """Agree and file."""
        page = self.member.get(f"{self.case_path}check/")
        page = self.member.submit(page, page.form(name="consent"), {"consent": CURRENT})
        found = NUMBER.search(page.text)
        _expect(page, found is not None, "没有申报编号")
        self.number = found[0] if found else ""
        return self.number

    def take(self) -> str:
        """Find the case in the queue by its number and lease it."""
        _sign_in(self.reviewer, "reviewer1")
        queue = self.reviewer.get(f"{QUEUE}?q={self.number}")
        case = self.reviewer.get(queue.link(CASE_LINK))
        _expect(case, self.number in case.text, "打开的不是这份申报")
        case = self.reviewer.submit(case, case.form(action="/take/"), {})
        self.review_path = case.path
        return case.path

    def approve(self) -> str:
        """Approve on the version seen."""
        case = self.reviewer.get(self.review_path)
        self.reviewer.submit(case, case.form(action="/approve/"), {})
        status = self.member.get(self.case_path)
        _expect(status, "已通过" in status.text or "等待发放" in status.text, "会员没有看到通过")
        return "会员已看到通过"

    def build(self) -> str:
        """Gather what is payable, this case among it."""
        _sign_in(self.maker, "maker1")
        page = self.maker.get(f"{BATCHES}build/")
        page = self.maker.submit(page, page.form(name="scheme"), {})
        self.batch_path = page.path
        return page.path

    def freeze(self) -> str:
        """Fix names, cards and amounts."""
        page = self.maker.get(self.batch_path)
        page = self.maker.submit(page, page.form(action="/freeze/"), {})
        _expect(page, "已冻结" in page.text, "没有冻结")
        return "姓名、卡号、金额已固定"

    def approve_batch(self) -> str:
        """Let the second person approve; the maker is not even offered to."""
        own = self.maker.get(self.batch_path)
        offered = any(form.action.endswith("/approve/") for form in own.forms)
        _expect(own, not offered, "制单人不应能批准自己的批次")
        _sign_in(self.checker, "checker1")
        page = self.checker.get(self.batch_path)
        self.checker.submit(page, page.form(action="/approve/"), {})
        return "制单人不能批，复核已批"

    def download(self) -> str:
        """Wait for the worker, then fetch every file; the text parts hold this case's card."""
        page, until = self.maker.get(self.batch_path), time.monotonic() + PATIENCE
        while not _files_of(page):
            if time.monotonic() > until:
                raise WalkError(f"{PATIENCE:.0f} 秒内没有导出文件，请看后台进程的日志。")
            time.sleep(1)
            page = self.maker.get(self.batch_path)
        files = [self.maker.submit(page, form, {}) for form in _files_of(page)]
        for file in files:
            self._keep("payouts", file.file_name, file.content)
        self.parts = [file.content for file in files if file.file_name.endswith(".txt")]
        self._find_own_line()
        return "、".join(file.file_name for file in files)

    def upload(self) -> str:
        """Let the simulated card system answer, and take the answer in."""
        result = answer(self.parts, at=clock.now().astimezone(clock.SHANGHAI))
        self._keep("results", result.name, result.content)
        page = self.maker.get(f"{RESULTS}upload/")
        file = Upload(result.name, result.content, "text/plain")
        page = self.maker.submit(page, page.form(name="file"), {}, {"file": file})
        self.result_path = page.path
        return f"{result.name}：到账 {result.paid} 笔"

    def apply(self) -> str:
        """Let the second person see what would happen, then write it into the books."""
        page = self.checker.get(self.result_path)
        _expect(page, "应用后" in page.text, "没有预览")
        page = self.checker.submit(page, page.form(action="/apply/"), {})
        _expect(page, "已应用" in page.text, "没有应用")
        return "账目已记"

    def see_paid(self) -> str:
        """Read the status as the member."""
        page = self.member.get(self.case_path)
        _expect(page, PaymentStatus.PAID.label in page.text, f"会员没有看到{PaymentStatus.PAID.label}")
        return PaymentStatus.PAID.label

    def _find_own_line(self) -> None:
        try:
            _, payments = read_payouts(self.parts)
        except NotAPayoutFile as error:
            raise WalkError(f"发放文件读不懂：{error}") from error
        if self.person.card_number not in {payment.card_number for payment in payments}:
            raise WalkError("发放文件里没有这位会员的卡号。")

    def _keep(self, kind: str, name: str, content: bytes) -> None:
        if self.folder is None:
            return
        path = self.folder / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)


def _files_of(page: Page) -> list[Form]:
    return [form for form in page.forms if FILE_ADDRESS.search(form.action)]


def _sign_in(browser: Browser, username: str) -> None:
    page = browser.get("/staff/login/")
    page = browser.submit(page, page.form(name="login"), {"login": username, "password": PASSWORD})
    _expect(page, "/staff/login" not in page.path, f"{username} 没有登录成功")


def _expect(page: Page, is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise WalkError(f"{page.path}：{otherwise}。{page.complaint}")
