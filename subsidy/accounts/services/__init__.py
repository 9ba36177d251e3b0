"""What may be done with people and places; the only way to change them."""

from __future__ import annotations

from subsidy.accounts.services.actors import actor_for, client_address, member_actor, staff_actor, target_of
from subsidy.accounts.services.app_tickets import redeem_ticket
from subsidy.accounts.services.browsers import browser_index, remember_browser
from subsidy.accounts.services.codes import redeem_code, request_code
from subsidy.accounts.services.corrections import request_correction
from subsidy.accounts.services.filing import find_or_create_member_for_filing
from subsidy.accounts.services.mobile_objections import contestable, object_to_change, settle_change
from subsidy.accounts.services.mobiles import change_mobile, request_mobile_code
from subsidy.accounts.services.places import load_districts
from subsidy.accounts.services.profiles import claim_identity, update_profile
from subsidy.accounts.services.sessions import (
    end_all_sessions,
    has_just_signed_in,
    member_for_session,
    member_of,
    sign_in_member,
    sign_in_nonce,
    sign_out_everywhere,
    sign_out_member,
)
from subsidy.accounts.services.staff import (
    change_staff,
    create_staff,
    leave_staff,
    reset_password,
    reset_second_factor,
    set_office,
    set_roles,
)
from subsidy.accounts.services.tokens import is_new_token, issue_token, member_for_token, revoke_token

__all__ = [
    "actor_for",
    "browser_index",
    "change_mobile",
    "change_staff",
    "claim_identity",
    "client_address",
    "contestable",
    "create_staff",
    "end_all_sessions",
    "find_or_create_member_for_filing",
    "has_just_signed_in",
    "is_new_token",
    "issue_token",
    "leave_staff",
    "load_districts",
    "member_actor",
    "member_for_session",
    "member_for_token",
    "member_of",
    "object_to_change",
    "redeem_code",
    "redeem_ticket",
    "remember_browser",
    "request_code",
    "request_correction",
    "request_mobile_code",
    "reset_password",
    "reset_second_factor",
    "revoke_token",
    "set_office",
    "set_roles",
    "settle_change",
    "sign_in_member",
    "sign_in_nonce",
    "sign_out_everywhere",
    "sign_out_member",
    "staff_actor",
    "target_of",
    "update_profile",
]
