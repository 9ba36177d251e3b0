"""The paper dossier of annex 1: the day it counts by, and which of its copies are still missing (F3)."""

from __future__ import annotations

from datetime import date, datetime, time

from applications.models import Application, PaperDossier
from subsidy import clock
from subsidy.errors import FieldError, RuleRefused
from subsidy.rules.moments import end_text, instant_text
from subsidy.rules.scheme import Scheme, WindowStatus
from subsidy.rules.terms import AttachmentKind, Channel, Ground

COPIES = {
    AttachmentKind.ID_FRONT: "has_id_front",
    AttachmentKind.ID_BACK: "has_id_back",
    AttachmentKind.UNION_CARD: "has_card",
    AttachmentKind.CERTIFICATE: "has_certificate",
}
BRING_IT = "这一类别以纸质材料申报。请把签好字的申请表和复印件送交市职工技术协会，由收件员登记后才算申报。"


def received_at(scheme: Scheme, received_on: date) -> datetime:
    """Return the instant a day of receipt stands for; on the first day that is the opening (E8)."""
    midnight = datetime.combine(received_on, time(), tzinfo=clock.SHANGHAI)
    opens = scheme.opens_at.astimezone(clock.SHANGHAI)
    return opens if opens.date() == received_on else midnight


def check_received_on(scheme: Scheme, received_on: date) -> None:
    """Refuse a day of receipt in the future or outside the filing window (五（三）)."""
    if received_on > clock.today():
        raise RuleRefused(
            "接收日期不能晚于今天。请按收到材料的日期填写。", code="RECEIVED_IN_FUTURE", field="received_on"
        )
    status = scheme.window_status(received_at(scheme, received_on))
    if status is WindowStatus.UPCOMING:
        opens = instant_text(scheme.opens_at)
        sentence = f"接收日期早于申报开始时间（{opens}）。请核对接收日期。"
        raise RuleRefused(sentence, code="FILED_BEFORE_OPENING", field="received_on")
    if status is WindowStatus.CLOSED:
        closes = end_text(scheme.closes_at)
        sentence = f"申报已于 {closes} 截止，截止后收到的材料不再受理。请核对接收日期。"
        raise RuleRefused(sentence, code="FILED_AFTER_CLOSING", field="received_on")


def missing_papers(application: Application) -> list[FieldError]:
    """Return what the dossier of a paper application still lacks; other channels lack nothing."""
    if application.channel != Channel.PAPER:
        return []
    dossier = PaperDossier.objects.filter(application=application).first()
    if application.filed_by_id is None or dossier is None or application.received_on is None:
        return [FieldError("received_on", "required", BRING_IT)]
    wanted = application.scheme.rules.ground_rule(Ground(application.ground)).required_attachments
    return [
        FieldError(f"dossier.{COPIES[kind]}", "required", f"还缺{kind.label}，请收齐后再提交。")
        for kind in wanted
        if kind in COPIES and not getattr(dossier, COPIES[kind])
    ]
