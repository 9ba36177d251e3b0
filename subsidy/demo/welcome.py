"""What the terminal of the demonstration says: the log-ins, each message to a member, the codes of staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from applications.models import Application
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.audit.models import AuditRow
from subsidy.demo.codes import staff_code
from subsidy.demo.offices import LOGINS, PASSWORD
from subsidy.demo.people import person
from subsidy.errors import SubsidyError
from subsidy.notices.models import Notice
from subsidy.rules.terms import Channel, SkillLevel
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
SAMPLE: Final = 1_000
Write = Callable[[str], object]


def log_ins(address: str) -> Iterator[str]:
    """Yield the lines that tell a newcomer who may sign in where."""
    now = clock.now().astimezone(clock.SHANGHAI)
    yield f"业务时间：{now:%Y-%m-%d %H:%M}（演示时钟，会继续走）"
    yield f"工作人员：{address}/staff/login/ ，密码都是 {PASSWORD} ，填完密码，动态口令会显示在这个窗口"
    for login in LOGINS:
        yield f"  {login.username:<10} {login.role.label}　{login.name}"
    yield f"会员：{address}/sign-in/ ，用手机号，验证码会显示在这个窗口"
    for mobile, state in members():
        yield f"  {mobile}  {state}"
    yield f"  {NEW_MOBILE}  新会员，从头申报"
    yield from _samples()


def _samples() -> Iterator[str]:
    """Yield what may be typed in: an invented member with a certificate, and a caller who asks."""
    one = person(SAMPLE)
    yield "申报时可以照填的（虚构）："
    yield f"  {one.name}　身份证号 {one.resident_id}　互助服务卡 {one.card_number}　手机 {one.mobile}"
    yield f"  {one.trade}　{SkillLevel(one.level).label}　证书编号 {one.certificate_number}"
    yield f"  颁证日期 {one.issued_on}　鉴定（认定）机构 {one.awarding_body}"
    filed = Application.objects.filter(channel=Channel.HOTLINE.value).select_related("member").first()
    if filed:
        yield f"来电查进度可以报的（虚构）：申报编号 {filed.number}　证件号码 {filed.member.resident_id}"


def members() -> Iterator[tuple[str, str]]:
    """Yield the mobile of one member in each state worth a look, with its Chinese name."""
    with_mobile = (
        Application.objects.filter(member__mobile_index__isnull=False).select_related("member").order_by("pk")
    )
    for status, payment in SHOWN:
        alike = with_mobile.filter(status=status.value, payment=payment.value)
        application = alike.exclude(correction_due_at__lte=clock.now()).first()
        if application and application.member.mobile:
            label = status.label if payment is P.NONE and status is not A.APPROVED else payment.label
            yield application.member.mobile, f"{label}　{application.member.name}"


class Messages:
    """Shows what an invented phone would: each message of the outbox since the start, codes included.

    Whoever of the staff has given the right password waits for the code of their authenticator: that too.
    """

    def __init__(self, write: Write) -> None:
        self.write = write
        self.last, self.last_row = _newest(Notice), _newest(AuditRow)

    def show_new(self) -> None:
        """Print what has come in since the last look."""
        for notice in Notice.objects.filter(pk__gt=self.last).order_by("pk"):
            self.last = notice.pk
            self.write(f"短信 → {notice.mobile}：{notice.body}")
        asked = AuditRow.objects.filter(action="staff.password_accepted", pk__gt=self.last_row)
        for row in asked.order_by("pk"):
            self.last_row = row.pk
            self.write(code_for(row.actor_label))


def code_for(username: str) -> str:
    """Return the line that tells a colleague's code, or why there is none."""
    try:
        code, seconds = staff_code(StaffUser.objects.get(username=username))
    except (LookupError, SubsidyError) as refusal:
        return f"动态口令 → {username}：{refusal}"
    return f"动态口令 → {username}：{code}（{seconds} 秒内有效，只能用一次）"


def _newest(model: type[Notice] | type[AuditRow]) -> int:
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
