"""What a reviewer writes, checked: the note, the remarks by field, the reasons by code (V3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from applications.models import Application
from applications.services.filing import as_data
from review.remarks import NEEDS_NOTE, REFUSALS, RETURNABLE
from subsidy.errors import RuleRefused
from subsidy.rules.eligibility import Assessment
from subsidy.rules.reasons import Severity
from subsidy.rules.terms import Ground

NOTE_LENGTH: Final = 500
REMARK_LENGTH: Final = 200


def checked_note(note: str) -> str:
    """Return the note without outer spaces; raises RuleRefused when it is too long."""
    note = note.strip()
    if len(note) > NOTE_LENGTH:
        raise RuleRefused(f"审核说明最多 {NOTE_LENGTH} 字。", code="TOO_LONG", field="note")
    return note


def required_note(note: str, sentence: str) -> str:
    """Return the note; raises RuleRefused with the sentence when there is none."""
    note = checked_note(note)
    if not note:
        raise RuleRefused(sentence, code="NOTE_REQUIRED", field="note")
    return note


def checked_remarks(remarks: Mapping[str, str], ground: Ground) -> dict[str, str]:
    """Return the remarks that say something, by field; raises RuleRefused for none or an unknown field."""
    fields = RETURNABLE[ground]
    asked = {field: text.strip() for field, text in remarks.items() if text.strip()}
    if not asked:
        raise RuleRefused("请至少写一处要补正的内容。", code="REMARK_REQUIRED", field="remarks")
    for field, text in asked.items():
        if field not in fields:
            raise RuleRefused(f"“{field}”不是可以退回补正的一项。", code="UNKNOWN_FIELD", field="remarks")
        if len(text) > REMARK_LENGTH:
            sentence = f"“{fields[field]}”的意见最多 {REMARK_LENGTH} 字。"
            raise RuleRefused(sentence, code="TOO_LONG", field=f"remarks.{field}")
    return asked


def checked_reasons(
    codes: Sequence[str], note: str, known: Mapping[str, dict[str, str]]
) -> list[dict[str, str]]:
    """Return the reasons behind the codes in the order given; raises RuleRefused for none or an unknown."""
    given = list(dict.fromkeys(codes))
    if not given:
        raise RuleRefused("请至少选一条不予通过的理由。", code="REASON_REQUIRED", field="reasons")
    for code in given:
        if code not in known:
            raise RuleRefused(f"没有“{code}”这条理由，请从列表里选。", code="UNKNOWN_REASON", field="reasons")
    if NEEDS_NOTE.intersection(given):
        required_note(note, "选了“其他原因”，请写明是什么原因，会员会看到。")
    return [known[code] for code in given]


def refusals_for(application: Application, assessment: Assessment) -> dict[str, dict[str, str]]:
    """Return by code the reasons a case may be refused for: what blocks it, then the reviewers' own."""
    clauses = application.scheme.rules.clauses
    ground = Ground(application.ground)
    own = {
        code: {
            "code": code,
            "severity": Severity.BLOCKING.value,
            "clause": clauses.of_ground(ground)
            if entry.clause == "ground"
            else getattr(clauses, entry.clause),
            "message": entry.sentence,
        }
        for code, entry in REFUSALS.items()
    }
    return {reason["code"]: reason for reason in as_data(assessment.blocking)} | own
