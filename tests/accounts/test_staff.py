"""The life cycle of staff: created by command or administrator, signing in, moving, leaving."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.test import Client

from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role, roles_of, sync_roles
from subsidy.accounts.services import (
    create_staff,
    leave_staff,
    reset_password,
    reset_second_factor,
    set_office,
    set_roles,
    staff_actor,
)
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, RuleRefused
from tests.accounts.people import PASSWORD, office, sign_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4", "A8")]


def administrator_at_work() -> Client:
    sync_roles()
    staff("admin-one", Role.ADMINISTRATOR)
    return sign_in("admin-one")


def form(**changes: Any) -> dict[str, Any]:
    base = {"username": "newcomer", "display_name": "乙经办", "office": office().pk, "roles": ["station"]}
    return base | {"new_password": PASSWORD} | changes


def test_nobody_exists_after_migrating() -> None:
    assert not StaffUser.objects.exists()


def test_staff_sign_in_by_user_name_and_password() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    assert client.session[SESSION_KEY] == str(user.pk)
    assert AuditRow.objects.get(action="staff.sign_in").actor_id == user.pk


@pytest.mark.parametrize(("role", "path"), [(Role.STATION, "/desk/"), (Role.REVIEWER, "/admin/")])
def test_each_role_lands_where_its_work_is(role: Role, path: str) -> None:
    staff("someone", role)
    assert sign_in("someone").response["Location"] == path  # type: ignore[attr-defined]


def test_a_failed_sign_in_is_recorded_without_what_was_typed() -> None:
    typed = f"a-password-{secrets.token_hex(8)}"
    client = sign_in(typed, "wrong")
    assert SESSION_KEY not in client.session
    row = AuditRow.objects.get(action="staff.sign_in_failed")
    assert typed not in json.dumps(row.data) + row.target + row.actor_label


def test_signing_out_needs_a_post_and_is_recorded() -> None:
    staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    client.get("/staff/logout/")
    assert SESSION_KEY in client.session
    client.post("/staff/logout/")
    assert SESSION_KEY not in client.session
    assert AuditRow.objects.filter(action="staff.sign_out").count() == 1


def test_the_admin_has_no_sign_in_of_its_own() -> None:
    response = Client().get("/admin/login/?next=/admin/accounts/office/")
    assert response["Location"] == "/staff/login/?next=/admin/accounts/office/"


def test_the_admins_own_sign_in_takes_no_password() -> None:
    staff("reviewer", Role.REVIEWER)
    client = Client()
    client.post("/admin/login/", {"username": "reviewer", "password": PASSWORD})
    assert SESSION_KEY not in client.session


def test_signing_out_in_the_admin_needs_a_post_and_is_recorded() -> None:
    staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    assert client.get("/admin/logout/").status_code == 405
    assert SESSION_KEY in client.session
    client.post("/admin/logout/")
    assert SESSION_KEY not in client.session
    assert AuditRow.objects.filter(action="staff.sign_out").count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "password/set/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/1-set-password/",
        "login/code/confirm/",
        "3rdparty/",
        "sessions/",
    ],
)
def test_no_other_page_of_the_sign_in_package_is_open(path: str) -> None:
    staff("reviewer", Role.REVIEWER)
    words = {"username": "intruder", "password1": PASSWORD, "password2": PASSWORD, "email": "a@example.org"}
    for client in (Client(), sign_in("reviewer")):
        assert client.get(f"/staff/{path}").status_code == 404
        assert client.post(f"/staff/{path}", words).status_code == 404
    assert StaffUser.objects.count() == 1


@pytest.mark.parametrize("path", ["password/change/", "reauthenticate/", "2fa/", "logout/"])
def test_staff_find_their_own_pages(path: str) -> None:
    staff("reviewer", Role.REVIEWER)
    assert sign_in("reviewer").get(f"/staff/{path}").status_code == 200


def test_a_user_name_is_taken_once() -> None:
    staff("clerk", Role.STATION)
    with pytest.raises(Conflict) as refusal:
        staff("clerk", Role.STATION)
    assert refusal.value.field == "username"


def test_a_user_name_is_taken_in_any_case() -> None:
    staff("clerk", Role.STATION)
    with pytest.raises(Conflict):
        staff("Clerk", Role.STATION)
    assert StaffUser.objects.count() == 1


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(RuleRefused) as refusal:
        create_staff("clerk", display_name="甲经办", password="12345678")
    assert refusal.value.field == "password"


@pytest.mark.parametrize(
    ("username", "name", "field"), [("有 空格", "甲", "username"), ("ok", " ", "display_name")]
)
def test_a_name_that_cannot_be_is_refused_by_field(username: str, name: str, field: str) -> None:
    with pytest.raises(RuleRefused) as refusal:
        create_staff(username, display_name=name, password=PASSWORD)
    assert refusal.value.field == field


def test_a_reset_password_must_be_changed_at_the_next_sign_in() -> None:
    reset_password(staff("clerk", Role.STATION), "another-long-word")
    client = sign_in("clerk", "another-long-word")
    assert client.response["Location"] == "/staff/password/change/"  # type: ignore[attr-defined]
    words = {
        "oldpassword": "another-long-word",
        "password1": "my-own-choice-9",
        "password2": "my-own-choice-9",
    }
    client.post("/staff/password/change/", words)
    user = StaffUser.objects.get()
    assert user.check_password("my-own-choice-9")
    assert not user.must_change_password


def test_a_reset_password_ends_open_sessions() -> None:
    user = staff("reviewer", Role.REVIEWER)
    client = sign_in("reviewer")
    reset_password(user, "another-long-word")
    assert client.get("/admin/").status_code == 302


def test_a_reset_second_factor_is_gone_and_recorded() -> None:
    user = staff("reviewer", Role.REVIEWER)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    reset_second_factor(user)
    assert not Authenticator.objects.exists()
    assert AuditRow.objects.filter(action="staff.reset_second_factor", target=f"staff:{user.pk}").exists()


def test_who_leaves_cannot_sign_in_and_keeps_no_role() -> None:
    user = staff("reviewer", Role.REVIEWER)
    leave_staff(user)
    leave_staff(user)
    assert SESSION_KEY not in sign_in("reviewer").session
    assert (roles_of(user), user.is_active, user.groups.count()) == (frozenset(), False, 0)
    assert AuditRow.objects.filter(action="staff.leave").count() == 1


def test_a_station_clerk_cannot_be_left_without_an_office() -> None:
    user = staff("clerk", Role.STATION)
    with pytest.raises(RuleRefused):
        set_office(user, None)
    user.refresh_from_db()
    assert user.office == office()


def test_32_creations_of_one_user_name_make_one_account(thread_race: Callable[..., list[object]]) -> None:
    sync_roles()
    office()
    results = thread_race(lambda number: staff("clerk", Role.STATION), times=16)
    assert sum(isinstance(result, StaffUser) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 15


def test_an_administrator_creates_staff_in_the_admin() -> None:
    client = administrator_at_work()
    response = client.post("/admin/accounts/staffuser/add/", form())
    assert response.status_code == 302
    made = StaffUser.objects.get(username="newcomer")
    assert (roles_of(made), made.office, made.must_change_password) == ({Role.STATION}, office(), True)
    creator = StaffUser.objects.get(username="admin-one")
    assert AuditRow.objects.get(action="staff.create", target=f"staff:{made.pk}").actor_id == creator.pk


def test_the_admin_refuses_conflicting_duties_with_the_reason() -> None:
    client = administrator_at_work()
    response = client.post("/admin/accounts/staffuser/add/", form(roles=["finance_maker", "finance_checker"]))
    assert "同一人不能兼任：财务制单与财务复核" in response.content.decode()
    assert not StaffUser.objects.filter(username="newcomer").exists()


def test_an_administrator_moves_somebody_and_changes_their_role_at_once() -> None:
    client = administrator_at_work()
    user = staff("clerk", Role.STATION)
    change = form(username="clerk", office="", roles=["reviewer"], new_password="")
    assert client.post(f"/admin/accounts/staffuser/{user.pk}/change/", change).status_code == 302
    moved = StaffUser.objects.get(pk=user.pk)
    assert (roles_of(moved), moved.office, moved.display_name) == ({Role.REVIEWER}, None, "乙经办")
    assert moved.check_password(PASSWORD)


@pytest.mark.req("A1")
def test_nobody_changes_their_own_roles() -> None:
    client = administrator_at_work()
    own = StaffUser.objects.get(username="admin-one")
    change = form(
        username="admin-one", display_name=own.display_name, roles=["finance_checker"], new_password=""
    )
    response = client.post(f"/admin/accounts/staffuser/{own.pk}/change/", change)
    assert "不能改自己的角色" in response.content.decode()
    with pytest.raises(RuleRefused) as refusal:
        set_roles(own, [Role.FINANCE_CHECKER], actor=staff_actor(own))
    assert refusal.value.code == "OWN_ROLES"
    assert roles_of(StaffUser.objects.get(pk=own.pk)) == {Role.ADMINISTRATOR}
    kept = change | {"roles": ["administrator"], "display_name": "王管理"}
    assert client.post(f"/admin/accounts/staffuser/{own.pk}/change/", kept).status_code == 302


def test_an_administrator_cannot_touch_a_superuser() -> None:
    client = administrator_at_work()
    root = create_staff("root-like", display_name="维护员", password=PASSWORD, is_superuser=True)
    change = form(username="root-like", new_password="another-long-word")
    assert client.post(f"/admin/accounts/staffuser/{root.pk}/change/", change).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


def test_staff_are_never_deleted_in_the_admin() -> None:
    client = administrator_at_work()
    user = staff("clerk", Role.STATION)
    assert client.post(f"/admin/accounts/staffuser/{user.pk}/delete/", {"post": "yes"}).status_code == 403


def test_letting_people_go_spares_the_one_who_does_it() -> None:
    client = administrator_at_work()
    staff("clerk", Role.STATION)
    everybody = [str(pk) for pk in StaffUser.objects.values_list("pk", flat=True)]
    client.post("/admin/accounts/staffuser/", {"action": "leave", "_selected_action": everybody})
    assert set(StaffUser.objects.filter(is_active=True).values_list("username", flat=True)) == {"admin-one"}


def test_a_reviewer_sees_no_staff_accounts() -> None:
    sync_roles()
    staff("reviewer", Role.REVIEWER)
    assert sign_in("reviewer").get("/admin/accounts/staffuser/").status_code == 403


def test_the_list_of_staff_costs_a_bounded_number_of_queries(django_assert_max_num_queries: Any) -> None:
    client = administrator_at_work()
    for number in range(12):
        staff(f"clerk-{number}", Role.STATION)
    with django_assert_max_num_queries(16):
        assert client.get("/admin/accounts/staffuser/").status_code == 200


def test_the_first_administrator_is_made_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)
    out = io.StringIO()
    call_command("create_staff", "admin-one", "--name", "甲", "--role", "administrator", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    user = StaffUser.objects.get(username="admin-one")
    assert user.check_password(answer["password"])
    assert (roles_of(user), user.must_change_password, user.is_superuser) == (
        {Role.ADMINISTRATOR},
        True,
        False,
    )


def test_a_given_password_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    out = io.StringIO()
    call_command("create_staff", "auditor", "--name", "甲", "--role", "auditor", stdout=out)
    assert PASSWORD not in out.getvalue()
    assert StaffUser.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--role", "reviewer", "--role", "finance_maker"], 1),
        (["--role", "reviewer", "--role", "finance_maker", "--superuser"], 1),
        (["--office", "nowhere"], 2),
    ],
)
def test_the_command_says_by_its_exit_code_why_it_refused(arguments: list[str], code: int) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("create_staff", "someone", "--name", "甲", *arguments)
    assert refusal.value.returncode == code
    assert not StaffUser.objects.exists()


def test_the_command_refuses_a_taken_name_with_code_three() -> None:
    staff("clerk", Role.STATION)
    with pytest.raises(CommandError) as refusal:
        call_command("create_staff", "clerk", "--name", "甲")
    assert refusal.value.returncode == 3


def test_synchronising_roles_reports_as_json() -> None:
    out = io.StringIO()
    call_command("sync_roles", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"missing": {}, "conflicts": {}}
