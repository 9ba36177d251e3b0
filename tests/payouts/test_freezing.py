"""Freezing, approving and cancelling a batch."""

from __future__ import annotations

import pytest

from applications.models import Application, Event
from applications.services.cards import correct_card
from payouts import envelope
from payouts.models import PayoutBatch, PayoutSnapshot
from payouts.services import approve_batch, cancel_batch, freeze
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor
from subsidy.audit.models import AuditRow
from subsidy.crypto import open_data_key, unseal
from subsidy.errors import Conflict, Forbidden, Malformed, RuleRefused
from tests import make
from tests.payouts.money import Desk, as_owner_without_triggers, run
from tests.racing import race


def spoil_card(application: Application, number: str = "12345") -> None:
    """Put a card on an application that no card system takes, as an old import might have left it."""
    application.card_number = number
    application.save(update_fields=["card_number"])


@pytest.mark.req("D2")
def test_freezing_fixes_count_sum_and_card_hash(desk: Desk) -> None:
    batch = desk.frozen(2)
    cards = [int(row.application.card_number or "") for row in batch.lines.select_related("application")]
    assert (batch.status, batch.line_count, batch.total) == ("frozen", 2, 2000)
    assert batch.card_hash_total == str(sum(cards) % 10**12).zfill(12)


@pytest.mark.req("D2", "A2")
def test_the_snapshot_opens_only_with_the_batch_key_and_in_its_place(desk: Desk) -> None:
    batch = desk.frozen(1)
    line = batch.lines.select_related("application").get()
    key = open_data_key(batch.key.wrapped)
    sealed = PayoutSnapshot.objects.get(line=line)
    name = unseal(key, sealed.name, envelope.of_name(line.line_ref)).decode()
    card = unseal(key, sealed.card_number, envelope.of_card(line.line_ref)).decode()
    assert (name, card) == (line.application.name, line.application.card_number)
    assert sealed.card_tail == card[-4:]


@pytest.mark.req("D2")
def test_a_rare_character_survives_into_the_snapshot(desk: Desk) -> None:
    desk.approved(1, name="刘𬎆")
    with clock.at(make.DAY):
        frozen = freeze(desk.build(), maker=desk.maker)
    assert frozen.set_aside == ()


def test_a_line_with_a_bad_card_is_set_aside_and_its_member_asked(desk: Desk) -> None:
    good, bad = desk.approved(2)
    spoil_card(bad)
    with clock.at(make.DAY):
        frozen = freeze(desk.build(), maker=desk.maker)
    bad.refresh_from_db()
    assert [line.application_id for line in frozen.set_aside] == [bad.pk]
    assert (frozen.batch.line_count, frozen.batch.lines.get(application=bad).status) == (1, "cancelled")
    assert bad.payment == "none"
    assert bad.card_wanted_since is not None
    assert "更正" in Event.objects.filter(application=bad).latest("version").note
    assert frozen.batch.lines.get(application=good).status == "open"


@pytest.mark.req("D4")
def test_somebody_set_aside_corrects_the_card_and_joins_the_next_batch(desk: Desk) -> None:
    _, bad = desk.approved(2)
    spoil_card(bad)
    with clock.at(make.DAY):
        freeze(desk.build(), maker=desk.maker)
        bad.refresh_from_db()
        member = member_actor(bad.member)
        correct_card(bad, actor=member, version=bad.version, card_number=make.card_number(778))
    assert desk.build().lines.get().application == bad


def test_a_batch_that_nobody_can_be_paid_from_is_not_frozen(desk: Desk) -> None:
    (bad,) = desk.approved()
    spoil_card(bad)
    batch = desk.build()
    with pytest.raises(RuleRefused, match="没有一条能发放"):
        freeze(batch, maker=desk.maker)
    batch.refresh_from_db()
    assert (batch.status, PayoutSnapshot.objects.count()) == ("open", 0)


def test_only_a_finance_maker_may_freeze(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        freeze(desk.built(1), maker=desk.checker)


def test_a_batch_is_frozen_once(desk: Desk) -> None:
    batch = desk.frozen(1)
    with pytest.raises(Conflict, match="已冻结"):
        freeze(batch, maker=desk.maker)
    assert PayoutSnapshot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_freezers_at_once_freeze_it_once() -> None:
    desk = Desk.set_up()
    batch = desk.built(2)
    results = race(lambda _: freeze(batch, maker=desk.maker), times=4)
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert PayoutSnapshot.objects.count() == 2


@pytest.mark.req("D2")
def test_a_second_person_approves(desk: Desk) -> None:
    batch = desk.ready(1)
    assert (batch.status, batch.approved_by) == ("approved", desk.checker)


@pytest.mark.req("D2")
def test_the_maker_cannot_approve_even_as_a_checker_later(desk: Desk) -> None:
    batch = desk.frozen(1)
    role = desk.checker.groups.get(name=Role.FINANCE_CHECKER.value)
    desk.maker.groups.set([role])
    changed = type(desk.maker).objects.get(pk=desk.maker.pk)
    with pytest.raises(Forbidden, match="由另一人复核"):
        approve_batch(batch, checker=changed)


@pytest.mark.req("D2")
def test_whoever_froze_it_cannot_approve_after_a_change_of_role(desk: Desk) -> None:
    batch, freezer = desk.built(1), make.staff(Role.FINANCE_MAKER)
    with clock.at(make.DAY):
        assert freeze(batch, maker=freezer).batch.frozen_by == freezer
    freezer.groups.set([desk.checker.groups.get(name=Role.FINANCE_CHECKER.value)])
    with pytest.raises(Forbidden, match="由另一人复核"):
        approve_batch(batch, checker=type(freezer).objects.get(pk=freezer.pk))


def test_a_maker_without_the_checkers_role_cannot_approve(desk: Desk) -> None:
    with pytest.raises(Forbidden, match="财务复核"):
        approve_batch(desk.frozen(1), checker=make.staff(Role.FINANCE_MAKER))


def test_a_batch_is_approved_once(desk: Desk) -> None:
    batch = desk.ready(1)
    with pytest.raises(Conflict):
        approve_batch(batch, checker=desk.checker)


def test_an_open_batch_cannot_be_approved(desk: Desk) -> None:
    with pytest.raises(Conflict, match="不能批准"):
        approve_batch(desk.built(1), checker=desk.checker)


def test_a_batch_whose_line_was_altered_since_freezing_is_not_approved(desk: Desk) -> None:
    batch = desk.frozen(1)
    with as_owner_without_triggers():
        run("UPDATE payouts_payoutline SET amount = 2000 WHERE batch_id = %s", [batch.pk])
    with pytest.raises(Conflict, match="不一致"):
        approve_batch(batch, checker=desk.checker)


@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_approve_it_once() -> None:
    desk = Desk.set_up()
    batch = desk.frozen(1)
    results = race(lambda _: approve_batch(batch, checker=desk.checker), times=2)
    assert sum(isinstance(result, PayoutBatch) for result in results) == 1
    assert AuditRow.objects.filter(action="payout.approve").count() == 1


@pytest.mark.parametrize("state", ["built", "frozen", "ready"])
def test_a_cancelled_batch_frees_its_people_for_the_next(desk: Desk, state: str) -> None:
    batch: PayoutBatch = getattr(desk, state)(2)
    with clock.at(make.DAY):
        cancelled = cancel_batch(batch, by=desk.checker, note="账户换行")
    assert (cancelled.status, cancelled.cancelled_by, cancelled.note) == (
        "cancelled",
        desk.checker,
        "账户换行",
    )
    assert set(batch.lines.values_list("status", flat=True)) == {"cancelled"}
    assert set(Application.objects.values_list("payment", flat=True)) == {"none"}
    assert desk.build().line_count == 2


def test_cancelling_needs_a_note(desk: Desk) -> None:
    with pytest.raises(Malformed, match="原因"):
        cancel_batch(desk.built(1), by=desk.maker, note=" ")


def test_an_exported_batch_cannot_be_cancelled(desk: Desk) -> None:
    with pytest.raises(Conflict, match="不能取消"):
        cancel_batch(desk.sent(1), by=desk.maker, note="写错了")


def test_a_reviewer_cannot_cancel(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        cancel_batch(desk.built(1), by=desk.reviewer, note="写错了")


def test_a_batch_is_cancelled_once(desk: Desk) -> None:
    batch = desk.built(1)
    cancel_batch(batch, by=desk.maker, note="写错了")
    with pytest.raises(Conflict):
        cancel_batch(batch, by=desk.maker, note="写错了")
