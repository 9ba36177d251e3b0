"""Everybody who may come to a door, signed in once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import create_staff, leave_staff
from tests import make
from tests.pages.browser import signed_in

MEMBERS: Final = ("owner", "stranger")
FILERS: Final = ("hotline", "hotline2", "station", "station2", "intake")
STAFF: Final = (
    *FILERS,
    "reviewer",
    "review_lead",
    "finance_maker",
    "finance_checker",
    "administrator",
    "auditor",
    "root",
    "idle",
)
SUBJECTS: Final = ("visitor", *MEMBERS, *STAFF, "left")
"""The columns of the matrix, in order.

`owner` is the member whose thing the address names, `stranger` another member. `hotline2` and `station2` sit
in other offices than the one that filed the case. `root` is a superuser without a role, `idle` a member of
staff without one, `left` somebody whose session was open when their account was closed.
"""
GROUPS: Final = {
    "filers": FILERS,
    "counters": ("hotline", "hotline2", "station", "station2"),
    "stations": ("station", "station2"),
    "reviewers": ("reviewer", "review_lead"),
    "finance": ("finance_maker", "finance_checker"),
    "administrators": ("administrator", "root"),
    "members": MEMBERS,
    "staff": STAFF,
    "everybody": SUBJECTS,
}
"""Words that stand for several columns."""


def named(words: str) -> frozenset[str]:
    """Return the subjects that the words name; raises KeyError for a word that names nobody."""
    found: set[str] = set()
    for word in words.split():
        found |= set(GROUPS[word]) if word in GROUPS else {SUBJECTS[SUBJECTS.index(word)]}
    return frozenset(found)


@dataclass(frozen=True)
class People:
    """The accounts of staff by subject, and a browser for each."""

    staff: dict[str, StaffUser]
    clients: dict[str, Client]
    owners: dict[int, Client]

    def client(self, subject: str, owner: Member) -> Client:
        """Return the browser of a subject; the owner's is that of the thing's own member."""
        if subject != "owner":
            return self.clients[subject]
        if owner.pk not in self.owners:
            self.owners[owner.pk] = signed_in(owner)
        return self.owners[owner.pk]


def invited() -> People:
    """Make one person for each column and sign them in."""
    staff = {role.value: make.operator(role) for role in Role}
    staff |= {f"{role}2": make.operator(role, f"{role[:2].upper()}-200") for role in ("hotline", "station")}
    staff["root"] = _account("root", is_superuser=True)
    staff["idle"], staff["left"] = _account("idle"), make.operator("reviewer")
    clients = {subject: _at_work(user) for subject, user in staff.items()}
    leave_staff(staff["left"])
    clients |= {"visitor": Client(), "stranger": signed_in(make.member())}
    return People(staff, clients, {})


def _account(name: str, *, is_superuser: bool = False) -> StaffUser:
    return create_staff(name, display_name="测试员", password=make.PASSWORD, is_superuser=is_superuser)


def _at_work(user: AbstractBaseUser) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client
