"""Paper dossiers: the day of receipt counts, the four copies are asked for, the draft is kept (F3, E8)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from applications.models import Application, PaperDossier
from applications.services.drafts import Filing
from applications.services.filing import submit
from applications.services.intake import (
    Receipt,
    change_dossier,
    file_dossier,
    receive_and_file,
)
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import staff_actor
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, RuleRefused
from tests import make

pytestmark = pytest.mark.django_db
LAST_DAY = date(2024, 10, 31)
AFTER = datetime(2024, 11, 6, 9, tzinfo=clock.SHANGHAI)


@pytest.mark.req("F3", "E3", "E5")
@pytest.mark.parametrize(("grade", "award"), [("senior", 2000), ("social_worker", 1000)])
def test_a_whole_dossier_is_filed_with_its_award(grade: str, award: int) -> None:
    receipt = make.paper(grade=grade)
    filed = receipt.application
    assert receipt == Receipt(filed)
    assert (filed.status, filed.channel, filed.award) == ("submitted", "paper", award)
    assert (filed.received_on, filed.consent_evidence) == (make.DAY.date(), "附件 1 申请表，本人签字")
    assert PaperDossier.objects.get(application=filed).received_by == filed.filed_by


@pytest.mark.req("E3")
def test_an_assistant_social_worker_is_not_covered() -> None:
    with pytest.raises(RuleRefused) as refused:
        make.paper(grade="assistant")
    assert refused.value.code == "GRADE_NOT_COVERED"
    assert not Application.objects.exists()


@pytest.mark.req("E8")
def test_a_dossier_typed_after_closing_counts_by_the_day_it_was_received() -> None:
    filed = make.paper(papers=make.dossier(LAST_DAY), at=AFTER).application
    assert filed.first_filed_at == datetime(2024, 10, 31, tzinfo=clock.SHANGHAI)
    assert filed.review_due_at == datetime(2024, 11, 30, tzinfo=clock.SHANGHAI)
    assert filed.submitted_at == AFTER
    audited = AuditRow.objects.get(action="application.receive", target=f"application:{filed.pk}")
    assert audited.data["received_on"] == "2024-10-31"


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("received_on", "at", "code"),
    [
        (date(2024, 6, 19), make.DAY, "RECEIVED_IN_FUTURE"),
        (date(2024, 11, 1), AFTER, "FILED_AFTER_CLOSING"),
        (date(2023, 12, 31), make.DAY, "FILED_BEFORE_OPENING"),
    ],
)
def test_a_day_of_receipt_outside_the_window_is_refused(received_on: date, at: datetime, code: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        make.paper(papers=make.dossier(received_on), at=at)
    assert (refused.value.code, refused.value.field) == (code, "received_on")
    assert not Application.objects.exists()


@pytest.mark.req("E8")
def test_a_dossier_received_on_the_opening_day_counts_from_the_opening() -> None:
    nine = datetime(2024, 6, 18, 9, tzinfo=clock.SHANGHAI)
    make.scheme(opens_at=nine)
    person, clerk = make.person(), make.operator(Role.INTAKE)
    plan = make.Scheme.objects.get(year=2024)
    with clock.at(make.DAY):
        receipt = receive_and_file(
            person,
            Filing(make.social_work(1), consent_version="2024-01"),
            make.dossier(),
            scheme=plan,
            operator=clerk,
        )
    assert receipt.application.first_filed_at == nine


@pytest.mark.req("F3")
@pytest.mark.parametrize("copy", ["has_id_front", "has_id_back", "has_card", "has_certificate"])
def test_with_a_copy_missing_the_draft_is_kept_and_the_copy_named(copy: str) -> None:
    clerk = make.operator(Role.INTAKE)
    receipt = make.paper(operator_=clerk, papers=make.dossier(**{copy: False}))
    assert receipt.application.status == "draft"
    assert [error.field for error in receipt.missing] == [f"dossier.{copy}"]
    with pytest.raises(RuleRefused) as refused:
        file_dossier(receipt.application, operator=clerk, version=receipt.application.version)
    assert refused.value.code == "DOSSIER_INCOMPLETE"


@pytest.mark.req("F3")
def test_no_other_door_files_an_incomplete_dossier() -> None:
    clerk = make.operator(Role.INTAKE)
    draft = make.paper(operator_=clerk, papers=make.dossier(has_card=False)).application
    with clock.at(make.DAY), pytest.raises(RuleRefused) as refused:
        submit(draft, actor=staff_actor(clerk), version=draft.version)
    assert [error.field for error in refused.value.errors] == ["dossier.has_card"]


@pytest.mark.req("F3", "E8")
def test_copies_that_come_later_complete_the_dossier_of_the_first_day() -> None:
    clerk = make.operator(Role.INTAKE)
    first = make.paper(operator_=clerk, papers=make.dossier(LAST_DAY, has_card=False), at=AFTER).application
    with clock.at(AFTER):
        whole = change_dossier(first, make.dossier(LAST_DAY), operator=clerk, version=first.version)
        assert whole.missing == ()
        filed = file_dossier(whole.application, operator=clerk, version=whole.application.version)
    assert filed.first_filed_at == datetime(2024, 10, 31, tzinfo=clock.SHANGHAI)


@pytest.mark.req("E8", "A3")
def test_a_corrected_day_of_receipt_is_audited_with_the_day_before() -> None:
    clerk = make.operator(Role.INTAKE)
    draft = make.paper(operator_=clerk, papers=make.dossier(has_card=False)).application
    with clock.at(make.DAY):
        change_dossier(draft, make.dossier(date(2024, 6, 17)), operator=clerk, version=draft.version)
    data = AuditRow.objects.get(action="application.change_dossier").data
    assert (data["before"]["received_on"], data["received_on"]) == ("2024-06-18", "2024-06-17")
    draft.refresh_from_db()
    assert draft.received_on == date(2024, 6, 17)


@pytest.mark.req("E8")
def test_the_day_of_receipt_is_fixed_once_filed() -> None:
    clerk = make.operator(Role.INTAKE)
    filed = make.paper(operator_=clerk).application
    with clock.at(make.DAY), pytest.raises(Conflict) as refused:
        change_dossier(filed, make.dossier(date(2024, 6, 17)), operator=clerk, version=filed.version)
    assert refused.value.field == "received_on"


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", ["station", "hotline", "administrator", "reviewer"])
def test_only_intake_registers_papers(role: str) -> None:
    with pytest.raises(Forbidden):
        make.paper(operator_=make.staff(role))


@pytest.mark.parametrize("field", ["grade", "registration_number", "approved_on", "issuing_authority"])
def test_every_field_of_the_annex_is_asked_for(field: str) -> None:
    empty = None if field == "approved_on" else ""
    with pytest.raises(RuleRefused) as refused:
        make.paper(**{field: empty})
    assert [error.field for error in refused.value.errors] == [f"certificate.{field}"]


def test_filing_a_filed_dossier_again_is_refused() -> None:
    clerk = make.operator(Role.INTAKE)
    filed = make.paper(operator_=clerk).application
    with clock.at(make.DAY), pytest.raises(Conflict, match="已经提交过"):
        file_dossier(filed, operator=clerk, version=filed.version)
