"""The seeded year: every state is there, every role finds work, the books are right."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from applications.models import Application, Event
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from review.services import take_next
from subsidy import clock
from subsidy.accounts.models import Office, StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.demo.offices import LOGINS, PASSWORD
from subsidy.demo.people import RARE_NAMES
from subsidy.demo.seed import Calendar, is_seeded
from subsidy.demo.stories import cast
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus, BatchStatus, LineStatus, PaymentStatus
from subsidy.schemes.models import Scheme
from tests.demo.conftest import START, Year

pytestmark = [pytest.mark.django_db]


def states(year: Year, story: str) -> set[tuple[str, str]]:
    return set(Application.objects.filter(pk__in=year.of(story)).values_list("status", "payment"))


def test_every_state_of_application_and_payment_is_there(year: Year) -> None:
    found = set(Application.objects.values_list("status", flat=True)) | set(
        Application.objects.values_list("payment", flat=True)
    )
    assert found == {*ApplicationStatus, *PaymentStatus}


def test_every_state_of_line_is_there(year: Year) -> None:
    assert set(PayoutLine.objects.values_list("status", flat=True)) == {*LineStatus}


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ("paid", ("approved", "paid")),
        ("failed", ("approved", "failed")),
        ("corrected", ("approved", "failed")),
        ("corrected_sent", ("approved", "in_payment")),
        ("corrected_paid", ("approved", "paid")),
        ("retried", ("approved", "paid")),
        ("unknown", ("approved", "in_payment")),
        ("bounced", ("approved", "bounced")),
        ("recovered", ("revoked", "recovered")),
        ("resent", ("approved", "paid")),
        ("revoked", ("revoked", "none")),
        ("filed_again", ("submitted", "none")),
        ("paper_paid", ("approved", "paid")),
        ("awaiting", ("awaiting_confirmation", "none")),
        ("confirmed", ("submitted", "none")),
        ("winner_paid", ("approved", "paid")),
        ("winner_sent", ("approved", "in_payment")),
        ("declined", ("withdrawn", "none")),
    ],
)
def test_story_ends_as_told(year: Year, story: str, state: tuple[str, str]) -> None:
    assert states(year, story) == {state}


@pytest.mark.req("E3", "E4")
def test_money_of_every_ground_is_on_the_card(year: Year) -> None:
    paid = Application.objects.filter(payment=PaymentStatus.PAID)
    assert {*paid.values_list("ground", flat=True)} == {*Ground}


@pytest.mark.req("V1")
def test_queue_holds_overdue_due_today_and_later_cases(year: Year) -> None:
    queue = Application.objects.filter(status="submitted")
    today = START.replace(hour=0)
    assert queue.filter(review_due_at__lt=today).exists()
    assert queue.filter(review_due_at__range=(START, today + timedelta(days=1))).exists()
    assert queue.filter(review_due_at__gt=today + timedelta(days=2)).exists()


@pytest.mark.req("V2", "V4")
def test_queue_holds_consistent_and_flagged_cases(year: Year) -> None:
    queue = Application.objects.filter(status="submitted")
    assert queue.filter(is_consistent=True).exists()
    assert queue.filter(flag_count__gt=0).exists()


def test_some_returned_case_is_past_its_correction_deadline(year: Year) -> None:
    returned = Application.objects.filter(status="returned")
    assert returned.filter(correction_due_at__lt=START).exists()
    assert returned.filter(correction_due_at__gt=START).exists()


def test_finance_finds_a_batch_for_each_next_step(year: Year) -> None:
    assert set(PayoutBatch.objects.values_list("status", flat=True)) == {*BatchStatus} - {
        BatchStatus.APPROVED
    }  # approved batches are exported at once
    assert set(ResultFile.objects.values_list("status", flat=True)) == {"staged", "applied"}
    silent = PayoutBatch.objects.filter(status="exported", results=None)
    assert silent.exists()


def test_a_next_batch_can_be_built(year: Year) -> None:
    waiting = Application.objects.filter(status="approved", payment="none", payable_from__lte=START)
    assert waiting.exists()


def test_reviewers_find_work(year: Year) -> None:
    with clock.at(START):
        reviewer = StaffUser.objects.get(username="reviewer1")
        case = take_next(reviewer=reviewer)
    assert case is not None
    assert case.review_due_at < START


def test_every_role_has_a_log_in_that_opens(year: Year) -> None:
    for login in LOGINS:
        user = StaffUser.objects.get(username=login.username)
        assert has_role(user, login.role)
    assert user.check_password(PASSWORD)
    assert {login.role for login in LOGINS} == {*Role}


def test_stations_and_the_hotline_filed_cases_of_their_own(year: Year) -> None:
    assert {*Application.objects.values_list("channel", flat=True)} >= {
        Channel.MEMBER,
        Channel.STATION,
        Channel.HOTLINE,
        Channel.PAPER,
        Channel.ROSTER,
    }
    filing = Office.objects.filter(staff__groups__name__in=["station", "hotline"]).distinct()
    for office in filing:
        assert Application.objects.of_office(office).exists() or office.code == "CY-YL-1"


@pytest.mark.req("D5")
def test_books_of_the_seeded_year_are_right(year: Year) -> None:
    out = StringIO()
    call_command("verify_books", "--json", stdout=out)
    assert json.loads(out.getvalue())["findings"] == []


@pytest.mark.req("A3")
def test_nothing_happens_after_the_start_or_before_the_opening(year: Year) -> None:
    opening = datetime(2024, 1, 1, tzinfo=clock.SHANGHAI)
    instants = Event.objects.values_list("business_at", flat=True)
    assert opening < min(instants)
    assert max(instants) <= START


def test_events_of_a_case_follow_one_another_in_time(year: Year) -> None:
    for case in year.cases:
        events = Event.objects.filter(application_id=case.application_id).order_by("version", "id")
        instants = [event.business_at for event in events]
        assert instants == sorted(instants)
        assert len(instants) >= 1


def test_staff_decide_on_weekdays(year: Year) -> None:
    decided = Event.objects.filter(action__in=["approve", "return", "reject", "revoke"])
    days = {
        instant.astimezone(clock.SHANGHAI).weekday()
        for instant in decided.values_list("business_at", flat=True)
    }
    assert days <= {0, 1, 2, 3, 4}


@pytest.mark.req("E11")
def test_rare_names_survive_to_the_exported_file(year: Year) -> None:
    texts = [path.read_bytes().decode("gb18030") for path in (year.folder / "payouts").glob("*.txt")]
    written = {row.split("|")[2] for text in texts for row in text.split("\r\n") if row.startswith("D|")}
    rare = set(
        PayoutLine.objects.filter(
            batch__status__in=["exported", "settled"],
            snapshot__isnull=False,
            application__name__in=RARE_NAMES,
        ).values_list("application__name", flat=True)
    )
    assert rare
    assert rare <= written


def test_files_and_answers_are_left_for_the_owner_only(year: Year) -> None:
    exported = PayoutBatch.objects.exclude(exported_at=None)
    names = {path.name for path in (year.folder / "payouts").iterdir()}
    assert names == {file.name for batch in exported for file in batch.files.all()}
    answers = list((year.folder / "results").iterdir())
    assert {path.name for path in answers} == set(ResultFile.objects.values_list("name", flat=True))
    assert {path.stat().st_mode & 0o777 for path in answers} == {0o600}


def test_progress_is_reported_to_the_end(year: Year) -> None:
    assert year.reports[-1][0] == year.reports[-1][1] == len(year.reports)
    assert is_seeded()


@pytest.mark.parametrize(("days", "left_out"), [(100, "paid"), (60, "paid_second"), (30, "answered")])
def test_a_young_year_leaves_out_the_stories_that_began_before_it(days: float, left_out: str) -> None:
    told = {case.story.code for case in cast(60, days=days)}
    assert left_out not in told
    assert "consistent" in told


def test_a_year_of_no_days_has_no_stories() -> None:
    assert cast(60, days=0) == []


@pytest.mark.req("E8")
def test_a_story_told_after_closing_ends_before_it(year: Year) -> None:
    calendar = Calendar.of(Scheme.objects.get(), datetime(2025, 3, 1, tzinfo=clock.SHANGHAI))
    assert calendar.start == datetime(2024, 10, 31, 10, tzinfo=clock.SHANGHAI)
