"""What the authorities' registers say about the invented people: mostly the same, sometimes not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from subsidy import clock
from subsidy.accounts.models import District, StaffUser
from subsidy.accounts.services import staff_actor
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.demo.people import Person
from subsidy.demo.stories import Agreement, Case
from subsidy.registers.models import CardHolder, CompetitionResult, IssuedCertificate, RegisterImport
from subsidy.rules.certificate_number import normalise
from subsidy.rules.identity import normalise_name
from subsidy.rules.terms import CompetitionRound

HAS_CERTIFICATE: Final = frozenset({Agreement.AGREES, Agreement.OTHER_DATE, Agreement.OTHER_CARD})
Row = CardHolder | IssuedCertificate | CompetitionResult
COMPETITION: Final = "2023 年北京市职工职业技能大赛"
OTHER_DOT: Final = "•"
REWARDED: Final = 10


def claimed(case: Case, other: Person) -> Person:
    """Return the person with the certificate as they will file it; `other` is whose certificate is used."""
    one, number = case.person, case.person.certificate_number
    changed = {
        Agreement.OTHER_PROVINCE: f"{number[:5]}13{number[7:]}",
        Agreement.MINISTRY: f"{number[:1]}1007{number[5:]}",
        Agreement.OTHER_YEAR: f"{number[:13]}22{number[15:]}",
    }
    if case.agreement is Agreement.UNLISTED_BODY:
        return replace(one, awarding_body="北京样例职业培训学校")
    if case.agreement is Agreement.USED:
        return replace(
            one,
            trade=other.trade,
            level=other.level,
            certificate_number=other.certificate_number,
            issued_on=other.issued_on,
            awarding_body=other.awarding_body,
        )
    return replace(one, certificate_number=changed.get(case.agreement, number))


def load_registers(cases: Iterable[Case], strangers: Iterable[Person], *, by: StaffUser) -> None:
    """Fill the registers of card holders and of issued certificates; strangers have not filed."""
    cases, strangers = list(cases), list(strangers)
    districts = {district.code: district for district in District.objects.all()}
    known = [case for case in cases if case.agreement is not Agreement.NOT_A_HOLDER]
    holders = [
        *(_holder(case.person, districts, other=case.agreement is Agreement.OTHER_CARD) for case in known),
        *(_holder(person, districts) for person in strangers),
    ]
    issued = [
        *(_issued(case.person, case.agreement) for case in cases if case.agreement in HAS_CERTIFICATE),
        *(_issued(person, Agreement.AGREES) for person in strangers),
    ]
    _name_source("card_holders", holders, by)
    _name_source("certificates", issued, by)
    CardHolder.objects.bulk_create(holders)
    IssuedCertificate.objects.bulk_create(issued)


def load_results(winners: Iterable[Case], also_ran: Iterable[Person], *, by: StaffUser) -> None:
    """Fill the register of the competition; who also ran is beyond the places that the plan rewards."""
    results = [
        *(_result(case.person, rank=1 + case.place % REWARDED) for case in winners),
        *(_result(person, rank=REWARDED + 1 + place) for place, person in enumerate(also_ran)),
    ]
    _name_source("competition", results, by)
    CompetitionResult.objects.bulk_create(results)


def _name_source(kind: str, rows: Sequence[Row], by: StaffUser) -> None:
    run = RegisterImport.objects.create(
        kind=kind,
        file_name=f"{kind}-演示.xlsx",
        sha256=hashlib.sha256(f"demo:{kind}:{clock.now()}".encode()).hexdigest(),
        row_count=len(rows),
        imported_by=by,
        imported_at=clock.now(),
    )
    data = {"rows": len(rows)}
    record("register.import", actor=staff_actor(by), target=f"register-import:{run.pk}", data=data)
    for row in rows:
        row.source = run


def _holder(person: Person, districts: dict[str, District], *, other: bool = False) -> CardHolder:
    name = person.name.replace("·", OTHER_DOT)
    number = person.new_card_number if other else person.card_number
    return CardHolder(
        name=name,
        name_key=normalise_name(name),
        resident_id=person.resident_id,
        resident_id_index=blind_index("resident_id", person.resident_id),
        card_number=number,
        card_index=blind_index("card", number),
        card_tail=number[-4:],
        mobile=person.mobile,
        mobile_index=blind_index("mobile", person.mobile),
        union_name=f"{person.employer}工会",
        district=districts[person.district_code],
    )


def _result(person: Person, *, rank: int) -> CompetitionResult:
    return CompetitionResult(
        edition=COMPETITION,
        trade=person.trade,
        round=CompetitionRound.FINAL.value,
        rank=rank,
        name=person.name,
        resident_id=person.resident_id,
        resident_id_index=blind_index("resident_id", person.resident_id),
        mobile=person.mobile,
        employer=person.employer,
    )


def _issued(person: Person, agreement: Agreement) -> IssuedCertificate:
    later = timedelta(days=3 if agreement is Agreement.OTHER_DATE else 0)
    return IssuedCertificate(
        name=person.name,
        name_key=normalise_name(person.name),
        resident_id_index=blind_index("resident_id", person.resident_id),
        number=person.certificate_number,
        number_key=normalise(person.certificate_number),
        trade=person.trade,
        level=person.level,
        issued_on=person.issued_on + later,
        awarding_body=person.awarding_body,
    )
