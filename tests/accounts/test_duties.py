"""Duties that never meet in one person: PostgreSQL refuses them in every order and in every race (A1)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction

from subsidy.accounts.checks import check_duties
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import CONFLICTS, Role, sync_roles
from subsidy.accounts.services import create_staff, set_roles
from subsidy.errors import RuleRefused
from tests.accounts.people import PASSWORD, office, staff
from tests.payouts.money import as_owner_without_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1")]
PAIRS = list(itertools.permutations(Role, 2))
MEETING = "staffuser_duties_never_meet"


def person(*, is_superuser: bool = False) -> StaffUser:
    """Return somebody with an office and no role; the groups stand."""
    sync_roles()
    return create_staff(
        "someone", display_name="甲经办", password=PASSWORD, office=office(), is_superuser=is_superuser
    )


def give(user: StaffUser, role: Role) -> None:
    """Write the row of a role past the services."""
    user.groups.add(Group.objects.get(name=role.value))


def is_refused(user: StaffUser, role: Role) -> bool:
    """Say whether our trigger, and nothing else, refuses the row."""
    try:
        with transaction.atomic():
            give(user, role)
    except IntegrityError as error:
        return MEETING in str(error)
    return False


def test_the_database_refuses_exactly_the_pairs_of_the_table_in_both_orders() -> None:
    user, refused = person(), set()
    for first, second in PAIRS:
        user.groups.clear()
        give(user, first)
        if is_refused(user, second):
            refused.add((first, second))
    assert refused == {(one, other) for one, other in PAIRS if frozenset({one, other}) in CONFLICTS}


def test_two_conflicting_duties_in_one_statement_are_refused() -> None:
    user = person()
    rows = Group.objects.filter(name__in=["reviewer", "finance_maker"])
    with pytest.raises(IntegrityError, match=MEETING):
        user.groups.add(*rows)


def test_a_row_changed_to_a_conflicting_duty_is_refused() -> None:
    user = person()
    give(user, Role.REVIEWER)
    give(user, Role.REVIEW_LEAD)
    row = StaffUser.groups.through.objects.get(staffuser=user, group__name="review_lead")
    row.group = Group.objects.get(name="finance_checker")
    with pytest.raises(IntegrityError, match=MEETING):
        row.save()


@pytest.mark.parametrize("role", list(Role))
def test_a_superuser_may_hold_no_duty_but_administration(role: Role) -> None:
    user = person(is_superuser=True)
    if role is Role.ADMINISTRATOR:
        set_roles(user, [role])
        assert user.groups.count() == 1
        return
    with pytest.raises(RuleRefused) as refusal:
        set_roles(user, [role])
    assert (refusal.value.code, refusal.value.field) == ("ROLE_CONFLICT", "roles")
    with pytest.raises(IntegrityError, match=MEETING):
        give(user, role)


@pytest.mark.parametrize("role", list(Role))
def test_whoever_holds_a_duty_becomes_no_superuser(role: Role) -> None:
    user = person()
    give(user, role)
    user.is_superuser = True
    if role is Role.ADMINISTRATOR:
        user.save(update_fields=["is_superuser"])
        return
    with pytest.raises(IntegrityError, match="superuser_administers_only"):
        user.save(update_fields=["is_superuser"])


def test_two_transactions_cannot_give_one_conflicting_duty_each(
    thread_race: Callable[..., list[object]],
) -> None:
    user = person()
    duties = [Role.FINANCE_MAKER, Role.FINANCE_CHECKER, Role.REVIEWER, Role.STATION] * 2

    def work(number: int) -> None:
        with transaction.atomic():
            give(user, duties[number])

    outcomes = thread_race(work, times=len(duties))
    held = set(user.groups.values_list("name", flat=True))
    assert len(held) == 1
    refusals = [one for one in outcomes if one is not None]
    assert len(refusals) == 6
    assert all(isinstance(one, IntegrityError) and MEETING in str(one) for one in refusals)


def old_conflict() -> StaffUser:
    """Return somebody who held two duties before the database refused it."""
    user = staff("reviewer", Role.REVIEWER)
    sync_roles()
    with as_owner_without_triggers():
        give(user, Role.FINANCE_MAKER)
    return user


def test_conflicts_of_old_are_reported_by_the_system_check() -> None:
    assert check_duties(databases=["default"]) == []
    old_conflict()
    (found,) = check_duties(databases=["default"])
    assert found.id == "accounts.W001"
    assert "reviewer 兼任了不能兼任的职责：审核员与财务制单" in found.msg
    with pytest.raises(SystemCheckError, match="审核员与财务制单"):
        call_command(
            "check", databases=["default"], fail_level="WARNING", stdout=StringIO(), stderr=StringIO()
        )


def test_conflicts_of_old_are_reported_when_roles_are_synchronised() -> None:
    old_conflict()
    out = StringIO()
    with pytest.raises(CommandError, match="请改其角色") as refusal:
        call_command("sync_roles", "--json", stdout=out)
    assert refusal.value.returncode == 2
    assert json.loads(out.getvalue())["conflicts"] == {"reviewer": "审核员与财务制单"}


def test_a_conflict_of_old_is_ended_by_giving_one_role() -> None:
    user = old_conflict()
    set_roles(user, [Role.REVIEWER])
    assert check_duties(databases=["default"]) == []


@pytest.mark.parametrize("name", [MEETING, "superuser_administers_only"])
def test_without_its_trigger_the_same_write_goes_through(name: str) -> None:
    user = person()
    give(user, Role.REVIEWER)
    table = {MEETING: "accounts_staffuser_groups"}.get(name, "accounts_staffuser")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER {name} ON {table}")
    if name == MEETING:
        give(user, Role.FINANCE_MAKER)
        assert user.groups.count() == 2
    else:
        StaffUser.objects.filter(pk=user.pk).update(is_superuser=True)
        assert StaffUser.objects.get(pk=user.pk).is_superuser
