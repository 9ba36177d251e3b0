"""Who may open a case and do a deed: by POST, with the token of the form, in the right role."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from review.models import Decision
from subsidy.accounts.models import StaffUser
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]
DEEDS = ["take", "release", "approve", "return", "reject", "revoke"]


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(case: Application, deed: str = "change") -> str:
    return reverse(f"admin:review_queueitem_{deed}", args=[case.pk])


@pytest.fixture
def reviewer() -> StaffUser:
    return make.staff("reviewer")


@pytest.mark.parametrize("deed", DEEDS)
def test_every_deed_is_refused_by_get(reviewer: StaffUser, deed: str) -> None:
    case = make.submitted()
    assert signed_in(reviewer).get(address(case, deed)).status_code == 405


@pytest.mark.parametrize("deed", DEEDS)
def test_every_deed_needs_the_token_of_the_form(reviewer: StaffUser, deed: str) -> None:
    case, client = make.submitted(), Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    assert client.post(address(case, deed), {"version": case.version}).status_code == 403


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ["auditor", "hotline", "intake", "finance_checker", "administrator"])
def test_nobody_but_a_reviewer_does_a_deed(deed: str, role: str) -> None:
    case = make.submitted()
    response = signed_in(make.staff(role)).post(address(case, deed), {"version": case.version})
    assert response.status_code == 403
    assert not Decision.objects.exists()


@pytest.mark.parametrize("deed", ["change", *DEEDS])
def test_nobody_reaches_a_case_without_signing_in(deed: str) -> None:
    case = make.submitted()
    response = Client().post(address(case, deed)) if deed != "change" else Client().get(address(case))
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_the_auditor_reads_the_case_and_is_offered_no_deed() -> None:
    response = signed_in(make.staff("auditor")).get(address(make.submitted()))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="decision"' not in page
    assert "认领这件" not in page


@pytest.mark.parametrize("role", ["hotline", "intake", "finance_maker", "administrator"])
def test_staff_without_a_part_in_the_review_do_not_see_a_case(role: str) -> None:
    case = make.submitted()
    assert signed_in(make.staff(role)).get(address(case)).status_code == 403


def test_the_change_address_takes_no_post(reviewer: StaffUser) -> None:
    case = make.submitted()
    assert signed_in(reviewer).post(address(case), {"status": "approved"}).status_code == 403
