"""Taking cases: one reviewer at a time, for thirty minutes of real time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from applications.models import Application
from review.models import Assignment
from review.services import LEASE, approve, release, take, take_next
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden
from tests import make
from tests.review.cases import assisted

pytestmark = [pytest.mark.django_db, pytest.mark.req("V1")]


def expire(application: Application) -> None:
    """Let the lease have run out a minute ago."""
    past = clock.real_now() - timedelta(minutes=1)
    Assignment.objects.filter(application=application).update(taken_at=past - LEASE, expires_at=past)


def test_a_case_is_taken_for_thirty_minutes_of_real_time() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with clock.at(make.DAY):
        assignment = take(case, reviewer=reviewer)
    assert assignment.expires_at - assignment.taken_at == timedelta(minutes=30)
    assert abs(assignment.taken_at - clock.real_now()) < timedelta(minutes=1)
    assert AuditRow.objects.get(action="review.take").target == f"application:{case.pk}"


def test_taking_again_renews_the_lease() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    first = take(case, reviewer=reviewer).expires_at
    assert take(case, reviewer=reviewer).expires_at > first
    assert Assignment.objects.count() == 1


def test_a_case_that_a_colleague_holds_is_not_given() -> None:
    first, second, case = make.staff("reviewer"), make.staff("reviewer"), make.submitted()
    take(case, reviewer=first)
    with pytest.raises(Conflict) as refusal:
        take(case, reviewer=second)
    assert refusal.value.code == "TAKEN"
    assert "正在办理" in refusal.value.message


def test_an_expired_lease_counts_for_nothing() -> None:
    first, second, case = make.staff("reviewer"), make.staff("reviewer"), make.submitted()
    take(case, reviewer=first)
    expire(case)
    assert take(case, reviewer=second).reviewer == second


def test_only_cases_that_wait_for_review_are_taken() -> None:
    reviewer, case = make.staff("reviewer"), make.draft()
    with pytest.raises(Conflict) as refusal:
        take(case, reviewer=reviewer)
    assert refusal.value.code == "WRONG_STATUS"


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.REVIEWER, Role.REVIEW_LEAD)])
@pytest.mark.req("A1")
def test_nobody_but_a_reviewer_takes_a_case(role: Role) -> None:
    case, user = make.submitted(), make.staff(role)
    for attempt in (lambda: take(case, reviewer=user), lambda: take_next(reviewer=user)):
        with pytest.raises(Forbidden):
            attempt()
    assert not Assignment.objects.exists()


def test_the_operator_who_filed_does_not_take_the_case() -> None:
    lead = make.staff("review_lead")
    case = assisted(lead, 901)
    with pytest.raises(Forbidden) as refusal:
        take(case, reviewer=lead)
    assert refusal.value.code == "OWN_FILING"
    assert take_next(reviewer=lead) is None


def test_a_released_case_is_free_at_once() -> None:
    first, second, case = make.staff("reviewer"), make.staff("reviewer"), make.submitted()
    take(case, reviewer=first)
    assert release(case, reviewer=first)
    assert take(case, reviewer=second).reviewer == second


def test_releasing_twice_changes_nothing() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    take(case, reviewer=reviewer)
    release(case, reviewer=reviewer)
    assert not release(case, reviewer=reviewer)
    assert AuditRow.objects.filter(action="review.release").count() == 1


def test_a_colleague_does_not_release_anothers_case_but_a_lead_does() -> None:
    first, second, lead = make.staff("reviewer"), make.staff("reviewer"), make.staff("review_lead")
    case = make.submitted()
    take(case, reviewer=first)
    with pytest.raises(Forbidden):
        release(case, reviewer=second)
    assert release(case, reviewer=lead)


def test_the_next_case_is_the_one_due_first() -> None:
    late = make.submitted(at=make.DAY - timedelta(days=1))
    early = make.submitted(at=make.DAY - timedelta(days=9))
    middle = make.submitted(at=make.DAY - timedelta(days=5))
    given = [take_next(reviewer=make.staff("reviewer")) for _ in range(3)]
    assert given == [early, middle, late]


def test_the_next_case_with_an_empty_queue_is_none() -> None:
    assert take_next(reviewer=make.staff("reviewer")) is None


def test_with_nothing_free_one_gets_back_ones_own_case() -> None:
    first, second, case = make.staff("reviewer"), make.staff("reviewer"), make.submitted()
    take_next(reviewer=first)
    assert take_next(reviewer=first) == case
    assert take_next(reviewer=second) is None


def test_a_decided_case_is_free_of_its_lease() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    take(case, reviewer=reviewer)
    approve(case, reviewer=reviewer, version=case.version)
    assert not Assignment.objects.get(application=case).is_held(clock.real_now())


@pytest.mark.django_db(transaction=True)
def test_reviewers_who_ask_at_once_get_different_cases(thread_race: Callable[..., list[object]]) -> None:
    cases = {make.submitted().pk for _ in range(6)}
    reviewers = [make.staff("reviewer") for _ in range(6)]
    given = thread_race(lambda i: getattr(take_next(reviewer=reviewers[i]), "pk", None), times=6)
    assert set(given) == cases


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_who_take_one_case_at_once_do_not_both_get_it(
    thread_race: Callable[..., list[object]],
) -> None:
    case = make.submitted()
    reviewers = [make.staff("reviewer") for _ in range(4)]
    results = thread_race(lambda i: take(case, reviewer=reviewers[i]), times=4)
    assert [type(result) for result in results].count(Assignment) == 1
    assert [type(result) for result in results].count(Conflict) == 3
