"""The batches of the seeded year and what the card system answers, each step by the right person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from payouts.models import PayoutBatch, PayoutLine, ResultFile
from payouts.services import (
    apply_result,
    approve_batch,
    approve_resend,
    ask_to_resend,
    build_batch,
    cancel_batch,
    download,
    freeze,
    record_recovery,
    stage_result,
    write_files,
)
from subsidy import clock
from subsidy.accounts.services import staff_actor
from subsidy.demo.acts import Desk
from subsidy.demo.card_system import PAID, Answer, Payment, read_payouts, reply
from subsidy.demo.stories import Case

PRIVATE: Final = 0o600
WORDS: Final[Mapping[str, str]] = {
    "0000": "成功",
    "E101": "无此账户",
    "E102": "户名与卡号不符",
    "E107": "账户已销户",
    "E111": "账户状态异常-挂失",
    "E120": "超过收款限额",
    "E202": "处理中",
    "E301": "入账后退汇",
}
RETURNED: Final = "E301"
NOT_ARRIVED: Final = "4 月 8 日函询卡系统，4 月 10 日书面答复：该笔没有入账。"
GIVEN_BACK: Final = "复查发现证书首次取得日期不在 2023 年；本人已退回，收款凭证 2024-0502-01。"
CANCELLED: Final = "卡系统停机维护，改在下一批发放。"


@dataclass(slots=True)
class Treasury:
    """Builds, sends and settles; keeps the batches under the names of the plan."""

    desk: Desk
    cases: Sequence[Case]
    folder: Path | None = None
    batches: dict[str, PayoutBatch] = field(default_factory=dict)

    def build(self, name: str) -> None:
        """Gather what is payable now."""
        self.batches[name] = build_batch(scheme=self.desk.scheme, maker=self.desk.staff["maker1"])

    def freeze(self, name: str) -> None:
        """Fix names, cards and amounts."""
        self.batches[name] = freeze(self.batches[name], maker=self.desk.staff["maker1"]).batch

    def cancel(self, name: str) -> None:
        """Give a batch up before it leaves."""
        cancel_batch(self.batches[name], by=self.desk.staff["checker1"], note=CANCELLED)

    def send(self, name: str) -> None:
        """Approve by the second person, write the files and hand them over."""
        maker = self.desk.staff["maker1"]
        batch = approve_batch(self.batches[name], checker=self.desk.staff["checker1"])
        write_files(batch.pk, actor=staff_actor(maker))
        for file in batch.files.select_related("batch__key"):
            self._keep("payouts", file.name, download(file, by=maker))

    def stage(self, name: str) -> ResultFile:
        """Take in the answer to a batch and leave it to the second person."""
        payments = self._payments(name)
        results = [(payment, self._next(case)) for payment, case in payments]
        return self._stage(self.batches[name], results, serial="1")

    def settle(self, name: str) -> None:
        """Take in the answer to a batch and apply it by the second person."""
        apply_result(self.stage(name), applier=self.desk.staff["checker1"])

    def late_return(self, name: str) -> None:
        """Take in and apply a second answer: money that the bank gives back afterwards."""
        payments = self._payments(name)
        bounced = [(payment, self._next(case)) for payment, case in payments if case.answers == [RETURNED]]
        staged = self._stage(self.batches[name], bounced, serial="2")
        apply_result(staged, applier=self.desk.staff["checker1"])

    def send_again(self, name: str) -> None:
        """Give up what the card system never answered: asked by one, approved by another."""
        for line in self._lines_of("resent", name):
            asked = ask_to_resend(line, by=self.desk.staff["maker1"], note=NOT_ARRIVED)
            approve_resend(asked, by=self.desk.staff["checker1"])

    def recover(self, name: str) -> None:
        """Record the money that people paid back after a visit of the association."""
        for line in self._lines_of("recovered", name):
            checker = self.desk.staff["checker1"]
            record_recovery(line, by=checker, amount=line.amount, reason=GIVEN_BACK)

    def _lines_of(self, story: str, name: str) -> list[PayoutLine]:
        people = [case.application_id for case in self.cases if case.story.code == story]
        rows = PayoutLine.objects.filter(batch=self.batches[name], application__in=people)
        return list(rows.order_by("serial"))

    def _stage(
        self, batch: PayoutBatch, results: Sequence[tuple[Payment, tuple[str, str]]], *, serial: str
    ) -> ResultFile:
        at = clock.now().astimezone(clock.SHANGHAI)
        answer: Answer = reply(batch.number, results, at=at, serial=serial)
        self._keep("results", answer.name, answer.content)
        return stage_result(answer.content, answer.name, importer=self.desk.staff["maker1"])

    def _payments(self, name: str) -> list[tuple[Payment, Case]]:
        """Read the exported files as the card system would, and find whom each line is for."""
        batch, maker = self.batches[name], self.desk.staff["maker1"]
        files = batch.files.filter(format="txt").select_related("batch__key").order_by("part")
        _, payments = read_payouts([download(file, by=maker) for file in files])
        lines = PayoutLine.objects.filter(batch=batch).values_list("line_ref", "application_id")
        applications, cases = dict(lines), {case.application_id: case for case in self.cases}
        return [(payment, cases[applications[payment.line_ref]]) for payment in payments]

    def _next(self, case: Case) -> tuple[str, str]:
        if not case.answers:
            return PAID
        code = case.answers.pop(0)
        return code, WORDS[code]

    def _keep(self, kind: str, name: str, content: bytes) -> None:
        """Leave a copy for whoever tries the demonstration; names and cards in clear, for the owner only."""
        if self.folder is None:
            return
        path = self.folder / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=PRIVATE)
        path.write_bytes(content)
