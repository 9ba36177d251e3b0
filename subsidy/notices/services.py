"""Writing messages to the outbox with the caller's work, and sending them afterwards."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from subsidy import clock
from subsidy.errors import RuleRefused
from subsidy.notices import backends, queue
from subsidy.notices.models import Notice, NoticeStatus
from subsidy.notices.templates import TEMPLATES, NoticeTemplate, Wording

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
CLAIM_LASTS = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
SWEEP_ROWS = 500
BULK_ROWS = 1_000
MAX_VALUE_LENGTH = 80
LONG_NUMBER = re.compile(r"\d(?:[\s*·.\-—_]*\d){11,}")
OUR_NUMBER = re.compile(r"ZT\d{4}-\d{7}-[\dX]")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a bulk step."""

    mobile: str
    member_id: int
    context: dict[str, str]


def enqueue(template: str, *, mobile: str, member_id: int, context: dict[str, str]) -> Notice:
    """Put one message into the outbox; it is sent after the caller's transaction commits.

    Raises `ValueError` for an unknown template or other variables than its own, `RuleRefused` when a value
    could be a full card or ID number.
    """
    notice = _draft(NoticeTemplate(template), Letter(mobile, member_id, context))
    notice.save(force_insert=True)
    transaction.on_commit(lambda: queue.hint_one(notice.pk), robust=True)
    return notice


def enqueue_many(template: str, letters: Iterable[Letter]) -> int:
    """Put the messages of a bulk step into the outbox and leave them to the sweep; return how many."""
    wording, written = NoticeTemplate(template), 0
    drafts = (_draft(wording, letter) for letter in letters)
    while chunk := list(islice(drafts, BULK_ROWS)):
        written += len(Notice.objects.bulk_create(chunk))
    if written:
        transaction.on_commit(queue.hint_sweep, robust=True)
    return written


def send(notice_id: int) -> bool:
    """Claim one due message, hand it to the gateway and note the outcome; return whether it was sent.

    Safe to repeat: who does not get the claim does nothing.
    """
    notice = _claim(notice_id)
    if notice is None:
        return False
    try:
        reference = backends.configured().send(notice.mobile or "", notice.body or "")
    except Exception as error:  # any gateway may fail in any way; the row keeps the attempt
        logger.warning("notice %s not sent: %s", notice.pk, type(error).__name__)
        _put_off(notice, type(error).__name__)
        return False
    _settle(notice, status=NoticeStatus.SENT, sent_at=clock.real_now(), reference=str(reference)[:100])
    return True


def sweep(*, limit: int = SWEEP_ROWS) -> int:
    """Send what is due, oldest first: what a lost broker dropped and what failed before; return how many."""
    due = Notice.objects.due(clock.real_now()).order_by("next_attempt_at", "id")
    return sum(send(notice_id) for notice_id in list(due.values_list("pk", flat=True)[:limit]))


def _draft(template: NoticeTemplate, letter: Letter) -> Notice:
    wording, now = TEMPLATES[template], clock.real_now()
    return Notice(
        template=template.value,
        member_id=letter.member_id,
        mobile=letter.mobile,
        body=_render(wording, letter.context),
        next_attempt_at=now,
        useful_until=now + wording.useful_for,
        business_at=clock.now(),
        created_at=now,
    )


def _render(wording: Wording, context: dict[str, str]) -> str:
    if set(context) != wording.variables:
        wrong = ", ".join(sorted(wording.variables.symmetric_difference(context)))
        raise ValueError(f"variables do not fit the template: {wrong}")
    for name, value in context.items():
        _check_value(name, value)
    body = wording.text.format_map(context)
    _check_number("", body)
    return body


def _check_value(name: str, value: str) -> None:
    if any(unicodedata.category(character).startswith("C") for character in value):
        raise RuleRefused("短信内容不能含换行等控制字符，请删去后再试。", code="NOTICE_CONTROL_CHARACTER")
    if not 0 < len(value) <= MAX_VALUE_LENGTH:
        raise RuleRefused(f"短信变量应为 1–{MAX_VALUE_LENGTH} 个字。", code="NOTICE_VALUE_LENGTH", field=name)
    _check_number(name, value)


def _check_number(name: str, text: str) -> None:
    if LONG_NUMBER.search(OUR_NUMBER.sub("", unicodedata.normalize("NFKC", text))):
        message = "短信不能含完整的证件号码或卡号，请只写末四位。"
        raise RuleRefused(message, code="NOTICE_CARRIES_NUMBER", field=name)


@transaction.atomic
def _claim(notice_id: int) -> Notice | None:
    """Take the row if it is due and nobody else holds it; a stale or worn-out one is closed instead."""
    now = clock.real_now()
    notice = Notice.objects.due(now).select_for_update(skip_locked=True).filter(pk=notice_id).first()
    if notice is None:
        return None
    if closed := _closing_status(notice, now):
        _settle(notice, status=closed)
        return None
    notice.status, notice.attempts = NoticeStatus.SENDING.value, notice.attempts + 1
    notice.next_attempt_at = now + CLAIM_LASTS
    notice.save(update_fields=["status", "attempts", "next_attempt_at"])
    return notice


def _closing_status(notice: Notice, now: datetime) -> NoticeStatus | None:
    if notice.useful_until <= now:
        return NoticeStatus.EXPIRED
    return NoticeStatus.FAILED if notice.attempts >= MAX_ATTEMPTS else None


def _put_off(notice: Notice, error: str) -> None:
    if notice.attempts >= MAX_ATTEMPTS:
        _settle(notice, status=NoticeStatus.FAILED, last_error=error)
        return
    pause = PAUSES[min(notice.attempts, len(PAUSES)) - 1]
    _settle(notice, status=NoticeStatus.PENDING, last_error=error, next_attempt_at=clock.real_now() + pause)


def _settle(notice: Notice, *, status: NoticeStatus, **changes: datetime | str) -> None:
    """Note an outcome unless another sender has taken the row over since."""
    held = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts)
    held.exclude(status=NoticeStatus.SENT.value).update(status=status.value, **changes)
