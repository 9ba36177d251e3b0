"""The page of policy cases in the admin: who sees it and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import create_staff
from subsidy.schemes import policy_cases
from subsidy.schemes.models import Scheme
from subsidy.schemes.policy_cases import DATA, read_cases, workbook_of
from subsidy.schemes.policy_words import SHEET
from subsidy.schemes.services import read_definition
from tests import make

pytestmark = pytest.mark.django_db


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(scheme: Scheme) -> str:
    return reverse("admin:schemes_scheme_policy_cases", args=[scheme.pk])


def awards(amount: int) -> dict[str, Any]:
    """Return the awards of 2024 with another amount for level three."""
    rows = [
        row | {"amount": amount} if row["amount"] == 800 else row
        for row in read_definition(make.SCHEME_FILE)["awards"]
    ]
    return {"awards": rows}


@pytest.mark.req("E9", "A1")
@pytest.mark.parametrize("role", ["reviewer", "auditor", "administrator"])
def test_staff_who_may_see_a_scheme_see_every_case_agree(role: str) -> None:
    page = signed_in(make.staff(role)).get(address(make.scheme())).content.decode()
    path = workbook_of(2024)
    assert path is not None
    cases = read_cases(path)
    assert f"{len(cases)} 条用例全部一致" in page
    assert all(case.title in page for case in cases)
    assert page.count('class="m-same"') == len(cases)
    assert 'class="m-diff"' not in page


def test_the_page_of_the_scheme_leads_to_its_cases() -> None:
    scheme = make.scheme()
    page = signed_in(make.staff("auditor")).get(f"/admin/schemes/scheme/{scheme.pk}/change/").content.decode()
    assert f'<a href="{address(scheme)}">政策用例</a>' in page


@pytest.mark.req("P3")
def test_a_changed_plan_shows_where_it_disagrees_with_the_cases() -> None:
    client, scheme = signed_in(make.staff("administrator")), make.scheme(**awards(801))
    page = client.get(f"{address(scheme)}?only=different").content.decode()
    level_three = page.count('class="m-diff"')
    assert level_three >= 5
    assert f"{level_three} 条用例与系统的结果不一致" in page
    assert 'class="m-same"' not in page
    assert "三级（高级工），日期在期内" in page
    assert "801" in page


def test_only_the_disagreements_of_an_agreeing_plan_is_an_empty_page_that_says_so() -> None:
    page = signed_in(make.staff("auditor")).get(f"{address(make.scheme())}?only=different").content.decode()
    assert "没有不一致的用例" in page


def test_a_year_without_a_workbook_says_so() -> None:
    page = signed_in(make.staff("auditor")).get(address(make.scheme(year=2031))).content.decode()
    assert "这一年度还没有用例表" in page


def test_a_cell_that_cannot_be_read_is_named_instead_of_a_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = load_workbook(DATA / "policy_cases_2024.xlsx")
    book[SHEET]["O9"].value = "对"
    book.save(tmp_path / "policy_cases_2024.xlsx")
    monkeypatch.setattr(policy_cases, "DATA", tmp_path)
    page = signed_in(make.staff("auditor")).get(address(make.scheme())).content.decode()
    assert "单元格 O9（应否符合）写的是“对”，只能写是、否。" in page
    assert "<table" not in page.partition('id="content-main"')[2]


@pytest.mark.req("A1")
def test_staff_without_a_role_are_refused_whatever_they_were_given_past_it() -> None:
    scheme = make.scheme()
    stranger = create_staff("nobody", display_name="测试员", password=make.PASSWORD)
    assert signed_in(stranger).get(address(scheme)).status_code == 403
    stranger.user_permissions.add(Permission.objects.get(codename="view_scheme"))
    assert signed_in(stranger).get(address(scheme)).status_code == 403
    assert signed_in(make.staff("hotline")).get(address(scheme)).status_code == 200


@pytest.mark.req("A1")
def test_a_stranger_is_asked_to_sign_in() -> None:
    answer = Client().get(address(make.scheme()))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_nothing_is_sent_to_the_page_and_an_unknown_scheme_is_not_found() -> None:
    client, scheme = signed_in(make.staff("administrator")), make.scheme()
    assert client.post(address(scheme)).status_code == 405
    assert client.get(reverse("admin:schemes_scheme_policy_cases", args=[scheme.pk + 1])).status_code == 404
