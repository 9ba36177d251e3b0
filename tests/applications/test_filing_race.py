"""Many threads file for the same people at once: one live application each (E7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from applications.models import Application
from applications.services.filing import submit
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.errors import SubsidyError
from tests import make

PEOPLE, THREADS = 50, 32


@pytest.mark.req("E7")
@pytest.mark.django_db(transaction=True)
def test_thirty_two_threads_file_for_fifty_people_and_one_each_is_live(
    thread_race: Callable[..., list[object]],
) -> None:
    people = [make.member() for _ in range(PEOPLE)]
    plan = make.scheme()
    drafts = {n: [make.draft(person, scheme=plan) for person in people] for n in range(THREADS)}

    def work(number: int) -> list[str]:
        said = []
        for draft in drafts[number]:
            try:
                with clock.at(make.DAY):
                    submit(draft, actor=member_actor(draft.member), version=draft.version)
                said.append("filed")
            except SubsidyError as error:
                said.append(error.code)
        return said

    results = thread_race(work, times=THREADS)
    said = [word for result in results if isinstance(result, list) for word in result]
    assert len(said) == PEOPLE * THREADS, [r for r in results if not isinstance(r, list)][:3]
    assert set(said) == {"filed", "ALREADY_APPLIED"}
    assert said.count("filed") == PEOPLE
    assert Application.objects.live().count() == PEOPLE
