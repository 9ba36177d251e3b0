"""Where a case stands, in words: what must who do by when, what happened and what is to come (F5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from applications.models import Application
from applications.services.timeline import Entry, filed_through
from subsidy import clock
from subsidy.rules.moments import day_text, end_text
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

A, P = ApplicationStatus, PaymentStatus
WRONG_CARD = (P.FAILED, P.BOUNCED)
FILED = ("submit", "resubmit")


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer that stands first: a title, and one banner with what it means and by when."""

    title: str
    kind: str
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the timeline: done, now (or now bad, now good) or next."""

    state: str
    label: str
    note: str
    icon: str = ""


def headline(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    """Return what the member reads first."""
    if application.status == A.APPROVED:
        return _money(application, entries)
    return {
        A.DRAFT: _draft,
        A.AWAITING_CONFIRMATION: _awaiting,
        A.SUBMITTED: _submitted,
        A.RETURNED: _returned,
        A.REJECTED: _rejected,
        A.WITHDRAWN: _withdrawn,
        A.REVOKED: _revoked,
    }[A(application.status)](application, entries, at)


def stages(application: Application, entries: Sequence[Entry], at: datetime) -> list[Stage]:
    """Return what happened, with its dates, and what is to come, with honest expected times."""
    return [*_past(application, entries), *_ahead(application, at)]


def last_remarks(entries: Sequence[Entry]) -> Entry | None:
    """Return the step in which the reviewer last asked for corrections."""
    return next((entry for entry in reversed(entries) if entry.remarks), None)


def may_file_again(application: Application, at: datetime) -> bool:
    """Say whether a new application of this scheme would still be taken (E8)."""
    return application.scheme.rules.is_open(at)


def _draft(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    rules = application.scheme.rules
    if not rules.is_open(at):
        return Headline("草稿没有提交", "error", "申报已经截止", "截止前没有提交的草稿不再受理。")
    return Headline(
        "草稿，还没有提交", "warn", f"{_until(rules.closes_at)}提交才有效", "提交后才会进入审核。"
    )


def _awaiting(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    return Headline("等您本人确认", "warn", "确认后才算申报", "请留意短信，或拨打 12351 咨询怎么确认。")


def _submitted(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    due = application.review_due_at
    if due and due < at:
        text = f"原定 {_day(due)}前审核完，现在超过了。我们在加紧办理；您可以拨打 12351 询问。"
        return Headline("正在审核", "warn", "审核比原定的时间晚了", text)
    head = f"一般在 {_day(due)}前审核完" if due else "正在审核"
    return Headline("正在审核", "info", head, "您现在不用做什么。有问题会短信告诉您，改好再交。")


def _returned(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    asked = last_remarks(entries)
    count = len(asked.remarks) if asked else 0
    due = application.correction_due_at
    if due and due <= at:
        text = "已经不能在网上提交修改。请拨打 12351 说明情况。"
        return Headline("补正期限已过", "error", f"期限到 {_day(due)}为止", text)
    left = f"，还有 {(_local(due).date() - _local(at).date()).days} 天" if due else ""
    head = f"{_until(due)}改好{left}" if due else "请尽快改好"
    return Headline(f"请改 {count} 处，再提交", "warn", head, "修改期间，审核时间不计。")


def _rejected(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    if may_file_again(application, at):
        until = _until(application.scheme.rules.closes_at)
        text = f"有别的证书，{until}还可以重新申报。对结果有疑问，可以拨打 12351 申请复核。"
    else:
        text = "对结果有疑问，可以拨打 12351 申请复核。"
    return Headline("没有通过审核", "error", "原因和条款在下面", text)


def _withdrawn(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    again = may_file_again(application, at)
    until = _until(application.scheme.rules.closes_at)
    text = f"{until}可以重新申报。" if again else "本年度申报已经截止，不能再申报。"
    return Headline("已撤回，不再办理", "info", "这份申报已由您撤回", text)


def _revoked(application: Application, entries: Sequence[Entry], at: datetime) -> Headline:
    if application.payment == P.RECOVERED:
        head = f"{application.amount} 元已退回工会，申报已撤销"
        return Headline("资助已经退回", "info", head, f"{_again(application, at)}有疑问请拨打 12351。")
    return Headline("已撤销，不再发放", "error", "这份申报通过后又被撤销", "有疑问请拨打 12351。")


def _again(application: Application, at: datetime) -> str:
    if not may_file_again(application, at):
        return ""
    return f"有符合条件的证书，{_until(application.scheme.rules.closes_at)}还可以重新申报。"


def _money(application: Application, entries: Sequence[Entry]) -> Headline:
    yuan, tail = f"{application.amount} 元", application.card_tail
    due = f"一般在 {_day(application.payout_due_at)}前到账" if application.payout_due_at else "分批发放"
    if application.payment == P.PAID:
        paid = f"{_day(application.paid_at)}到账" if application.paid_at else "已到账"
        text = f"发到尾号 {tail} 的互助服务卡。没有看到这笔钱，请拨打 12351。"
        return Headline(f"{yuan}已到账", "ok", paid, text)
    if application.payment in WRONG_CARD or application.card_wanted_since:
        return _not_paid(application, entries, yuan)
    if application.payment == P.IN_PAYMENT:
        return Headline(f"正在发放 {yuan}", "info", due, f"发到尾号 {tail} 的互助服务卡，到账会发短信。")
    text = f"分批发到尾号 {tail} 的互助服务卡，到账会发短信。您不用做什么。"
    return Headline("审核已通过，等待发放", "ok", f"{yuan}，{due}", text)


def _not_paid(application: Application, entries: Sequence[Entry], yuan: str) -> Headline:
    """Say where the money is and who acts (D4)."""
    why = next((entry.note for entry in reversed(entries) if entry.payment in WRONG_CARD), "")
    head = f"{yuan}没有发成，钱还在工会账上，没有丢"
    if application.card_wanted_since:
        text = why or "卡号不合卡系统的规格。请在下面更正，更正后随下一批再发。"
        return Headline("请核对互助服务卡", "warn", head, text)
    return Headline("这次没有发成，会再发", "warn", head, why or "随下一批再发，您不用做什么。")


def _past(application: Application, entries: Sequence[Entry]) -> Iterator[Stage]:
    last = entries[-1] if entries else None
    for entry in entries:
        stage = _happened(application, entry, is_last=entry is last)
        if stage:
            yield stage


def _happened(application: Application, entry: Entry, *, is_last: bool) -> Stage | None:
    when = _moment(entry.at)
    if entry.action in ("draft", "prepare"):
        return Stage("now" if is_last else "done", "建立草稿", when, "pen")
    if entry.action in FILED:
        label = "已提交" if entry.action == "submit" else "改好后再次提交"
        return Stage("done", label, f"{when}，{_through(application)}")
    if entry.action == "return":
        note = f"{when}，等您改 {len(entry.remarks)} 处" if is_last else when
        return Stage("now" if is_last else "done", "退回补正", note, "return" if is_last else "")
    if entry.action == "card":
        return Stage("done", "更正卡号", f"{when}，尾号 {application.card_tail}")
    if entry.status in (A.REJECTED, A.REVOKED):
        return Stage("now bad", entry.title, when, "cross")
    if entry.status == A.WITHDRAWN:
        return Stage("done", "已撤回", when, "minus")
    if entry.payment in WRONG_CARD:
        return Stage("now bad" if is_last else "done", entry.title, when, "cross" if is_last else "minus")
    if entry.payment == P.IN_PAYMENT:
        return Stage("done", "已送去发放", when)
    if entry.status == A.APPROVED and entry.payment == P.NONE and entry.action != "approve":
        return Stage("done", "改期发放", f"{when}，{entry.note}" if entry.note else when)
    return Stage("done", entry.title, when)


def _ahead(application: Application, at: datetime) -> Iterator[Stage]:
    rules = application.scheme.rules
    yuan = f"{application.amount or application.award or ''} 元到账".strip()
    if application.status in (A.DRAFT, A.AWAITING_CONFIRMATION) and rules.is_open(at):
        yield Stage("next", "提交申报", _until(rules.closes_at))
        yield Stage("next", "审核结果", f"提交后 {rules.review_months} 个月内")
    if application.status == A.SUBMITTED:
        due = f"一般在 {_day(application.review_due_at)}前" if application.review_due_at else ""
        yield Stage("now good", "审核中", f"市职工技术协会，{due}")
    if application.status == A.RETURNED:
        yield Stage("next", "审核结果", _days_after_correction(application))
    if application.status in (A.SUBMITTED, A.RETURNED):
        yield Stage("next", yuan, f"审核通过后 {rules.payout_months} 个月内", "yuan")
    if application.status == A.APPROVED and application.payment not in (P.PAID, P.RECOVERED):
        yield from _money_ahead(application, yuan)


def _money_ahead(application: Application, yuan: str) -> Iterator[Stage]:
    due = f"一般在 {_day(application.payout_due_at)}前" if application.payout_due_at else "分批发放"
    if application.payment == P.NONE and not application.card_wanted_since:
        yield Stage("now good", "等待发放", due)
    elif application.payment == P.IN_PAYMENT:
        yield Stage("now good", "发放中", "等卡系统回执")
    yield Stage("next", yuan, "您改好卡号后随下一批发放" if application.card_wanted_since else due, "yuan")


def _days_after_correction(application: Application) -> str:
    if not application.review_due_at or not application.returned_at:
        return "您改好后继续审核"
    left = max((application.review_due_at - application.returned_at).days, 1)
    return f"您改好后 {left} 天内"


def _through(application: Application) -> str:
    return "您自己填报" if application.channel == "member" else filed_through(application)


def _local(instant: datetime) -> datetime:
    return instant.astimezone(clock.SHANGHAI)


def _day(instant: datetime) -> str:
    return day_text(_local(instant))


def _moment(instant: datetime) -> str:
    local = _local(instant)
    return f"{local.month} 月 {local.day} 日 {local:%H:%M}"


def _until(instant: datetime) -> str:
    return f"{end_text(instant)} 前"
