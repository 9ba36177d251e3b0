"""Staff in the admin, with what only this room knows: who leaves gives back the cases they held."""

from __future__ import annotations

from django.contrib import admin

from review.services import let_go
from subsidy.accounts.admin import StaffUserAdmin
from subsidy.accounts.models import StaffUser
from subsidy.audit.actors import Actor

admin.site.unregister(StaffUser)


@admin.register(StaffUser)
class StaffWithCasesAdmin(StaffUserAdmin):
    """The life cycle of staff accounts, leases included."""

    def let_go(self, user: StaffUser, actor: Actor) -> None:
        """Close the account and free the cases."""
        let_go(user, actor=actor)
