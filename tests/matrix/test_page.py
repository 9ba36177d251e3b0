"""docs/roles.md is what the tested table says, and the services judge as the page does."""

from __future__ import annotations

import pytest

from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.errors import Forbidden, SubsidyError
from tests import make
from tests.matrix.asking import taken_back
from tests.matrix.deeds import GROUPS, Deed
from tests.matrix.page import PAGE, by_place, may, page
from tests.matrix.people import STAFF
from tests.matrix.world import World

DEEDS = [deed for _, deeds in GROUPS for deed in deeds]
SAID = by_place()


@pytest.mark.req("A1")
def test_the_page_of_roles_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.matrix"


def test_every_role_does_something_that_the_page_names() -> None:
    idle = [role for role in Role if not any(may(SAID, deed, role.value) for deed in DEEDS[3:])]
    assert idle == []


def is_refused_by_service(world: World, deed: Deed, user: StaffUser) -> bool:
    """Say whether the service turns this person away for who they are; anything else is another matter."""
    assert deed.call is not None
    with taken_back():
        try:
            deed.call(world, user)
        except Forbidden as refusal:
            return refusal.code != "OWN_FILING"
        except SubsidyError:
            return False
    return False


@pytest.mark.django_db
@pytest.mark.req("A1", "D2", "D3", "V3")
def test_a_service_called_past_the_pages_refuses_whom_the_page_refuses(world: World) -> None:
    with clock.at(make.DAY):
        wrong = [
            f"{deed.words}：{subject}"
            for deed in DEEDS
            if deed.call is not None
            for subject in STAFF
            if is_refused_by_service(world, deed, world.people.staff[subject]) is may(SAID, deed, subject)
        ]
    assert wrong == []
