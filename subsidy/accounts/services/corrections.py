"""A member asks to have name or identity number corrected; what was given once only staff change (A2)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from subsidy import clock
from subsidy.accounts.enums import CorrectionField, CorrectionOutcome
from subsidy.accounts.models import Member, MemberCorrection
from subsidy.accounts.services.actors import member_actor, target_of
from subsidy.accounts.services.checks import checked_name, checked_resident_id
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, FieldError, RuleRefused, TooManyRequests
from subsidy.rules.identity import normalise_name

WINDOW, LIMIT = timedelta(days=1), 3
LONGEST_REASON = 200
BLANK = "您还没有登记姓名和证件号码，直接填写就行，不用申请更正。"
UNCHANGED = "和现在登记的一样，不用更正。"
OPEN = "这一项的更正申请还在办理，办完以后才能再提。"
TOO_MANY = "今天提出更正的次数过多，请明天再提，或拨打 12351。"


@transaction.atomic
def request_correction(
    member: Member, *, field: CorrectionField, value: str, reason: str, ip: str = ""
) -> MemberCorrection:
    """Put down what should stand in the record and why; whether others hold the number is not told here.

    Raises RuleRefused by field, Conflict while an earlier request waits, TooManyRequests past three a day.
    """
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise RuleRefused(f"请写明理由，最多 {LONGEST_REASON} 个字。", code="required", field="reason")
    locked = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if not locked.is_identified:
        raise Conflict(BLANK, code="NOT_IDENTIFIED")
    checked, index = _checked(locked, field, value)
    _require_turn(locked, field)
    correction = MemberCorrection.objects.create(
        member=locked,
        field=field.value,
        value=checked,
        value_index=index,
        reason=said,
        requested_at=clock.now(),
    )
    record(
        "member.correct",
        actor=member_actor(locked, ip),
        target=target_of(locked),
        data={"correction": correction.pk, "field": field.value},
    )
    return correction


def value_index(field: CorrectionField, value: str) -> str:
    """Return the digest by which an asked value is compared with what stands on the document."""
    if field is CorrectionField.RESIDENT_ID:
        return blind_index("resident_id", value)
    return blind_index("code", f"name\0{normalise_name(value)}")


def checked_value(field: CorrectionField, value: str, *, at: str) -> str:
    """Return a name or an identity number as the rules allow it; refuse it under the field `at`."""
    try:
        return (checked_name if field is CorrectionField.NAME else checked_resident_id)(value)
    except RuleRefused as refusal:
        refusal.errors = [FieldError(at, one.code, one.message) for one in refusal.errors]
        raise


def _checked(member: Member, field: CorrectionField, value: str) -> tuple[str, str]:
    checked = checked_value(field, value, at="value")
    index = value_index(field, checked)
    same_name = field is CorrectionField.NAME and checked == member.name
    if same_name or index == member.resident_id_index:
        raise RuleRefused(UNCHANGED, code="UNCHANGED", field="value")
    return checked, index


def _require_turn(member: Member, field: CorrectionField) -> None:
    mine = MemberCorrection.objects.filter(member=member)
    if mine.filter(field=field.value, outcome=CorrectionOutcome.OPEN.value).exists():
        raise Conflict(OPEN, code="CORRECTION_OPEN")
    recent = mine.filter(requested_at__gt=clock.now() - WINDOW).order_by("requested_at")
    times = list(recent.values_list("requested_at", flat=True))
    if len(times) >= LIMIT:
        raise TooManyRequests(TOO_MANY, retry_after=times[0] + WINDOW - clock.now())
