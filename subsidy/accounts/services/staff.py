"""The life cycle of staff accounts: create, roles, office, password, second factor, leaving."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from subsidy import clock
from subsidy.accounts.models import Office, StaffUser
from subsidy.accounts.roles import FILERS, Role, conflicts_of, forget_roles, in_words, roles_of
from subsidy.accounts.services.actors import target_of
from subsidy.accounts.services.second_factor import end_staff_sessions
from subsidy.accounts.services.tries import unlock_staff
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, RuleRefused


@transaction.atomic
def create_staff(
    username: str,
    *,
    display_name: str,
    password: str,
    roles: Iterable[Role] = (),
    office: Office | None = None,
    is_superuser: bool = False,
    must_change_password: bool = False,
    actor: Actor = SYSTEM,
) -> StaffUser:
    """Create an account that may sign in; raises RuleRefused or Conflict with the reason."""
    user = StaffUser(
        username=StaffUser.normalize_username(username),
        display_name=display_name.strip(),
        office=office,
        is_staff=True,
        is_superuser=is_superuser,
        must_change_password=must_change_password,
    )
    _check_fields(user)
    _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        sentence = f"登录名 {user.username} 已被使用，请换一个。"
        raise Conflict(sentence, code="USERNAME_TAKEN", field="username") from error
    data = {"office": office.code if office else "", "superuser": is_superuser}
    record("staff.create", actor=actor, target=target_of(user), data=data)
    set_roles(user, roles, actor=actor)
    return user


@transaction.atomic
def set_roles(user: StaffUser, roles: Iterable[Role], *, actor: Actor = SYSTEM) -> None:
    """Give exactly these roles; conflicting duties are refused to everybody, superusers included (A1).

    Nobody changes their own: RuleRefused.
    """
    wanted = set(roles)
    held = StaffUser.objects.select_for_update(of=("self",)).get(pk=user.pk)
    check_roles(wanted, held.office, is_superuser=held.is_superuser)
    before = roles_of(held)
    if actor.realm == "staff":
        check_not_own(held, wanted, editor_id=actor.id)
    user.groups.set(Group.objects.get_or_create(name=role.value)[0] for role in sorted(wanted))
    forget_roles(user)
    if before != wanted:
        end_staff_sessions(user)
        data = {"before": sorted(before), "after": sorted(wanted)}
        record("staff.set_roles", actor=actor, target=target_of(user), data=data)


@transaction.atomic
def set_office(user: StaffUser, office: Office | None, *, actor: Actor = SYSTEM) -> None:
    """Move somebody to another office; cases they filed stay with the office they filed them for.

    Their open sessions end, as after a change of roles.
    """
    check_roles(set(roles_of(user)), office, is_superuser=user.is_superuser)
    _move(user, office, actor)


@transaction.atomic
def change_staff(
    user: StaffUser,
    *,
    username: str,
    display_name: str,
    office: Office | None,
    roles: Iterable[Role],
    actor: Actor = SYSTEM,
) -> None:
    """Change names, office and roles in one step, so that a move and its new role need no order."""
    wanted = set(roles)
    check_roles(wanted, office, is_superuser=user.is_superuser)
    if (user.username, user.display_name) != (username, display_name):
        before = user.username
        user.username, user.display_name = StaffUser.normalize_username(username), display_name.strip()
        _check_fields(user)
        user.save(update_fields=["username", "display_name"])
        data = {"before": before, "after": user.username}
        record("staff.rename", actor=actor, target=target_of(user), data=data)
    _move(user, office, actor)
    set_roles(user, wanted, actor=actor)


@transaction.atomic
def reset_password(user: StaffUser, password: str, *, actor: Actor = SYSTEM) -> None:
    """Set a password that must be changed at the next sign-in; open sessions end, closed doors open."""
    _check_password(password, user)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record("staff.reset_password", actor=actor, target=target_of(user))
    unlock_staff(user, actor=actor)


@transaction.atomic
def reset_second_factor(user: StaffUser, *, actor: Actor = SYSTEM) -> None:
    """Remove the second factor, so that it is set up anew at the next sign-in; open sessions end."""
    Authenticator.objects.filter(user=user).delete()
    end_staff_sessions(user)
    record("staff.reset_second_factor", actor=actor, target=target_of(user))
    unlock_staff(user, actor=actor)


@transaction.atomic
def end_sessions(user: StaffUser, *, actor: Actor = SYSTEM) -> None:
    """Sign a colleague out everywhere."""
    end_staff_sessions(user)
    record("staff.end_sessions", actor=actor, target=target_of(user))


@transaction.atomic
def leave_staff(user: StaffUser, *, actor: Actor = SYSTEM) -> None:
    """Close the account of somebody who left; history keeps naming them."""
    if user.left_at is not None:
        return
    user.is_active, user.is_superuser, user.left_at = False, False, clock.real_now()
    user.set_unusable_password()
    user.save(update_fields=["is_active", "is_superuser", "left_at", "password"])
    user.groups.clear()
    forget_roles(user)
    Authenticator.objects.filter(user=user).delete()
    end_staff_sessions(user)
    record("staff.leave", actor=actor, target=target_of(user))


def _move(user: StaffUser, office: Office | None, actor: Actor) -> None:
    if user.office == office:
        return
    before, user.office = user.office, office
    user.save(update_fields=["office"])
    end_staff_sessions(user)
    data = {"before": before.code if before else "", "after": office.code if office else ""}
    record("staff.set_office", actor=actor, target=target_of(user), data=data)


def check_roles(roles: set[Role], office: Office | None, *, is_superuser: bool = False) -> None:
    """Refuse conflicting duties, and filing duties without an office; a superuser is an administrator."""
    conflicts = conflicts_of(roles, is_superuser=is_superuser)
    if conflicts:
        pairs = in_words(conflicts)
        raise RuleRefused(
            f"同一人不能兼任：{pairs}。请只保留其中一项，或另设账号持有人。",
            code="ROLE_CONFLICT",
            field="roles",
        )
    if roles & FILERS and office is None:
        raise RuleRefused(
            "代报和收件人员必须有所属机构。请先选择机构。", code="OFFICE_NEEDED", field="office"
        )


def check_not_own(user: StaffUser, roles: set[Role], *, editor_id: int | None) -> None:
    """Refuse somebody who changes their own roles (A1)."""
    if user.pk == editor_id and roles_of(user) != roles:
        raise RuleRefused("不能改自己的角色。请由另一位管理员办理。", code="OWN_ROLES", field="roles")


def _check_fields(user: StaffUser) -> None:
    if not user.display_name:
        raise RuleRefused("请填写姓名。", code="INVALID", field="display_name")
    try:
        user.clean_fields(exclude=["password", "office"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise RuleRefused(messages[0], code="INVALID", field=field) from error


def _check_password(password: str, user: StaffUser) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleRefused("".join(error.messages), code="WEAK_PASSWORD", field="password") from error
