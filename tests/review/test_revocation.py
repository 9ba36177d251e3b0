"""Revoking an approval: by a lead, with a note, while no money is on its way."""

from __future__ import annotations

import pytest
from django.db import transaction

from applications.models import Application
from applications.services.transitions import Step, lock, record_payment
from review.models import Decision
from review.services import approve, revoke
from subsidy.accounts.models import StaffUser
from subsidy.audit.actors import SYSTEM
from subsidy.errors import Conflict, Forbidden, RuleRefused
from subsidy.notices.models import Notice
from subsidy.rules.workflow import PaymentStatus
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.req("V3")]


def approved(case: Application, reviewer: StaffUser) -> Decision:
    return approve(case, reviewer=reviewer, version=case.version)


def pay(case: Application, *states: PaymentStatus) -> Application:
    with transaction.atomic():
        locked = lock(case)
        for state in states:
            record_payment(locked, state, Step("payment", SYSTEM))
    return locked


def test_a_lead_revokes_an_approval_that_is_not_being_paid() -> None:
    lead, case = make.staff("review_lead"), make.submitted()
    approved(case, make.staff("reviewer"))
    case.refresh_from_db()
    decision = revoke(case, reviewer=lead, version=case.version, note="发现证书不实")
    case.refresh_from_db()
    assert (case.status, decision.outcome, decision.note) == ("revoked", "revoke", "发现证书不实")
    told = Notice.objects.get(template="revoked", member_id=case.member_id)
    assert case.number in told.body


@pytest.mark.parametrize(
    "states", [[PaymentStatus.IN_PAYMENT], [PaymentStatus.IN_PAYMENT, PaymentStatus.PAID]]
)
def test_an_approval_whose_money_is_on_its_way_is_not_revoked(states: list[PaymentStatus]) -> None:
    lead, case = make.staff("review_lead"), make.submitted()
    approved(case, make.staff("reviewer"))
    case = pay(case, *states)
    with pytest.raises(Conflict) as refusal:
        revoke(case, reviewer=lead, version=case.version, note="发现证书不实")
    assert refusal.value.code == "WRONG_PAYMENT"


def test_a_revocation_needs_a_lead_and_a_note_and_happens_once() -> None:
    reviewer, lead, case = make.staff("reviewer"), make.staff("review_lead"), make.submitted()
    approved(case, reviewer)
    case.refresh_from_db()
    with pytest.raises(Forbidden):
        revoke(case, reviewer=reviewer, version=case.version, note="理由")
    with pytest.raises(RuleRefused):
        revoke(case, reviewer=lead, version=case.version, note=" ")
    revoke(case, reviewer=lead, version=case.version, note="理由")
    case.refresh_from_db()
    with pytest.raises(Conflict):
        revoke(case, reviewer=lead, version=case.version, note="理由")
    assert Decision.objects.filter(outcome="revoke").count() == 1
