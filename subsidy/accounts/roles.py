"""The staff roles, what each may do, and which may never meet in one person (A1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from subsidy.accounts.models import StaffUser
from subsidy.rules.terms import Term


class Role(Term):
    """What a member of staff is there for; each is a group of the same name."""

    HOTLINE = "hotline", "热线坐席"
    STATION = "station", "服务站经办"
    INTAKE = "intake", "收件员"
    REVIEWER = "reviewer", "审核员"
    REVIEW_LEAD = "review_lead", "审核组长"
    FINANCE_MAKER = "finance_maker", "财务制单"
    FINANCE_CHECKER = "finance_checker", "财务复核"
    ADMINISTRATOR = "administrator", "系统管理员"
    AUDITOR = "auditor", "审计员"


_ROLES = "_roles"
FILERS = frozenset({Role.HOTLINE, Role.STATION, Role.INTAKE})
REVIEWERS = frozenset({Role.REVIEWER, Role.REVIEW_LEAD})
FINANCE = frozenset({Role.FINANCE_MAKER, Role.FINANCE_CHECKER})

_PLACES = frozenset({"accounts.view_district", "accounts.view_office"})
_SCHEMES = frozenset({"schemes.view_scheme"})
_REGISTERS = frozenset(
    f"registers.view_{model}"
    for model in ("cardholder", "issuedcertificate", "competitionresult", "trade", "awardingbody")
)
_CASES = frozenset(
    {"applications.view_application", "applications.view_certificate", "applications.view_attachment"}
    | {"applications.view_event", "applications.view_objection", "applications.view_appeal"}
    | {"applications.view_paperdossier", "applications.view_consent", "accounts.view_member"}
)
_REQUESTS = frozenset({"accounts.view_membercorrection", "accounts.view_mobilechange"})
_DECISIONS = frozenset({"review.view_queueitem", "review.view_decision", "review.view_assignment"})
_MONEY = frozenset(
    {"payouts.view_payoutbatch", "payouts.view_payoutline", "payouts.view_payoutfile"}
    | {"payouts.view_resultfile", "payouts.view_resultline", "payouts.view_recovery"}
)
_TRAIL = frozenset({"audit.view_auditrow", "audit.view_auditseal", "notices.view_notice"})
_FILING = _PLACES | _SCHEMES | {"applications.file_for_member", "applications.view_application"}
_REVIEWING = _PLACES | _SCHEMES | _REGISTERS | _CASES | _DECISIONS | {"accounts.reveal_member"}

PERMISSIONS: Mapping[Role, frozenset[str]] = {
    Role.HOTLINE: _FILING,
    Role.STATION: _FILING,
    Role.INTAKE: _FILING | _REQUESTS | {"applications.view_paperdossier", "applications.view_attachment"},
    Role.REVIEWER: _REVIEWING | {"review.decide_queueitem"},
    Role.REVIEW_LEAD: _REVIEWING | {"review.decide_queueitem", "review.lead_queueitem"},
    Role.FINANCE_MAKER: _SCHEMES
    | _MONEY
    | {"payouts.make_payoutbatch", "payouts.download_payoutfile", "payouts.import_resultfile"},
    Role.FINANCE_CHECKER: _SCHEMES
    | _MONEY
    | {"payouts.check_payoutbatch", "payouts.download_payoutfile", "payouts.apply_resultfile"},
    Role.ADMINISTRATOR: _PLACES
    | _SCHEMES
    | _REGISTERS
    | _REQUESTS
    | {"accounts.view_staffuser", "accounts.add_staffuser", "accounts.change_staffuser"}
    | {"accounts.manage_staffuser", "accounts.add_office", "accounts.change_office", "accounts.view_member"}
    | {"schemes.add_scheme", "schemes.change_scheme"}
    | {permission.replace("view_", "add_") for permission in _REGISTERS}
    | {permission.replace("view_", "change_") for permission in _REGISTERS},
    Role.AUDITOR: _PLACES
    | _SCHEMES
    | _REGISTERS
    | _CASES
    | _REQUESTS
    | _DECISIONS
    | _MONEY
    | _TRAIL
    | {"accounts.view_staffuser"},
}


def _pairs(left: Iterable[Role], right: Iterable[Role]) -> set[frozenset[Role]]:
    return {frozenset({one, other}) for one in left for other in right if one is not other}


CONFLICTS: frozenset[frozenset[Role]] = frozenset(
    _pairs(FINANCE, FINANCE)
    | _pairs(REVIEWERS, FINANCE)
    | _pairs(FILERS, REVIEWERS | FINANCE)
    | _pairs({Role.ADMINISTRATOR}, FILERS | REVIEWERS | FINANCE)
    | _pairs({Role.AUDITOR}, set(Role))
)


def forget_roles(user: StaffUser) -> None:
    """Read the roles of this object anew at the next asking."""
    setattr(user, _ROLES, None)


def conflicts_among(roles: Iterable[Role]) -> list[tuple[Role, Role]]:
    """Return the pairs of duties that one person may not hold together, in table order."""
    held = [role for role in Role if role in set(roles)]
    return [
        (one, other)
        for position, one in enumerate(held)
        for other in held[position + 1 :]
        if frozenset({one, other}) in CONFLICTS
    ]


def conflicts_of(roles: Iterable[Role], *, is_superuser: bool) -> list[tuple[Role, Role]]:
    """Return the pairs that may not meet; a superuser counts as an administrator."""
    return conflicts_among({*roles, Role.ADMINISTRATOR} if is_superuser else roles)


def conflicting_staff() -> list[tuple[StaffUser, list[tuple[Role, Role]]]]:
    """Return who holds duties that may not meet, from before the database refused them."""
    found = []
    for user in StaffUser.objects.filter(groups__isnull=False).distinct().prefetch_related("groups"):
        names = {group.name for group in user.groups.all()}
        pairs = conflicts_of([role for role in Role if role.value in names], is_superuser=user.is_superuser)
        if pairs:
            found.append((user, pairs))
    return found


def in_words(pairs: Iterable[tuple[Role, Role]]) -> str:
    """Name the pairs as pages and messages do."""
    return "；".join(f"{one.label}与{other.label}" for one, other in pairs)


def roles_of(user: Any) -> frozenset[Role]:
    """Return the roles of an active member of staff; nobody else has any, a superuser neither by itself."""
    if not isinstance(user, StaffUser) or not user.is_active:
        return frozenset()
    cached: frozenset[Role] | None = getattr(user, _ROLES, None)
    if cached is None:
        names = user.groups.filter(name__in=[role.value for role in Role]).values_list("name", flat=True)
        cached = frozenset(Role(name) for name in names)
        setattr(user, _ROLES, cached)
    return cached


def powers_of(user: Any) -> frozenset[Role]:
    """Return the roles whose permissions the user has: their own; a superuser those of an administrator."""
    own = roles_of(user)
    maintains = isinstance(user, StaffUser) and user.is_active and user.is_superuser
    return own | {Role.ADMINISTRATOR} if maintains else own


def has_role(user: Any, *roles: Role) -> bool:
    """Say whether the user holds at least one of the roles."""
    return not roles_of(user).isdisjoint(roles)


@transaction.atomic
def sync_roles() -> dict[Role, list[str]]:
    """Make the groups agree with the matrix; return per role the permissions no model declares yet."""
    missing: dict[Role, list[str]] = {}
    for role, wanted in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        found = _permissions(wanted)
        group.permissions.set(found.values())
        missing[role] = sorted(wanted - found.keys())
    return missing


def _permissions(codes: Iterable[str]) -> dict[str, Permission]:
    wanted = Q()
    for code in codes:
        app, codename = code.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    rows = Permission.objects.filter(wanted).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
