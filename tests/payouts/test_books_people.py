"""The books name a card that is not the reviewed one, and one person who did the work of two."""

from __future__ import annotations

import pytest

from payouts.books import verify
from payouts.models import ResultFile
from tests import make
from tests.payouts.money import Desk, answer, as_owner_without_triggers, run

pytestmark = pytest.mark.req("D5")


def named() -> dict[str, list[tuple[str, int]]]:
    """Return what each failed check names."""
    found = verify(make.DAY).findings
    return {finding.check: [(row.kind, row.id) for row in finding.rows] for finding in found}


@pytest.mark.parametrize(
    "swap", ["card_number = o.card_number", "card_number = 'k$AAAA'", "card_number = NULL"]
)
def test_a_waiting_case_with_another_card_than_was_reviewed_is_named(desk: Desk, swap: str) -> None:
    one, other = desk.approved(2)
    with as_owner_without_triggers():
        sql = f"UPDATE applications_application a SET {swap} FROM applications_application o"
        run(f"{sql} WHERE a.id = %s AND o.id = %s", [one.pk, other.pk])
    assert named() == {"card-digest": [("application", one.pk)]}


def test_the_card_of_somebody_paid_may_change_later(desk: Desk) -> None:
    desk.apply(answer(desk.sent(1)).bytes())
    with as_owner_without_triggers():
        run("UPDATE applications_application SET card_index = %s", ["0" * 64])
    assert named() == {}


@pytest.mark.parametrize("column", ["built_by_id", "frozen_by_id"])
def test_a_batch_approved_by_its_maker_or_freezer_is_named(desk: Desk, column: str) -> None:
    batch = desk.ready(1)
    with as_owner_without_triggers():
        for name in ("maker", "freezer"):
            run(f"ALTER TABLE payouts_payoutbatch DROP CONSTRAINT payoutbatch_{name}_is_not_approver")
        run(f"UPDATE payouts_payoutbatch SET {column} = approved_by_id WHERE id = %s", [batch.pk])
    assert named() == {"batch-people": [("batch", batch.pk)]}


def test_a_result_file_applied_by_its_importer_is_named(desk: Desk) -> None:
    desk.apply(answer(desk.sent(1)).bytes())
    with as_owner_without_triggers():
        run("ALTER TABLE payouts_resultfile DROP CONSTRAINT resultfile_importer_is_not_applier")
        run("UPDATE payouts_resultfile SET imported_by_id = applied_by_id")
    assert named() == {"result-people": [("result", ResultFile.objects.get().pk)]}
