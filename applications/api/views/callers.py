"""Views that members and assisted staff share: who calls, and which applications are theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from applications.api.authentication import MemberSessionAuthentication
from applications.api.staff import CallerThrottle, IsMemberOrFiler, StaffSessionAuthentication
from applications.api.views.base import MemberView
from applications.models import Application
from applications.models.application import ApplicationQuerySet
from applications.services.desks import own_cases
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import client_address, staff_actor
from subsidy.audit.actors import Actor
from subsidy.errors import NotFound, SubsidyError

NOT_THERE = "没有找到这份申报，请核对后再试。"


class CallerView(MemberView):
    """For a signed-in member, and for staff who file on members' behalf."""

    authentication_classes = [MemberSessionAuthentication, StaffSessionAuthentication]
    permission_classes = [IsMemberOrFiler]
    throttle_classes = [CallerThrottle]

    @property
    def operator(self) -> StaffUser | None:
        """Return the member of staff who calls; None when it is a member."""
        return self.request.user if isinstance(self.request.user, StaffUser) else None

    @property
    def address(self) -> str:
        """Return where the call comes from."""
        return client_address(self.request._request)

    @property
    def actor(self) -> Actor:
        """Return the caller as events and the audit log name them."""
        return staff_actor(self.operator, self.address) if self.operator else super().actor

    def cases(self) -> ApplicationQuerySet:
        """Return what the caller may see: the member's own, or those of the operator's office."""
        if self.operator is not None:
            return own_cases(self.operator).order_by("-id")
        return Application.objects.of_member(self.member)

    def case(self, public_id: UUID | str) -> Application:
        """Return one of them; raises NotFound, also when it is somebody else's."""
        rows = self.cases().select_related("scheme", "certificate", "district", "consent", "office", "member")
        application = rows.filter(public_id=public_id).first()
        if application is None:
            raise NotFound(NOT_THERE)
        return application


@contextmanager
def named_within(group: str, names: Collection[str]) -> Iterator[None]:
    """Put a service's field names below the object in which the caller sent them."""
    try:
        yield
    except SubsidyError as error:
        error.errors = [
            replace(one, field=f"{group}.{one.field}") if one.field in names else one for one in error.errors
        ]
        raise
