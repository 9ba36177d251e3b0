"""The tables of people and places."""

from __future__ import annotations

from subsidy.accounts.models.correction import MemberCorrection
from subsidy.accounts.models.member import Member, MemberQuerySet
from subsidy.accounts.models.member_token import MemberToken
from subsidy.accounts.models.mobile_change import MobileChange
from subsidy.accounts.models.places import District, Office
from subsidy.accounts.models.refused_claim import RefusedClaim
from subsidy.accounts.models.sign_in_code import SignInCode
from subsidy.accounts.models.sign_in_tries import SignInTries
from subsidy.accounts.models.staff import StaffUser
from subsidy.accounts.models.used_ticket import UsedTicket

__all__ = [
    "District",
    "Member",
    "MemberCorrection",
    "MemberQuerySet",
    "MemberToken",
    "MobileChange",
    "Office",
    "RefusedClaim",
    "SignInCode",
    "SignInTries",
    "StaffUser",
    "UsedTicket",
]
