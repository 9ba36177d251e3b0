"""What the staff pages of the admin answer to questions that no button asks (A1, A8)."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role, roles_of, sync_roles
from subsidy.accounts.services import create_staff
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]
STAFF = "/admin/accounts/staffuser/"


def at_work(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator() -> StaffUser:
    """Return an administrator."""
    return make.staff(Role.ADMINISTRATOR)


@pytest.fixture
def root(administrator: StaffUser) -> StaffUser:
    """Return a superuser without a role."""
    return create_staff("root-like", display_name="维护员", password=make.PASSWORD, is_superuser=True)


def change(user: StaffUser) -> str:
    return reverse("admin:accounts_staffuser_change", args=[user.pk])


def form_of(user: StaffUser, **fields: Any) -> dict[str, Any]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "office": user.office_id or "",
    } | fields


@pytest.mark.parametrize(
    "question",
    [
        "password__startswith=md5",
        "password__regex=^md5",
        "office__staff__password__startswith=md5",
        "mobile__contains=1",
        "_to_field=password",
        "_to_field=session_epoch",
    ],
)
def test_a_list_answers_no_question_about_other_columns(administrator: StaffUser, question: str) -> None:
    assert at_work(administrator).get(f"{STAFF}?{question}").status_code == 400


@pytest.mark.parametrize(
    "question", ["is_active__exact=1", "role=auditor", "q=someone", "_popup=1", "_facets=True"]
)
def test_a_list_answers_what_its_filters_ask(administrator: StaffUser, question: str) -> None:
    assert at_work(administrator).get(f"{STAFF}?{question}").status_code == 200


@pytest.mark.parametrize(
    "address", ["resident_id_index__startswith=a", "card_index__startswith=a", "mobile_index=a"]
)
def test_a_register_tells_no_digest_letter_by_letter(administrator: StaffUser, address: str) -> None:
    assert at_work(administrator).get(f"/admin/registers/cardholder/?{address}").status_code == 400


def test_an_administrator_may_look_at_a_superuser_and_change_nothing(
    administrator: StaffUser, root: StaffUser
) -> None:
    client, before = at_work(administrator), root.password
    assert client.get(change(root)).status_code == 200
    assert (
        client.post(change(root), form_of(root, new_password="another invented sentence")).status_code == 403
    )
    for deed in ("let_go", "leave", "reset_second_factor", "end_sessions", "unlock"):
        address = reverse("admin:accounts_staffuser_deed", args=[root.pk, deed])
        assert client.post(address).status_code == 403
    root.refresh_from_db()
    assert (root.password, root.is_active, root.left_at) == (before, True, None)


@pytest.mark.parametrize("who", ["administrator", "root"])
def test_nobody_gives_themselves_a_role(administrator: StaffUser, root: StaffUser, who: str) -> None:
    user = {"administrator": administrator, "root": root}[who]
    before = roles_of(user)
    page = at_work(user).post(change(user), form_of(user, roles=["auditor"]))
    assert page.status_code == 200
    assert roles_of(StaffUser.objects.get(pk=user.pk)) == before


def test_the_form_offers_no_way_to_become_a_superuser(administrator: StaffUser) -> None:
    colleague = make.staff(Role.AUDITOR)
    at_work(administrator).post(change(colleague), form_of(colleague, roles=["auditor"], is_superuser="on"))
    assert not StaffUser.objects.get(pk=colleague.pk).is_superuser


@pytest.mark.req("A8")
def test_the_first_administrator_comes_by_command_and_lets_the_others_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sync_roles()
    monkeypatch.setenv("STAFF_PASSWORD", make.PASSWORD)
    call_command(
        "create_staff", "first", "--name", "首位管理员", "--role", "administrator", stdout=StringIO()
    )
    client = at_work(StaffUser.objects.get(username="first"))
    fields = {
        "username": "second",
        "display_name": "审计员甲",
        "roles": ["auditor"],
        "new_password": make.PASSWORD,
    }
    assert client.post(f"{STAFF}add/", fields).status_code == 302
    assert roles_of(StaffUser.objects.get(username="second")) == {Role.AUDITOR}


def test_the_admins_own_password_page_leads_to_the_one_that_records(administrator: StaffUser) -> None:
    client = at_work(administrator)
    for method in (client.get, client.post):
        assert method("/admin/password_change/")["Location"] == reverse("account_change_password")


def test_a_relation_is_a_link_only_for_whoever_may_open_it() -> None:
    clerk = make.operator("station")
    case = make.assisted(operator_=clerk)
    address = reverse("admin:applications_application_change", args=[case.pk])
    target = f'href="{change(clerk)}"'
    mine = at_work(clerk).get(address).content.decode()
    assert str(clerk) in mine
    assert target not in mine
    assert target in at_work(make.staff(Role.AUDITOR)).get(address).content.decode()


def test_a_group_made_by_hand_gives_nothing() -> None:
    user = make.staff(Role.STATION)
    group = Group.objects.create(name="by hand")
    group.permissions.set(Group.objects.get(name="auditor").permissions.all())
    user.groups.add(group)
    assert at_work(StaffUser.objects.get(pk=user.pk)).get("/admin/audit/auditrow/").status_code == 403
