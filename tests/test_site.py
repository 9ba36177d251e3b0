"""The staff site as a whole: its menu, its dashboard, and that nothing is edited past the services."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from subsidy.accounts.roles import Role
from subsidy.backoffice import open_doors
from subsidy.site import MENU, SubsidyAdminSite
from tests import make
from tests.powers import Everything

pytestmark = pytest.mark.django_db
MAY_BE_EDITED = {"accounts.StaffUser", "accounts.Office"}


def as_everybody() -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = Everything()
    return request


def test_no_model_is_added_changed_or_deleted_past_the_services() -> None:
    doors = {label for label, _ in open_doors(as_everybody(), admin.site)}
    assert doors <= MAY_BE_EDITED


def test_every_entry_of_the_menu_is_a_registered_model() -> None:
    registered = {model.__name__ for model in admin.site._registry}
    assert {name for _, names in MENU for name in names} <= registered


def test_groups_are_not_edited_by_hand() -> None:
    assert Group not in admin.site._registry


@pytest.mark.req("A1")
@pytest.mark.parametrize(
    ("role", "groups"),
    [
        (Role.REVIEWER, ["审核", "登记库", "方案与系统"]),
        (Role.FINANCE_MAKER, ["资金", "方案与系统"]),
        (Role.FINANCE_CHECKER, ["资金", "方案与系统"]),
    ],
)
def test_the_menu_holds_what_the_role_works_with(client: Client, role: Role, groups: list[str]) -> None:
    client.force_login(make.staff(role))
    response = client.get(reverse("admin:index"))
    assert response.status_code == 200
    assert [group["name"] for group in response.context["app_list"]] == groups


def test_panels_add_to_one_another() -> None:
    def one(request: HttpRequest) -> dict[str, Any]:
        return {"tiles": [1], "title": "a"}

    site = SubsidyAdminSite("another")
    site.add_panel(one)
    site.add_panel(one)
    response = site.index(as_everybody())
    assert response.context_data["tiles"] == [1, 1]


def test_the_admin_asks_strangers_to_sign_in(client: Client) -> None:
    response = client.get(reverse("admin:index"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


def test_deeds_steps_and_roles_are_listed_in_words() -> None:
    client = Client()
    make.staff("administrator")
    client.force_login(make.staff("auditor"))
    make.submitted()
    events = client.get("/admin/applications/event/").content.decode()
    assert "提交</td>" in events
    assert "submit</td>" not in events
    assert "提交申报（application.submit）" in client.get("/admin/audit/auditrow/").content.decode()
    roles = client.get("/admin/accounts/staffuser/?role=administrator").content.decode()
    assert "审核组长" in roles
    assert "review_lead<" not in roles
    assert "系统管理员</td>" in roles


def test_a_wrong_host_is_answered_in_chinese(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.org"]
    answer = Client(raise_request_exception=False).get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "网址或内容有误" in answer.content.decode()


@pytest.mark.parametrize(
    "model", [one for one in admin.site._registry if one._meta.app_label in {"applications", "review"}]
)
def test_a_row_without_a_number_of_its_own_is_titled_in_words(model: Any) -> None:
    assert not any(mark.isascii() and mark.isalpha() for mark in str(model(pk=1)))
