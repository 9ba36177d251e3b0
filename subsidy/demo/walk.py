"""One application of each ground from filing to 已到账 over HTTP, each step by whoever has that duty."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.crypto import blind_index
from subsidy.demo.browser import Browser, Form, Page, Upload, WalkError
from subsidy.demo.card_system import NotAPayoutFile, answer, read_payouts
from subsidy.demo.doors import Door, MemberDoor, PaperDoor, RosterDoor, StationDoor
from subsidy.demo.people import MOST, Person, person
from subsidy.demo.visits import Step, expect, sign_in_staff
from subsidy.rules.workflow import PaymentStatus

QUEUE: Final = "/admin/review/queueitem/"
BATCHES: Final = "/admin/payouts/payoutbatch/"
RESULTS: Final = "/admin/payouts/resultfile/"
CASE_LINK: Final = r"/admin/review/queueitem/\d+/change/"
FILE_ADDRESS: Final = re.compile(r"/payoutbatch/\d+/files/\d+/$")
PATIENCE: Final = 120.0
DOORS: Final[tuple[type[Door], ...]] = (MemberDoor, StationDoor, PaperDoor, RosterDoor)


def newcomers(count: int = len(DOORS)) -> list[Person]:
    """Return invented people whom this clone does not know yet, the last of the list first."""
    found: list[Person] = []
    for serial in reversed(range(MOST)):
        one = person(serial)
        known = Member.objects.filter(resident_id_index=blind_index("resident_id", one.resident_id))
        if not known.exists():
            found.append(one)
        if len(found) == count:
            return found
    raise WalkError("虚构的会员都用完了。请用 make demo-reset 从头开始。")


class Walk:
    """All doors, the reviewer, one batch for all; each step returns a few words on what was seen."""

    def __init__(self, base_url: str, people: Sequence[Person], folder: Path | None = None) -> None:
        self.folder = folder
        self.doors = [door(base_url, one) for door, one in zip(DOORS, people, strict=True)]
        self.reviewer, self.maker, self.checker = (Browser(base_url) for _ in range(3))
        self.batch_path = self.result_path = ""
        self.parts: list[bytes] = []

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Yield whose case it is, and what is to be done, the name of the doer first."""
        for door in self.doors:
            yield from ((door.title, step) for step in door.steps())
            yield door.title, ("审核员从队列认领，核对后通过", partial(self.approve, door))
        yield from (("发放", step) for step in self.payment())
        for door in self.doors:
            yield door.title, ("会员看到已到账", partial(self.see_paid, door))

    def payment(self) -> Iterator[Step]:
        """Yield the steps of the one batch that pays all."""
        yield "财务制单建批", self.build
        yield "财务制单冻结", self.freeze
        yield "财务复核批准", self.approve_batch
        yield "后台导出，财务制单下载发放文件", self.download
        yield "财务制单导入模拟的回盘文件", self.upload
        yield "财务复核预览并应用", self.apply

    def approve(self, door: Door) -> str:
        """Find the case in the queue by its number, lease it, approve on the version seen."""
        if door is self.doors[0]:
            sign_in_staff(self.reviewer, "reviewer1")
        queue = self.reviewer.get(f"{QUEUE}?q={door.number}")
        case = self.reviewer.get(queue.link(CASE_LINK))
        expect(case, door.number in case.text, "打开的不是这份申报")
        case = self.reviewer.submit(case, case.form(action="/take/"), {})
        self.reviewer.submit(case, case.form(action="/approve/"), {})
        status = door.member.get(door.case_path)
        expect(status, "已通过" in status.text or "等待发放" in status.text, "会员没有看到通过")
        return "会员已看到通过"

    def build(self) -> str:
        """Gather what is payable, these cases among it."""
        sign_in_staff(self.maker, "maker1")
        page = self.maker.get(f"{BATCHES}build/")
        page = self.maker.submit(page, page.form(name="scheme"), {})
        self.batch_path = page.path
        return page.path

    def freeze(self) -> str:
        """Fix names, cards and amounts."""
        page = self.maker.get(self.batch_path)
        page = self.maker.submit(page, page.form(action="/freeze/"), {})
        expect(page, "已冻结" in page.text, "没有冻结")
        return "姓名、卡号、金额已固定"

    def approve_batch(self) -> str:
        """Let the second person approve; the maker is not even offered to."""
        own = self.maker.get(self.batch_path)
        offered = any(form.action.endswith("/approve/") for form in own.forms)
        expect(own, not offered, "制单人不应能批准自己的批次")
        sign_in_staff(self.checker, "checker1")
        page = self.checker.get(self.batch_path)
        self.checker.submit(page, page.form(action="/approve/"), {})
        return "制单人不能批，复核已批"

    def download(self) -> str:
        """Wait for the worker, then fetch every file; the text parts hold the card of each case."""
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
        self._find_own_lines()
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
        expect(page, "应用后" in page.text, "没有预览")
        page = self.checker.submit(page, page.form(action="/apply/"), {})
        expect(page, "已应用" in page.text, "没有应用")
        return "账目已记"

    def see_paid(self, door: Door) -> str:
        """Read the status as the member."""
        page = door.member.get(door.case_path)
        expect(page, PaymentStatus.PAID.label in page.text, f"会员没有看到{PaymentStatus.PAID.label}")
        return PaymentStatus.PAID.label

    def _find_own_lines(self) -> None:
        try:
            _, payments = read_payouts(self.parts)
        except NotAPayoutFile as error:
            raise WalkError(f"发放文件读不懂：{error}") from error
        cards = {payment.card_number for payment in payments}
        missing = [door.number for door in self.doors if door.person.card_number not in cards]
        if missing:
            raise WalkError(f"发放文件里没有这些申报的卡号：{'、'.join(missing)}。")

    def _keep(self, kind: str, name: str, content: bytes) -> None:
        if self.folder is None:
            return
        path = self.folder / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)


def _files_of(page: Page) -> list[Form]:
    return [form for form in page.forms if FILE_ADDRESS.search(form.action)]
