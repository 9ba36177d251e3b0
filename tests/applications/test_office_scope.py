"""Whose case it is: the office's that filed it, whoever asks, wherever they sat before (A1, T-08)."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pytest
from django.test import Client

from applications.models import Application
from applications.services.desks import own_cases
from subsidy import clock
from subsidy.accounts.models import Office, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import set_office
from subsidy.rules.terms import Channel
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.req("A1", "F2")]
SEEDS = (1, 20_241_031)
STAFF, CASES, MOVES = 10, 12, 5


@dataclass
class Town:
    """Offices in a tree, people in them, and the office that each case was filed by."""

    offices: list[Office]
    people: list[StaffUser]
    filed_by: dict[Application, Office]

    def expected(self, user: StaffUser) -> set[Application]:
        """Return the cases that this person may know of."""
        return {case for case, office in self.filed_by.items() if office == user.office}


def town(chance: random.Random) -> Town:
    """Build a tree: street unions over stations, a hotline over a branch; put people and cases anywhere."""
    offices = [make.office("HOT-0", "hotline"), make.office("STR-0", "street_union")]
    for number in range(1, 7):
        kind = chance.choice(["hotline", "station", "station", "street_union"])
        offices.append(make.office(f"{kind[:3].upper()}-{number}", kind))
        offices[-1].parent = chance.choice(offices[:-1])
        offices[-1].save(update_fields=["parent"])
    people = [_person(chance.choice(offices)) for _ in range(STAFF)]
    filed_by = {}
    for _ in range(CASES):
        clerk = chance.choice(people)
        channel = Channel.HOTLINE if clerk.office and clerk.office.kind == "hotline" else Channel.STATION
        case = make.assisted(operator_=clerk, channel=channel)
        assert clerk.office is not None
        filed_by[case] = clerk.office
    return Town(offices, people, filed_by)


def _person(office: Office) -> StaffUser:
    return make.staff(Role.HOTLINE if office.kind == "hotline" else Role.STATION, office=office)


def at_work(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(page: str, town: Town) -> set[Application]:
    """Return the cases that a list names."""
    numbers = set(re.findall(r"ZT2024-\d{7}-\w", page))
    return {case for case in town.filed_by if case.number in numbers}


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_knows_of_their_own_offices_cases_and_of_no_other_even_after_a_move(seed: int) -> None:
    chance = random.Random(seed)
    with clock.at(make.DAY):
        place = town(chance)
        for user in place.people:
            assert set(own_cases(user)) == place.expected(user), (seed, user.username)
        for user in chance.sample(place.people, MOVES):
            set_office(user, chance.choice([one for one in place.offices if _fits(user, one)]))
        for user in place.people:
            user.refresh_from_db()
            assert set(own_cases(user)) == place.expected(user), (seed, user.username)


def _fits(user: StaffUser, office: Office) -> bool:
    return user.office is not None and (office.kind == "hotline") == (user.office.kind == "hotline")


@pytest.mark.parametrize("seed", SEEDS)
def test_lists_pages_and_api_know_the_same_cases(seed: int) -> None:
    chance = random.Random(seed)
    with clock.at(make.DAY):
        place = town(chance)
        for user in chance.sample(place.people, 3):
            client, mine = at_work(user), place.expected(user)
            for address in ("/desk/cases/", "/admin/applications/application/", "/api/v1/applications/"):
                assert listed(client.get(address).content.decode(), place) == mine, (seed, address)
            for case in chance.sample(list(place.filed_by), 4):
                for address in (
                    f"/desk/cases/{case.public_id}/",
                    f"/api/v1/applications/{case.public_id}/timeline/",
                    f"/api/v1/applications/{case.public_id}/attachments/",
                ):
                    assert client.get(address).status_code == (200 if case in mine else 404), (seed, address)
                assert is_found(client, case) is (case in mine), seed


def is_found(client: Client, case: Application) -> bool:
    """Say whether the office's own search by number leads to the case."""
    page = client.get("/desk/cases/", {"q": case.number}).content.decode()
    return f'href="/desk/cases/{case.public_id}/"' in page


def test_a_parent_office_sees_nothing_of_its_stations_and_they_nothing_of_it() -> None:
    street, station = make.office("STR-1", "street_union"), make.office("STA-1")
    station.parent = street
    station.save(update_fields=["parent"])
    above, below = _person(street), _person(station)
    with clock.at(make.DAY):
        upper, lower = make.assisted(operator_=above), make.assisted(operator_=below)
    assert set(own_cases(above)) == {upper}
    assert set(own_cases(below)) == {lower}


def test_whoever_moves_away_leaves_their_cases_behind() -> None:
    clerk = make.operator("station")
    with clock.at(make.DAY):
        case = make.assisted(operator_=clerk)
    set_office(clerk, make.office("ST-900"))
    clerk.refresh_from_db()
    assert case.filed_by == clerk
    assert not own_cases(clerk).exists()
    assert at_work(clerk).get(f"/desk/cases/{case.public_id}/").status_code == 404
    assert case in own_cases(make.operator("station"))


def test_the_intake_sees_in_the_admin_what_it_sees_at_the_desk() -> None:
    clerk = make.operator("intake")
    colleague = make.staff(Role.INTAKE, office=make.office("AS-900", "association"))
    with clock.at(make.DAY):
        paper, counter = make.paper(operator_=clerk).application, make.assisted()
        page = at_work(colleague).get("/admin/applications/application/").content.decode()
    assert paper.number in page
    assert counter.number not in page
