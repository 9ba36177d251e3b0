"""After the approval nobody changes what was approved, past the services either (DESIGN list 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from applications.models import Application, Certificate
from applications.services.cards import correct_card
from review.services import approve, revoke, take
from subsidy.accounts.services import member_actor
from subsidy.crypto import blind_index
from tests import make
from tests.payouts.money import Desk, answer, run
from tests.refusals import now_or_never, refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("D1", "V3")]
APPLICATION, CERTIFICATE = "applications_application", "applications_certificate"
FIXED, EVENT = "applications_application_fixed", "application_another_card_has_event"
STANDS = "certificate_of_an_approved_case_stands"


def approved() -> Application:
    case, reviewer = make.submitted(), make.staff("reviewer")
    take(case, reviewer=reviewer)
    approve(case, reviewer=reviewer, version=case.version)
    case.refresh_from_db()
    return case


def revoked() -> Application:
    case = approved()
    revoke(case, reviewer=make.staff("review_lead"), version=case.version, note="证书不实")
    case.refresh_from_db()
    return case


def change(case: Application, **values: Any) -> None:
    Application.objects.filter(pk=case.pk).update(**values)
    now_or_never()


@pytest.mark.parametrize("state", [approved, revoked])
@pytest.mark.parametrize(
    "values",
    [
        {"amount": 2000},
        {"ground": "competition"},
        {"channel": "hotline"},
        {"first_filed_at": make.DAY - timedelta(days=9)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_amount_ground_door_and_filing_instant_of_an_approved_case_stand(
    state: Callable[[], Application], values: dict[str, Any]
) -> None:
    case = state()
    assert refusal_of(lambda: change(case, **values)) == FIXED


def test_the_amount_of_an_approved_case_stands_by_this_rule_alone() -> None:
    case = approved()
    assert refusal_of(lambda: change(case, amount=2000), dropping=(FIXED, APPLICATION)) == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [("level", "1"), ("issued_on", "2023-05-05"), ("certificate_number", "X"), ("trade", "焊工")],
)
def test_the_certificate_of_an_approved_case_stands(column: str, value: str) -> None:
    case = approved()

    def wrong() -> None:
        Certificate.objects.filter(pk=case.certificate_id).update(**{column: value})
        now_or_never()

    assert refusal_of(wrong) == STANDS
    assert refusal_of(wrong, dropping=(STANDS, CERTIFICATE)) == ""


def test_the_certificate_of_a_case_under_review_may_be_corrected() -> None:
    case = make.submitted()
    Certificate.objects.filter(pk=case.certificate_id).update(trade="焊工")
    assert Certificate.objects.get(pk=case.certificate_id).trade == "焊工"


@pytest.mark.parametrize("state", [make.submitted, approved])
@pytest.mark.parametrize("bump", [0, 1])
def test_another_card_without_its_event_is_refused(state: Callable[[], Application], bump: int) -> None:
    case = state()

    def wrong() -> None:
        run("SET CONSTRAINTS ALL DEFERRED")
        other = make.card_number(4343)
        change(case, card_index=blind_index("card", other), version=case.version + bump)

    assert refusal_of(wrong) == EVENT
    assert refusal_of(wrong, dropping=(EVENT, APPLICATION)) == ""


def test_a_card_corrected_by_its_member_passes() -> None:
    desk = Desk.set_up()
    batch = desk.sent(1)
    desk.apply(answer(batch, "CLOSED").bytes())
    case = batch.lines.get().application
    actor, number = member_actor(case.member), make.card_number(4242)
    correct_card(case, actor=actor, version=case.version, card_number=number)
    now_or_never()
    assert Application.objects.get(pk=case.pk).card_tail == number[-4:]
