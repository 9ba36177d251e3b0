"""Filing through the member's own door: submit, send again, withdraw (四（一）, 五)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from applications.models import Application, Event
from applications.services.drafts import Filing, change_draft, save_draft
from applications.services.filing import resubmit, submit, withdraw
from applications.services.transitions import Step, lock, transition
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, RuleRefused
from subsidy.notices.models import Notice
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus
from tests import make

pytestmark = pytest.mark.django_db


def file(application: Application, at: datetime = make.DAY) -> Application:
    with clock.at(at):
        return submit(application, actor=member_actor(application.member), version=application.version)


def send_back(application: Application, at: datetime) -> Application:
    with clock.at(at):
        return transition(
            lock(application),
            ApplicationStatus.RETURNED,
            Step("return", SYSTEM),
            returned_at=at,
            correction_due_at=at + timedelta(days=14),
        )


@pytest.mark.req("F5")
def test_a_draft_is_kept_and_not_yet_filed() -> None:
    draft = make.draft()
    assert (draft.status, draft.submitted_at, draft.version) == ("draft", None, 1)


@pytest.mark.req("E5")
def test_filing_records_the_award_and_the_due_date() -> None:
    filed = file(make.draft())
    assert (filed.status, filed.award) == ("submitted", 1000)
    assert filed.review_due_at == datetime(2024, 7, 18, 10, tzinfo=clock.SHANGHAI)


@pytest.mark.req("F7")
def test_filing_writes_event_audit_row_and_notice() -> None:
    filed = make.submitted()
    assert Event.objects.filter(application=filed, action="submit", version=filed.version).exists()
    assert AuditRow.objects.filter(action="application.submit", target=f"application:{filed.pk}").exists()
    assert Notice.objects.filter(member_id=filed.member_id, template="submitted").exists()


def test_filing_twice_with_the_same_version_is_refused() -> None:
    draft = make.draft()
    file(draft)
    with pytest.raises(Conflict, match="不是最新内容"):
        file(draft)


@pytest.mark.req("E7")
def test_a_second_live_application_of_a_person_is_refused() -> None:
    person = make.member()
    make.submitted(person)
    with pytest.raises(RuleRefused) as refused:
        make.submitted(person)
    assert refused.value.code == "ALREADY_APPLIED"


@pytest.mark.req("E7")
def test_a_withdrawn_application_blocks_nothing() -> None:
    person = make.member()
    first = make.submitted(person)
    with clock.at(make.DAY):
        withdraw(first, actor=member_actor(person), version=first.version)
    assert make.submitted(person).status == "submitted"


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2023, 12, 31, 23, 59, 59, 999999, tzinfo=clock.SHANGHAI), "FILED_BEFORE_OPENING"),
        (datetime(2024, 11, 1, tzinfo=clock.SHANGHAI), "FILED_AFTER_CLOSING"),
    ],
)
def test_filing_outside_the_window_is_refused(at: datetime, code: str) -> None:
    draft = make.draft()
    with pytest.raises(RuleRefused) as refused:
        file(draft, at)
    assert refused.value.code == code


@pytest.mark.req("E8")
def test_the_last_microsecond_before_closing_counts() -> None:
    assert file(make.draft(), datetime(2024, 10, 31, 23, 59, 59, 999999, tzinfo=clock.SHANGHAI)).award == 1000


@pytest.mark.req("E9")
def test_a_blocking_reason_names_its_field_and_leaves_the_draft() -> None:
    draft = make.draft(certificate={"issued_on": date(2024, 1, 1)})
    with pytest.raises(RuleRefused) as refused:
        file(draft)
    assert [error.field for error in refused.value.errors] == ["certificate.issued_on"]
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_an_incomplete_draft_names_every_missing_field() -> None:
    person = make.member()
    with clock.at(make.DAY):
        draft = save_draft(
            person, Filing(), scheme=make.scheme(), ground=Ground.SKILL, actor=member_actor(person)
        )
    with pytest.raises(RuleRefused) as refused:
        file(draft)
    assert [error.field for error in refused.value.errors] == ["certificate", "card_number", "consent"]


@pytest.mark.req("P2")
def test_a_closed_door_names_the_open_ones() -> None:
    person = make.member()
    with pytest.raises(RuleRefused, match="纸质材料") as refused:
        save_draft(
            person,
            Filing(),
            scheme=make.scheme(),
            ground=Ground.SOCIAL_WORK,
            channel=Channel.MEMBER,
            actor=member_actor(person),
        )
    assert refused.value.code == "DOOR_CLOSED"


def test_a_draft_changes_only_with_the_version_seen() -> None:
    draft = make.draft()
    changed = change_draft(draft, Filing(employer="北京样例机床厂"), actor=SYSTEM, version=draft.version)
    assert (changed.employer, changed.version) == ("北京样例机床厂", 2)
    with pytest.raises(Conflict) as stale:
        change_draft(draft, Filing(employer="别的"), actor=SYSTEM, version=1)
    assert stale.value.code == "STALE_VERSION"


def test_a_filed_application_cannot_be_edited() -> None:
    filed = make.submitted()
    with pytest.raises(Conflict, match="不能再改"):
        change_draft(filed, Filing(employer="别的"), actor=SYSTEM, version=filed.version)


@pytest.mark.req("V3")
def test_the_review_clock_stops_while_the_member_corrects() -> None:
    filed = make.submitted()
    back = send_back(filed, make.DAY + timedelta(days=5))
    with clock.at(make.DAY + timedelta(days=8)):
        again = resubmit(back, actor=member_actor(back.member), version=back.version)
    assert filed.review_due_at is not None
    assert again.review_due_at == filed.review_due_at + timedelta(days=3)
    assert again.first_filed_at == filed.first_filed_at


def test_a_correction_after_its_deadline_is_refused() -> None:
    back = send_back(make.submitted(), make.DAY)
    with clock.at(make.DAY + timedelta(days=14)), pytest.raises(RuleRefused, match="补正期限已过"):
        resubmit(back, actor=member_actor(back.member), version=back.version)


@pytest.mark.req("E8")
def test_a_correction_after_closing_keeps_the_first_filing_instant() -> None:
    late = datetime(2024, 10, 31, 23, 0, tzinfo=clock.SHANGHAI)
    back = send_back(make.submitted(at=late), late + timedelta(minutes=30))
    with clock.at(late + timedelta(days=3)):
        again = resubmit(back, actor=member_actor(back.member), version=back.version)
    assert again.status == "submitted"


def test_only_a_returned_application_can_be_sent_again() -> None:
    filed = make.submitted()
    with pytest.raises(Conflict, match="不在退回补正中"):
        resubmit(filed, actor=member_actor(filed.member), version=filed.version)


def test_a_withdrawn_application_cannot_be_withdrawn_again() -> None:
    filed = make.submitted()
    gone = withdraw(filed, actor=member_actor(filed.member), version=filed.version)
    with pytest.raises(Conflict, match="已撤回"):
        withdraw(gone, actor=member_actor(gone.member), version=gone.version)


def test_a_card_that_differs_from_the_register_is_flagged_not_refused() -> None:
    person = make.member()
    make.card_holder(person, card_number=make.card_number(99_999))
    filed = make.submitted(person)
    assert [reason["code"] for reason in filed.reasons] == ["CARD_HOLDER_MISMATCH"]
    assert filed.flag_count == 1
