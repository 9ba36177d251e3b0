"""The tables of people and places."""

from __future__ import annotations

from subsidy.accounts.models.member import Member, MemberQuerySet
from subsidy.accounts.models.member_token import MemberToken
from subsidy.accounts.models.places import District, Office
from subsidy.accounts.models.sign_in_code import SignInCode
from subsidy.accounts.models.staff import StaffUser

__all__ = [
    "District",
    "Member",
    "MemberQuerySet",
    "MemberToken",
    "Office",
    "SignInCode",
    "StaffUser",
]
