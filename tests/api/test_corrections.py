"""Corrections that staff make for a member: on evidence only, and the member hears of it (D1, F2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from applications.models import Application
from applications.services.transitions import Step, lock, record_payment
from review.services import approve, return_for_correction
from subsidy.accounts.models import StaffUser
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.notices.models import Notice
from subsidy.rules.workflow import PaymentStatus
from tests import make
from tests.api.conftest import Caller, fields
from tests.api.desk import at_api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("D1", "F2")]
OTHER_CARD = make.card_number(4711)
EVIDENCE = {"consent": {"evidence": "通话录音 000777"}}


def failed(case: Application) -> Application:
    """Approve a case and let its payment fail."""
    approve(case, reviewer=make.staff("reviewer"), version=case.version)
    with transaction.atomic():
        locked = lock(case)
        for state in (PaymentStatus.IN_PAYMENT, PaymentStatus.FAILED):
            record_payment(locked, state, Step("payment", SYSTEM))
    case.refresh_from_db()
    return case


def returned(case: Application, **remarks: str) -> Application:
    """Let a reviewer ask for another card."""
    asked = remarks or {"card_number": "请核对卡号。"}
    return_for_correction(case, reviewer=make.staff("reviewer"), version=case.version, remarks=asked)
    case.refresh_from_db()
    return case


def station() -> tuple[StaffUser, Application]:
    """Return a clerk and the case they filed."""
    clerk = make.operator("station")
    return clerk, make.assisted(operator_=clerk)


def send(caller: Caller, case: Application, step: str, **body: Any) -> Any:
    path = f"applications/{case.public_id}/{step}"
    return caller.send("POST" if step else "PATCH", path, {"version": case.version} | body)


def told(case: Application) -> list[str]:
    return [
        notice.body for notice in Notice.objects.filter(template="card_changed", member_id=case.member_id)
    ]


def test_staff_correct_a_card_on_evidence_only_and_the_member_is_told() -> None:
    clerk, case = station()
    failed(case)
    bare = send(at_api(clerk), case, "card/", card_number=OTHER_CARD)
    assert (bare.status_code, fields(bare), told(case)) == (400, ["consent"], [])
    answer = send(at_api(clerk), case, "card/", card_number=OTHER_CARD, **EVIDENCE)
    case.refresh_from_db()
    assert (answer.status_code, case.card_tail) == (200, OTHER_CARD[-4:])
    assert [OTHER_CARD[-4:] in body for body in told(case)] == [True]
    assert AuditRow.objects.get(action="application.card").data["evidence"] == "通话录音 000777"


def test_staff_never_put_a_card_that_the_register_contradicts() -> None:
    clerk, case = station()
    make.card_holder(case.member)
    failed(case)
    answer = send(at_api(clerk), case, "card/", card_number=OTHER_CARD, **EVIDENCE)
    case.refresh_from_db()
    assert (answer.status_code, answer.json()["code"], fields(answer)) == (
        422,
        "CARD_HOLDER_MISMATCH",
        ["card_number"],
    )
    assert (case.card_number, told(case)) == (case.member.card_number, [])


def test_a_member_who_corrects_the_card_is_told_too_and_needs_no_evidence() -> None:
    case = failed(make.submitted())
    assert send(Caller(case.member), case, "card/", card_number=OTHER_CARD).status_code == 200
    assert len(told(case)) == 1


def test_the_same_card_once_more_is_no_news() -> None:
    case = failed(make.submitted())
    assert send(Caller(case.member), case, "card/", card_number=case.member.card_number).status_code == 200
    assert told(case) == []


def test_staff_change_a_returned_case_on_evidence_only() -> None:
    clerk, case = station()
    returned(case)
    bare = send(at_api(clerk), case, "", card_number=OTHER_CARD)
    assert (bare.status_code, fields(bare)) == (422, ["consent.evidence"])
    consent = {"version": "2024-01", "evidence": "通话录音 000777"}
    answer = send(at_api(clerk), case, "", card_number=OTHER_CARD, consent=consent)
    assert (answer.status_code, len(told(case))) == (200, 1)


def test_staff_send_a_returned_case_again_on_evidence_only() -> None:
    clerk, case = station()
    returned(case)
    bare = send(at_api(clerk), case, "resubmit/")
    assert (bare.status_code, fields(bare)) == (400, ["consent"])
    answer = send(at_api(clerk), case, "resubmit/", **EVIDENCE)
    case.refresh_from_db()
    assert (answer.json()["status"], case.consent_evidence) == ("submitted", "通话录音 000777")
    assert AuditRow.objects.get(action="application.change_for").data == {"evidence": "通话录音 000777"}


def test_a_member_who_changes_the_card_of_a_returned_case_is_told() -> None:
    case = returned(make.submitted())
    assert send(Caller(case.member), case, "", card_number=OTHER_CARD).status_code == 200
    assert len(told(case)) == 1


def test_a_draft_changes_its_card_in_silence() -> None:
    case = make.draft()
    assert send(Caller(case.member), case, "", card_number=OTHER_CARD).status_code == 200
    assert told(case) == []
