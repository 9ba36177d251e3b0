"""Gathering approved applications in a batch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications.models import Event
from applications.services.cards import correct_card
from payouts.books import verify
from payouts.models import PayoutBatch, PayoutLine
from payouts.services import build_batch
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, RuleRefused
from tests import make
from tests.payouts.money import Desk, answer
from tests.racing import race


@pytest.mark.req("D1")
def test_approved_applications_join_a_batch_with_their_amount(desk: Desk) -> None:
    first, second = desk.approved(2)
    batch = desk.build()
    assert (batch.number, batch.line_count, batch.total) == ("ZT2024-B0001", 2, 2000)
    assert list(batch.lines.values_list("application_id", "amount", "status")) == [
        (first.pk, 1000, "open"),
        (second.pk, 1000, "open"),
    ]


@pytest.mark.req("D1", "D5")
def test_each_member_reads_in_the_history_that_the_money_is_on_its_way(desk: Desk) -> None:
    (application,) = desk.approved()
    desk.build()
    event = Event.objects.filter(application=application).latest("version")
    assert (event.action, event.from_payment, event.to_payment) == ("in_payment", "none", "in_payment")
    assert event.actor_id == desk.maker.pk


@pytest.mark.req("A3")
def test_building_leaves_one_audit_row_with_the_digest_of_its_ids(desk: Desk) -> None:
    batch = desk.built(3)
    row = AuditRow.objects.get(action="payout.build")
    assert (row.target, row.data["count"], len(row.data["ids"])) == (f"payout-batch:{batch.pk}", 3, 64)


def test_line_references_carry_the_batch_and_a_check_character(desk: Desk) -> None:
    batch = desk.built(1)
    assert batch.lines.get().line_ref == "ZT2024-B0001-000001-X"


def test_a_second_batch_gets_the_next_number(desk: Desk) -> None:
    desk.built(1)
    assert desk.built(1).number == "ZT2024-B0002"


def test_only_a_finance_maker_may_build(desk: Desk) -> None:
    desk.approved()
    with pytest.raises(Forbidden, match="财务制单"):
        build_batch(scheme=desk.scheme, maker=desk.checker)


def test_building_again_finds_nothing_and_makes_no_empty_batch(desk: Desk) -> None:
    desk.built(2)
    with pytest.raises(RuleRefused, match="没有可以发放的申报"):
        desk.build()
    assert PayoutBatch.objects.count() == 1


def test_an_application_in_review_is_not_payable(desk: Desk) -> None:
    make.submitted()
    with pytest.raises(RuleRefused):
        desk.build()


@pytest.mark.req("P1")
def test_an_application_in_its_public_notice_waits(desk: Desk) -> None:
    desk.approved()
    with clock.at(make.DAY - timedelta(seconds=1)), pytest.raises(RuleRefused):
        build_batch(scheme=desk.scheme, maker=desk.maker)


@pytest.mark.req("D4")
def test_a_failed_line_waits_for_the_card_and_then_joins_a_later_batch(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, "CLOSED").bytes())
    with pytest.raises(RuleRefused):
        desk.build()
    application = batch.lines.get().application
    actor = member_actor(application.member)
    with clock.at(make.DAY):
        correct_card(application, actor=actor, version=application.version, card_number=make.card_number(777))
    assert desk.build().lines.get().application == application


@pytest.mark.req("D4")
def test_a_failure_that_finance_puts_right_needs_no_new_card(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, "LIMIT").bytes())
    assert desk.build().lines.get().application == batch.lines.get().application


@pytest.mark.req("D4")
def test_an_unknown_line_never_joins_another_batch(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, "PROCESSING").bytes())
    with pytest.raises(RuleRefused):
        desk.build()


@pytest.mark.req("D4")
@pytest.mark.django_db(transaction=True)
def test_eight_builders_at_once_put_nobody_into_two_batches() -> None:
    desk = Desk.set_up()
    people = desk.approved(6)
    results = race(lambda _: desk.build(), times=8)
    refused = [result for result in results if not isinstance(result, PayoutBatch)]
    assert all(isinstance(result, RuleRefused | Conflict) for result in refused), refused
    assert sorted(PayoutLine.objects.values_list("application_id", flat=True)) == [row.pk for row in people]
    assert PayoutBatch.objects.count() == 8 - len(refused)
    assert verify(make.DAY).is_right
