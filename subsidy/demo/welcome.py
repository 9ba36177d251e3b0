"""What the terminal of the demonstration says: the log-ins, and each message that a member gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from applications.models import Application
from subsidy import clock
from subsidy.demo.offices import LOGINS, PASSWORD
from subsidy.notices.models import Notice
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

A, P = ApplicationStatus, PaymentStatus
SHOWN: Final = (
    (A.DRAFT, P.NONE),
    (A.AWAITING_CONFIRMATION, P.NONE),
    (A.SUBMITTED, P.NONE),
    (A.RETURNED, P.NONE),
    (A.REJECTED, P.NONE),
    (A.APPROVED, P.NONE),
    (A.APPROVED, P.IN_PAYMENT),
    (A.APPROVED, P.PAID),
    (A.APPROVED, P.FAILED),
    (A.REVOKED, P.RECOVERED),
)
NEW_MOBILE: Final = "15499990001"
Write = Callable[[str], object]


def log_ins(address: str) -> Iterator[str]:
    """Yield the lines that tell a newcomer who may sign in where."""
    now = clock.now().astimezone(clock.SHANGHAI)
    yield f"业务时间：{now:%Y-%m-%d %H:%M}（演示时钟，会继续走）"
    yield f"工作人员：{address}/staff/login/ ，密码都是 {PASSWORD}"
    for login in LOGINS:
        yield f"  {login.username:<10} {login.role.label}　{login.name}"
    yield f"会员：{address}/sign-in/ ，用手机号，验证码会显示在这个窗口"
    for mobile, state in members():
        yield f"  {mobile}  {state}"
    yield f"  {NEW_MOBILE}  新会员，从头申报"


def members() -> Iterator[tuple[str, str]]:
    """Yield the mobile of one member in each state worth a look, with its Chinese name."""
    with_mobile = (
        Application.objects.filter(member__mobile_index__isnull=False).select_related("member").order_by("pk")
    )
    for status, payment in SHOWN:
        application = with_mobile.filter(status=status.value, payment=payment.value).first()
        if application and application.member.mobile:
            label = status.label if payment is P.NONE and status is not A.APPROVED else payment.label
            yield application.member.mobile, f"{label}　{application.member.name}"


class Messages:
    """Shows every message written to the outbox since the start, codes included: an invented phone."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.last = self._newest()

    def show_new(self) -> None:
        """Print what has come in since the last look."""
        for notice in Notice.objects.filter(pk__gt=self.last).order_by("pk"):
            self.last = notice.pk
            self.write(f"短信 → {notice.mobile}：{notice.body}")

    @staticmethod
    def _newest() -> int:
        return Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
