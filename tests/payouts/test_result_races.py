"""The same result file, or two about one line, at once from many hands: the books move once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payouts.books import verify
from payouts.models import ResultFile, ResultLine
from payouts.services import apply_result, discard_result
from payouts.services.matching import Preview
from subsidy.errors import Conflict
from subsidy.notices.models import Notice
from tests import make
from tests.payouts.money import Desk, answer
from tests.racing import race

pytestmark = [pytest.mark.req("D3", "D4"), pytest.mark.django_db(transaction=True)]


def test_the_same_file_staged_by_many_at_once_is_kept_once() -> None:
    desk = Desk.set_up()
    content = answer(desk.sent(1)).bytes()
    results = race(lambda _: desk.stage(content), times=6)
    assert sum(isinstance(result, ResultFile) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5


def test_a_file_applied_by_many_at_once_is_applied_once() -> None:
    desk = Desk.set_up()
    staged = desk.stage(answer(desk.sent(2)).bytes())
    results = race(lambda _: apply_result(staged, applier=desk.checker), times=4)
    assert sum(isinstance(result, Preview) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert (ResultLine.objects.count(), Notice.objects.filter(template="paid").count()) == (2, 2)
    assert verify(make.DAY).is_right


def test_applying_and_sending_back_at_once_leave_one_winner() -> None:
    desk = Desk.set_up()
    staged = desk.stage(answer(desk.sent(1)).bytes())
    works: list[Callable[[], object]] = [
        lambda: apply_result(staged, applier=desk.checker),
        lambda: discard_result(staged, by=desk.maker, note="发错了"),
    ]
    results = race(lambda number: works[number](), times=2)
    assert [type(result) for result in results].count(Conflict) == 1
    staged.refresh_from_db()
    assert (staged.status, ResultLine.objects.count()) in [("applied", 1), ("discarded", 0)]
    assert verify(make.DAY).is_right


def test_two_files_about_the_same_line_applied_at_once_settle_it_once() -> None:
    desk = Desk.set_up()
    batch = desk.sent(1)
    files = [desk.stage(answer(batch, code, serial=code).bytes()) for code in ("PAID", "CLOSED")]
    race(lambda number: apply_result(files[number], applier=desk.checker), times=2)
    rows = ResultLine.objects.order_by("id").values_list("is_settling", "outcome")
    assert list(rows) == [(True, "matched"), (False, "contradicts")]
    assert verify(make.DAY).is_right
