"""What staff read outside the queue: applications, events and decisions, and the reviewers' dashboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from review.services import approve, take
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.backoffice import open_doors
from tests import make
from tests.powers import Everything
from tests.review.cases import assisted

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]
ALL = "/admin/applications/application/"


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", ["reviewer", "review_lead", "auditor"])
def test_those_who_review_or_audit_read_every_application(role: str) -> None:
    mine, assisted_one = make.submitted(), assisted(make.staff("station"), 971)
    page = signed_in(make.staff(role)).get(ALL).content.decode()
    assert mine.number in page
    assert assisted_one.number in page


@pytest.mark.parametrize("role", ["hotline", "station"])
def test_those_who_file_read_the_cases_of_their_own_office(role: str) -> None:
    here = make.staff(role, office=make.office("XC-009"))
    own, foreign = assisted(here, 972), assisted(make.staff("station"), 973)
    page = signed_in(here).get(ALL).content.decode()
    assert own.number in page
    assert foreign.number not in page
    assert signed_in(here).get(f"{ALL}{foreign.pk}/change/").status_code == 302


def test_an_application_is_shown_with_masked_numbers_only() -> None:
    case = make.submitted()
    page = signed_in(make.staff("auditor")).get(f"{ALL}{case.pk}/change/").content.decode()
    for secret in (case.card_number, case.member.resident_id, case.member.mobile):
        assert secret not in page
    assert "6214 **** **** " in page
    assert case.person_index not in page


def test_an_application_is_found_by_the_shape_of_the_term() -> None:
    case, other = make.submitted(make.member(name="欧阳志远")), make.submitted()
    client, asked = signed_in(make.staff("auditor")), {"term": case.name, "list": "applications_application"}
    page = client.post("/admin/find/", asked, follow=True).content.decode()
    assert case.number in page
    assert other.number not in page


@pytest.mark.parametrize(
    "model",
    ["application", "event", "certificate", "attachment", "paperdossier", "consent", "objection", "appeal"],
)
def test_the_auditor_opens_each_list_in_a_bounded_number_of_queries(model: str) -> None:
    for _ in range(3):
        make.submitted()
    client = signed_in(make.staff("auditor"))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/admin/applications/{model}/")
    assert response.status_code == 200
    assert len(queries) <= 12


@pytest.mark.parametrize("model", ["decision", "assignment"])
def test_decisions_and_leases_are_for_reading(model: str) -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    take(case, reviewer=reviewer)
    approve(case, reviewer=reviewer, version=case.version)
    client = signed_in(make.staff("auditor"))
    assert case.number in client.get(f"/admin/review/{model}/").content.decode()
    assert client.get(f"/admin/review/{model}/add/").status_code == 403


def test_nothing_of_applications_or_review_is_added_changed_or_deleted_in_the_admin() -> None:
    request = RequestFactory().get("/")
    request.user = Everything()
    doors = {label for label, _ in open_doors(request, admin.site)}
    assert not {label for label in doors if label.startswith(("applications.", "review."))}


def test_the_dashboard_tells_a_reviewer_what_is_overdue_and_due_today() -> None:
    reviewer = make.staff("reviewer")
    make.submitted(at=make.DAY - timedelta(days=40))
    make.submitted(at=make.DAY.replace(month=5))
    with clock.at(make.DAY):
        page = signed_in(reviewer).get("/admin/").content.decode()
    assert "今天到期 1 件，逾期 1 件，先办这些" in page
    assert "逾期 1</span>" in page
    assert "/admin/review/queueitem/?view=late" in page


def test_the_dashboard_shows_no_review_figures_to_finance() -> None:
    make.submitted()
    page = signed_in(make.staff("finance_maker")).get("/admin/").content.decode()
    assert "审核中" not in page
    assert Application.objects.filter(status="submitted").exists()
