"""An approved application that must not be paid now joins no batch, and leaves the one it is in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from applications.models import Application, Event, Objection
from payouts.books import verify
from payouts.formats.text import is_writable
from payouts.models import PayoutBatch, ResultLine
from payouts.services import approve_batch, freeze, holds, waiting
from subsidy import clock
from subsidy.errors import Conflict, RuleRefused
from tests import make
from tests.payouts.money import Desk, answer, as_owner_without_triggers, run

pytestmark = [pytest.mark.req("D4"), pytest.mark.django_db]
Spoil = Callable[[Application], None]


def object_to(application: Application) -> None:
    Objection.objects.create(application=application, text="不是我申请的", raised_at=make.DAY)


def raise_amount(application: Application) -> None:
    with as_owner_without_triggers():
        run("UPDATE applications_application SET amount = 2000 WHERE id = %s", [application.pk])


def spoil_name(application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(name="王|五")


SPOILT: list[tuple[str, Spoil]] = [
    ("objected", object_to),
    ("amount", raise_amount),
    ("name", spoil_name),
]
CASES = pytest.mark.parametrize(("code", "spoil"), SPOILT, ids=[code for code, _ in SPOILT])


def said_paid_after_failed(desk: Desk) -> Application:
    """Return an application whose failed line a later file calls paid."""
    batch = desk.sent(1)
    desk.apply(answer(batch, "LIMIT").bytes())
    desk.apply(answer(batch, serial="2").bytes())
    assert ResultLine.objects.latest("id").outcome == "contradicts"
    return Application.objects.get(lines__batch=batch)


def freeze_it(desk: Desk, batch: PayoutBatch) -> list[tuple[int, str]]:
    with clock.at(make.DAY):
        frozen = freeze(batch, maker=desk.maker)
    return [(line.application_id, line.note) for line in frozen.set_aside]


def test_what_the_bank_calls_paid_after_we_recorded_failed_is_not_paid_again(desk: Desk) -> None:
    held = said_paid_after_failed(desk)
    with pytest.raises(RuleRefused, match="没有可以发放"), clock.at(make.DAY):
        desk.build()
    assert [(row.id, row.ground.code) for row in holds.held(9)] == [(held.pk, "contradicted")]


def test_a_contradiction_that_comes_after_building_sets_the_line_aside(desk: Desk) -> None:
    first = desk.sent(1)
    desk.apply(answer(first, "LIMIT").bytes())
    desk.approved(1)
    second = desk.build()
    desk.apply(answer(first, serial="2").bytes())
    held = first.lines.get().application
    assert freeze_it(desk, second) == [(held.pk, holds.CONTRADICTED.note)]
    assert "核实" in Event.objects.filter(application=held).latest("version").note
    assert verify(make.DAY).is_right


def test_a_contradiction_that_comes_after_freezing_stops_the_approval(desk: Desk) -> None:
    first = desk.sent(1)
    desk.apply(answer(first, "LIMIT").bytes())
    with clock.at(make.DAY):
        second = freeze(desk.build(), maker=desk.maker).batch
    desk.apply(answer(first, serial="2").bytes())
    with pytest.raises(Conflict, match=second.lines.get().line_ref):
        approve_batch(second, checker=desk.checker)
    second.refresh_from_db()
    assert second.status == "frozen"


@CASES
def test_somebody_on_hold_joins_no_batch_and_is_listed(desk: Desk, code: str, spoil: Spoil) -> None:
    held, free = desk.approved(2)
    spoil(held)
    with clock.at(make.DAY):
        assert waiting(desk.scheme).people == 1
    assert desk.build().lines.get().application == free
    assert [(row.id, row.ground.code) for row in holds.held(9)] == [(held.pk, code)]
    assert holds.count() == 1


@CASES
def test_somebody_put_on_hold_after_building_is_set_aside_once(desk: Desk, code: str, spoil: Spoil) -> None:
    held, _ = desk.approved(2)
    batch = desk.build()
    spoil(held)
    assert freeze_it(desk, batch) == [(held.pk, holds.BY_CODE[code].note)]
    held.refresh_from_db()
    assert (held.payment, held.card_wanted_since) == ("none", None)
    with pytest.raises(RuleRefused, match="没有可以发放"):
        desk.build()


def test_an_objection_after_freezing_stops_the_approval_and_its_settlement_frees(desk: Desk) -> None:
    batch = desk.frozen(1)
    object_to(batch.lines.get().application)
    with pytest.raises(Conflict, match="异议"):
        approve_batch(batch, checker=desk.checker)
    Objection.objects.update(settled_at=make.DAY)
    with clock.at(make.DAY):
        assert approve_batch(batch, checker=desk.checker).status == "approved"


def test_a_line_with_another_amount_than_was_decided_is_set_aside(desk: Desk) -> None:
    wrong, _ = desk.approved(2)
    batch = desk.build()
    with as_owner_without_triggers():
        run("UPDATE payouts_payoutline SET amount = 1800 WHERE application_id = %s", [wrong.pk])
    assert freeze_it(desk, batch) == [(wrong.pk, holds.BY_CODE["amount"].note)]


def test_a_card_that_is_not_the_one_reviewed_is_set_aside_and_asked_for(desk: Desk) -> None:
    swapped, _ = desk.approved(2)
    batch = desk.build()
    swapped.card_number = make.card_number(4321)
    swapped.save(update_fields=["card_number"])
    ((pk, note),) = freeze_it(desk, batch)
    swapped.refresh_from_db()
    assert (pk, "重新确认" in note) == (swapped.pk, True)
    assert swapped.card_wanted_since is not None


@pytest.mark.parametrize(
    "mark", ["|", "\n", "\x7f", "\x85", "\u2028", "\u2029", "·", "𬎆", " ", "U", "\ue000"]
)
def test_a_name_is_held_just_when_no_file_can_carry_it(desk: Desk, mark: str) -> None:
    (held,) = desk.approved(1)
    Application.objects.filter(pk=held.pk).update(name=f"王{mark}五")
    assert holds.count() == (0 if is_writable(f"王{mark}五") else 1)
