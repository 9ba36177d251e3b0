"""Who may do what: the permissions of one's roles, and nothing beside them (A1)."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission

from subsidy.accounts.roles import Role, powers_of


class StaffBackend(AuthenticationBackend):
    """Signs staff in as django-allauth does; a right comes from a role's group alone.

    Django says yes to a superuser whatever is asked. Here a superuser is the account of technical
    maintenance: it may do what an administrator may, so that whoever keeps the machine reads no case
    and moves no money through these pages, and every right of a person is a row of the matrix.
    """

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return nothing: rights given to one person past the matrix do not count."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the groups of the person's roles may do."""
        roles = frozenset[Role]() if obj is not None else powers_of(user_obj)
        if not roles:
            return set()
        rows = Permission.objects.filter(group__name__in=sorted(roles))
        return {f"{app}.{code}" for app, code in rows.values_list("content_type__app_label", "codename")}
