"""Who acts, and from which address, as the audit log and events name it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest

from subsidy.accounts.models import Member, StaffUser
from subsidy.audit.actors import SYSTEM, Actor


def member_actor(member: Member, ip: str = "") -> Actor:
    """Name a member as the actor."""
    return Actor("member", member.pk, ip=ip)


def staff_actor(user: StaffUser, ip: str = "") -> Actor:
    """Name a member of staff as the actor."""
    return Actor("staff", user.pk, label=user.get_username(), ip=ip)


def actor_for(source: HttpRequest | StaffUser | AnonymousUser | Member | None) -> Actor:
    """Name whoever stands behind a request, a user or a member; nobody is the system."""
    if isinstance(source, Member):
        return member_actor(source)
    if isinstance(source, StaffUser):
        return staff_actor(source)
    if source is None or isinstance(source, AnonymousUser):
        return SYSTEM
    return _actor_of_request(source)


def target_of(person: Member | StaffUser) -> str:
    """Name a person as the target of an audit row: realm and id, nothing else."""
    return f"{'member' if isinstance(person, Member) else 'staff'}:{person.pk}"


def client_address(request: HttpRequest) -> str:
    """Return the caller's address, believing only the proxies we run ourselves."""
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    claimed = hops[-trusted] if 0 < trusted <= len(hops) else request.META.get("REMOTE_ADDR", "")
    try:
        validate_ipv46_address(claimed)
    except ValidationError:
        return ""
    return claimed


def _actor_of_request(request: HttpRequest) -> Actor:
    ip = client_address(request)
    member: Member | None = getattr(request, "member", None)
    if member is not None:
        return member_actor(member, ip)
    if isinstance(request.user, StaffUser):
        return staff_actor(request.user, ip)
    return Actor("system", None, ip=ip)
