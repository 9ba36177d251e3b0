"""Day-one care of staff accounts, by command and in the admin: who may, and what ends at once (A8)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from review.models import Assignment
from review.services import let_go, take
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import PROVED_AT
from subsidy.accounts.roles import Role, roles_of
from subsidy.accounts.services.second_factor import has_second_factor
from subsidy.accounts.services.tries import LIMIT, locked_until
from subsidy.audit.models import AuditRow
from tests import make
from tests.accounts.people import PASSWORD, bound, desk_address, office, sign_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.req("A8")]


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("staff", "--json", *arguments, stdout=out)
    return dict(json.loads(out.getvalue()))


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("staff", *arguments, stdout=out)
    return out.getvalue()


def lock(username: str) -> None:
    client = Client(REMOTE_ADDR=desk_address())
    for _ in range(LIMIT):
        client.post("/staff/login/", {"login": username, "password": "a wrong guess"})


@pytest.fixture
def administrator() -> Client:
    make.staff(Role.ADMINISTRATOR, "admin-one")
    return sign_in("admin-one", make.PASSWORD)


def do(client: Client, user: StaffUser, deed: str) -> Any:
    return client.post(f"/admin/accounts/staffuser/{user.pk}/{deed}/", follow=True)


def test_roles_and_office_are_changed_by_command() -> None:
    user = staff("clerk", Role.STATION)
    assert run("roles", "clerk", "--role", "reviewer")["roles"] == ["reviewer"]
    assert run("office", "clerk")["office"] == ""
    assert run("office", "clerk", "--office", office().code)["office"] == office().code
    assert roles_of(StaffUser.objects.get(pk=user.pk)) == {Role.REVIEWER}


def test_a_password_made_by_command_is_shown_once_and_a_given_one_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = staff("clerk", Role.STATION)
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)
    made = run("password", "clerk")
    user.refresh_from_db()
    assert user.check_password(made["password"])
    assert made["must_change_password"] is True
    monkeypatch.setenv("STAFF_PASSWORD", "another-long-word")
    assert "another-long-word" not in said("password", "clerk")


def test_an_authenticator_is_reset_and_a_door_unlocked_by_command() -> None:
    user = staff("clerk", Role.STATION)
    bound(user)
    lock("clerk")
    assert run("show", "clerk")["locked_until"] is not None
    assert "暂停登录" in said("show", "clerk")
    assert run("unlock", "clerk")["locked_until"] is None
    assert run("second-factor", "clerk")["second_factor"] is False
    assert not Authenticator.objects.filter(user=user).exists()


def test_open_sessions_are_ended_by_command() -> None:
    staff("clerk", Role.STATION)
    client = sign_in("clerk")
    assert "登录都已结束" in said("end-sessions", "clerk")
    assert client.get("/desk/")["Location"].startswith("/staff/login/")


def test_all_accounts_are_listed_without_a_secret() -> None:
    staff("clerk", Role.STATION)
    make.staff(Role.AUDITOR, "auditor")
    listed = run("list")["staff"]
    assert {row["username"] for row in listed} == {"clerk", "auditor"}
    assert all("password" not in row for row in listed)
    assert "审计员" in said("list")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["roles", "clerk", "--role", "reviewer", "--role", "finance_maker"], 1),
        (["roles", "nobody"], 2),
        (["office", "clerk", "--office", "nowhere"], 2),
        (["office", "clerk"], 1),
    ],
)
def test_a_refusal_is_told_by_the_exit_code_and_changes_nothing(arguments: list[str], code: int) -> None:
    user = staff("clerk", Role.STATION)
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    assert refusal.value.returncode == code
    assert (roles_of(StaffUser.objects.get(pk=user.pk)), user.office) == ({Role.STATION}, office())


def test_who_leaves_gives_back_the_cases_they_held_and_keeps_their_name_on_what_they_did() -> None:
    reviewer = make.staff(Role.REVIEWER, "reviewer")
    held = make.submitted()
    with clock.at(make.DAY):
        take(held, reviewer=reviewer)
    out = io.StringIO()
    call_command("leave_staff", "reviewer", "--json", stdout=out)
    assert json.loads(out.getvalue())["released"] == 1
    other = make.staff(Role.REVIEWER)
    with clock.at(make.DAY):
        assert take(held, reviewer=other).reviewer == other
    taken = AuditRow.objects.filter(action="review.take", target=f"application:{held.pk}").last()
    assert taken is not None
    assert (taken.actor_id, taken.actor_label) == (reviewer.pk, "reviewer")
    assert StaffUser.objects.get(username="reviewer").left_at is not None


def test_leaving_twice_is_harmless_and_nobody_of_that_name_is_said() -> None:
    user = make.staff(Role.REVIEWER, "reviewer")
    assert (let_go(user), let_go(StaffUser.objects.get(pk=user.pk))) == (0, 0)
    assert AuditRow.objects.filter(action="staff.leave").count() == 1
    with pytest.raises(CommandError) as refusal:
        call_command("leave_staff", "nobody")
    assert refusal.value.returncode == 2


def test_32_who_let_the_same_person_go_end_each_lease_once(thread_race: Callable[..., list[Any]]) -> None:
    reviewer = make.staff(Role.REVIEWER, "reviewer")
    for _ in range(2):
        with clock.at(make.DAY):
            take(make.submitted(), reviewer=reviewer)
    freed = thread_race(lambda number: let_go(StaffUser.objects.get(pk=reviewer.pk)), times=8)
    assert sum(freed) == 2
    assert not Assignment.objects.filter(expires_at__gt=clock.real_now()).exists()


def test_the_page_of_a_locked_account_says_so_and_its_button_unlocks(administrator: Client) -> None:
    user = staff("clerk", Role.STATION)
    lock("clerk")
    page = administrator.get(f"/admin/accounts/staffuser/{user.pk}/change/").content.decode()
    assert "暂停登录到" in page
    assert f"/admin/accounts/staffuser/{user.pk}/unlock/" in page
    assert "已解锁" in do(administrator, user, "unlock").content.decode()
    assert locked_until(user) is None
    assert AuditRow.objects.get(action="staff.unlock").actor_label == "admin-one"


def test_the_list_shows_how_each_account_stands(administrator: Client) -> None:
    bound(staff("clerk", Role.STATION))
    staff("newcomer", Role.STATION)
    lock("newcomer")
    let_go(make.staff(Role.REVIEWER, "gone"))
    page = administrator.get("/admin/accounts/staffuser/").content.decode()
    for word in ("已绑定", "暂停登录", "已离岗"):
        assert word in page


@pytest.mark.parametrize(
    ("deed", "is_done"),
    [
        ("reset_second_factor", lambda user: not has_second_factor(user)),
        ("end_sessions", lambda user: user.session_epoch > 1),
        ("leave", lambda user: user.left_at is not None),
    ],
)
def test_an_administrator_does_it_by_a_button(
    administrator: Client, deed: str, is_done: Callable[[StaffUser], bool]
) -> None:
    user = make.staff(Role.REVIEWER, "reviewer")
    bound(user)
    with clock.at(make.DAY):
        take(make.submitted(), reviewer=user)
    do(administrator, user, deed)
    user.refresh_from_db()
    assert is_done(user)
    held = Assignment.objects.filter(expires_at__gt=clock.real_now()).exists()
    assert held is (deed != "leave")


@pytest.mark.parametrize("deed", ["reset_second_factor", "leave", "unlock", "promote"])
def test_nobody_else_may_and_no_other_deed_exists(administrator: Client, deed: str) -> None:
    user = staff("clerk", Role.STATION)
    bound(user)
    make.staff(Role.AUDITOR, "auditor")
    assert do(sign_in("auditor", make.PASSWORD), user, deed).status_code == 403
    assert do(sign_in("clerk"), user, deed).status_code == 403
    if deed == "promote":
        assert do(administrator, user, deed).status_code == 403
    user.refresh_from_db()
    assert (user.left_at, has_second_factor(user)) == (None, True)


def test_nobody_deals_with_their_own_account(administrator: Client) -> None:
    own = StaffUser.objects.get(username="admin-one")
    assert "不能办理自己的账号" in do(administrator, own, "reset_second_factor").content.decode()
    assert has_second_factor(own)
    chosen = {"action": "remove_second_factor", "_selected_action": [str(own.pk)]}
    administrator.post("/admin/accounts/staffuser/", chosen)
    assert has_second_factor(own)
    form = {
        "username": "admin-one",
        "display_name": "甲",
        "office": own.office_id,
        "roles": ["administrator"],
    }
    answer = administrator.post(
        f"/admin/accounts/staffuser/{own.pk}/change/", form | {"new_password": "another-long-word"}
    )
    assert "修改密码" in answer.content.decode()
    own.refresh_from_db()
    assert own.check_password(make.PASSWORD)


@pytest.mark.req("A4")
def test_an_account_is_made_and_changed_only_after_a_recent_proof(administrator: Client) -> None:
    user = staff("clerk", Role.STATION)
    bound(user)
    session = administrator.session
    session[PROVED_AT] = 0
    session.save()
    form = {"username": "newcomer", "display_name": "乙", "roles": ["auditor"], "new_password": PASSWORD}
    assert "请再确认一次身份" in administrator.post("/admin/accounts/staffuser/add/", form).content.decode()
    assert not StaffUser.objects.filter(username="newcomer").exists()
    chosen = {"action": "leave", "_selected_action": [str(user.pk)]}
    assert administrator.post("/admin/accounts/staffuser/", chosen).status_code == 403
    assert do(administrator, user, "reset_second_factor").status_code == 403
    user.refresh_from_db()
    assert (user.left_at, has_second_factor(user)) == (None, True)
    answered = form | {"proof_password": make.PASSWORD}
    assert administrator.post("/admin/accounts/staffuser/add/", answered).status_code == 302
    assert StaffUser.objects.filter(username="newcomer").exists()
