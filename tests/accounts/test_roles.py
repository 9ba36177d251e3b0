"""The matrix of roles, and the duties that never meet in one person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission

from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import (
    CONFLICTS,
    PERMISSIONS,
    Role,
    conflicts_among,
    has_role,
    roles_of,
    sync_roles,
)
from subsidy.accounts.services import create_staff, set_roles
from subsidy.audit.models import AuditRow
from subsidy.errors import RuleRefused
from tests.accounts.people import PASSWORD, office, staff

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]


def test_every_role_has_a_row_in_the_matrix() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_permission_of_the_matrix_exists() -> None:
    assert {role.value: codes for role, codes in sync_roles().items() if codes} == {}


def test_synchronising_twice_is_harmless_and_takes_away_what_was_added_by_hand() -> None:
    sync_roles()
    auditor = Group.objects.get(name="auditor")
    auditor.permissions.set(Group.objects.get(name="reviewer").permissions.all())
    sync_roles()
    assert Group.objects.count() == len(Role)
    assert auditor.permissions.count() == len(PERMISSIONS[Role.AUDITOR])


def test_an_auditor_may_only_look() -> None:
    assert all(code.split(".")[1].startswith("view_") for code in PERMISSIONS[Role.AUDITOR])


@pytest.mark.parametrize(
    ("role", "other", "permission"),
    [
        (Role.FINANCE_MAKER, Role.FINANCE_CHECKER, "payouts.make_payoutbatch"),
        (Role.FINANCE_CHECKER, Role.FINANCE_MAKER, "payouts.check_payoutbatch"),
        (Role.FINANCE_MAKER, Role.FINANCE_CHECKER, "payouts.import_resultfile"),
        (Role.FINANCE_CHECKER, Role.FINANCE_MAKER, "payouts.apply_resultfile"),
        (Role.REVIEW_LEAD, Role.REVIEWER, "review.lead_queueitem"),
        (Role.STATION, Role.REVIEWER, "applications.file_for_member"),
    ],
)
def test_a_duty_belongs_to_one_side_only(role: Role, other: Role, permission: str) -> None:
    sync_roles()
    assert staff("one", role).has_perm(permission)
    assert not staff("two", other).has_perm(permission)


@pytest.mark.parametrize(
    "roles",
    [
        {Role.FINANCE_MAKER, Role.FINANCE_CHECKER},
        {Role.REVIEWER, Role.FINANCE_MAKER},
        {Role.REVIEW_LEAD, Role.FINANCE_CHECKER},
        {Role.STATION, Role.REVIEWER},
        {Role.INTAKE, Role.REVIEW_LEAD},
        {Role.HOTLINE, Role.FINANCE_MAKER},
        {Role.ADMINISTRATOR, Role.REVIEWER},
        {Role.ADMINISTRATOR, Role.FINANCE_CHECKER},
        {Role.AUDITOR, Role.ADMINISTRATOR},
        {Role.AUDITOR, Role.HOTLINE},
    ],
)
@pytest.mark.parametrize("is_superuser", [False, True])
def test_conflicting_duties_are_refused_to_everybody(roles: set[Role], is_superuser: bool) -> None:
    user = create_staff(
        "someone", display_name="甲经办", password=PASSWORD, office=office(), is_superuser=is_superuser
    )
    with pytest.raises(RuleRefused) as refusal:
        set_roles(user, roles)
    assert all(role.label in refusal.value.message for role in roles)
    assert refusal.value.field == "roles"
    assert roles_of(user) == frozenset()


@pytest.mark.parametrize(
    "roles", [{Role.REVIEWER, Role.REVIEW_LEAD}, {Role.HOTLINE, Role.STATION, Role.INTAKE}]
)
def test_kindred_duties_may_meet(roles: set[Role]) -> None:
    assert roles_of(staff("someone", *roles)) == roles
    assert conflicts_among(roles) == []


def test_no_conflict_names_one_role_twice() -> None:
    assert all(len(pair) == 2 for pair in CONFLICTS)


def test_a_superuser_holds_no_role() -> None:
    user = create_staff("root-like", display_name="维护员", password=PASSWORD, is_superuser=True)
    assert not has_role(user, *Role)


def test_a_superuser_may_do_what_an_administrator_may_and_nothing_else() -> None:
    sync_roles()
    root = create_staff("root-like", display_name="维护员", password=PASSWORD, is_superuser=True)
    assert root.get_all_permissions() == PERMISSIONS[Role.ADMINISTRATOR]
    assert root.has_perm("accounts.change_staffuser")
    assert not root.has_perm("review.view_queueitem")
    assert not root.has_module_perms("payouts")


def test_a_right_given_to_one_person_past_the_matrix_does_not_count() -> None:
    sync_roles()
    user = staff("station", Role.STATION)
    user.user_permissions.add(Permission.objects.get(codename="view_decision"))
    assert user.get_all_permissions() == PERMISSIONS[Role.STATION]


def test_whoever_is_inactive_may_do_nothing() -> None:
    sync_roles()
    root = create_staff("root-like", display_name="维护员", password=PASSWORD, is_superuser=True)
    root.is_active = False
    assert not root.has_perm("accounts.change_staffuser")
    assert root.get_all_permissions() == set()


def test_nobody_and_inactive_people_hold_no_role() -> None:
    user = staff("reviewer", Role.REVIEWER)
    assert has_role(user, Role.REVIEWER, Role.AUDITOR)
    user.is_active = False
    assert not has_role(user, Role.REVIEWER)
    assert not has_role(AnonymousUser(), *Role)


def test_a_change_of_roles_is_recorded_with_before_and_after() -> None:
    user = staff("reviewer", Role.REVIEWER)
    set_roles(user, [Role.REVIEWER, Role.REVIEW_LEAD])
    row = AuditRow.objects.filter(action="staff.set_roles").latest("id")
    assert row.data == {"before": ["reviewer"], "after": ["review_lead", "reviewer"]}
    assert roles_of(user) == {Role.REVIEWER, Role.REVIEW_LEAD}


def test_giving_the_same_roles_again_records_nothing() -> None:
    user = staff("reviewer", Role.REVIEWER)
    set_roles(user, [Role.REVIEWER])
    assert AuditRow.objects.filter(action="staff.set_roles").count() == 1


def test_who_files_for_members_needs_an_office() -> None:
    with pytest.raises(RuleRefused) as refusal:
        create_staff("nowhere", display_name="甲经办", password=PASSWORD, roles=[Role.STATION])
    assert refusal.value.field == "office"
    assert not StaffUser.objects.exists()
