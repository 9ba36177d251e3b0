"""Papers for what the member typed or filed online: taken in by number, switched to at the desk (F3, F5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from applications.models import Application, PaperDossier
from applications.services.drafts import Filing, save_draft
from applications.services.filing import submit
from applications.services.intake import (
    file_dossier,
    receive_and_file,
    take_in,
)
from applications.services.switching import switch
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor
from subsidy.errors import Conflict, NotFound, RuleRefused, SubsidyError
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme
from tests import make

pytestmark = pytest.mark.django_db
LAST_DAY = date(2024, 10, 31)
AFTER = datetime(2024, 11, 6, 9, tzinfo=clock.SHANGHAI)


def typed_online(person: Member | None = None) -> Application:
    person = person or make.member()
    filing = Filing(make.social_work(5), person.card_number, consent_version="2024-01")
    plan = make.scheme()
    with clock.at(make.DAY):
        return save_draft(
            person,
            filing,
            scheme=plan,
            ground=Ground.SOCIAL_WORK,
            channel=Channel.PAPER,
            actor=member_actor(person),
        )


@pytest.mark.req("F3")
def test_the_papers_of_a_draft_typed_online_are_registered_by_number() -> None:
    draft, clerk = typed_online(), make.operator(Role.INTAKE)
    with clock.at(make.DAY):
        receipt = take_in(draft.number, draft.member.resident_id or "", make.dossier(), operator=clerk)
        taken = receipt.application
        assert (receipt.missing, taken.filed_by, taken.office) == ((), clerk, clerk.office)
        filed = file_dossier(taken, operator=clerk, version=taken.version)
    assert (filed.pk, filed.status) == (draft.pk, "submitted")


@pytest.mark.req("F3", "P2")
def test_a_member_cannot_submit_the_typed_draft_and_is_told_what_to_do() -> None:
    draft = typed_online()
    with clock.at(make.DAY), pytest.raises(RuleRefused) as refused:
        submit(draft, actor=member_actor(draft.member), version=draft.version)
    assert refused.value.errors[0].field == "received_on"
    assert "送交市职工技术协会" in refused.value.errors[0].message


def test_papers_are_registered_once() -> None:
    draft, clerk = typed_online(), make.operator(Role.INTAKE)
    holder = draft.member.resident_id or ""
    with clock.at(make.DAY):
        take_in(draft.number, holder, make.dossier(has_card=False), operator=clerk)
        with pytest.raises(Conflict) as refused:
            take_in(draft.number, holder, make.dossier(), operator=clerk)
    assert refused.value.code == "ALREADY_RECEIVED"


def test_a_skill_draft_takes_no_papers() -> None:
    draft = make.draft()
    with clock.at(make.DAY), pytest.raises(Conflict, match="不是等待纸质材料"):
        take_in(
            draft.number,
            draft.member.resident_id or "",
            make.dossier(),
            operator=make.operator(Role.INTAKE),
        )


@pytest.mark.req("F5", "E7", "E8")
def test_a_member_switches_to_social_work_when_intake_receives_the_dossier() -> None:
    early = datetime(2024, 3, 1, 9, tzinfo=clock.SHANGHAI)
    owner = make.member(81, name="李秀英")
    skill = make.submitted(owner, at=early)
    clerk, plan = make.operator(Role.INTAKE), make.scheme()
    with clock.at(make.DAY):
        filed = receive_and_file(
            make.person(81),
            Filing(make.social_work(1), consent_version="2024-01"),
            make.dossier(),
            scheme=plan,
            operator=clerk,
            switch_from=skill,
            choice="申请表上注明改报",
        ).application
    skill.refresh_from_db()
    assert (skill.status, filed.status, filed.replaces) == ("withdrawn", "submitted", skill)
    assert filed.first_filed_at == early


@pytest.mark.req("E7")
def test_without_a_switch_the_dossier_of_who_already_applied_is_refused() -> None:
    make.submitted(make.member(82, name="李秀英"))
    with pytest.raises(RuleRefused) as refused:
        make.paper(make.person(82))
    assert refused.value.code == "ALREADY_APPLIED"
    assert PaperDossier.objects.count() == 0


@pytest.mark.req("F5")
def test_somebody_elses_application_cannot_be_switched_from() -> None:
    stranger, clerk, plan = make.submitted(), make.operator(Role.INTAKE), make.scheme()
    with clock.at(make.DAY), pytest.raises(NotFound) as refused:
        receive_and_file(
            make.person(),
            Filing(make.social_work(1), consent_version="2024-01"),
            make.dossier(),
            scheme=plan,
            operator=clerk,
            switch_from=stranger,
            choice="签字",
        )
    assert refused.value.field == "switch_from"
    stranger.refresh_from_db()
    assert stranger.status == "submitted"


@pytest.mark.django_db(transaction=True)
def test_two_clerks_register_the_same_papers_at_once_and_one_succeeds(
    thread_race: Callable[..., list[object]],
) -> None:
    draft = typed_online()
    holder = draft.member.resident_id or ""
    clerks = [make.operator(Role.INTAKE) for _ in range(2)]

    def work(n: int) -> str:
        try:
            with clock.at(make.DAY):
                take_in(draft.number, holder, make.dossier(), operator=clerks[n])
        except Conflict as error:
            return error.code
        return "received"

    assert sorted(map(str, thread_race(work, times=2))) == ["ALREADY_RECEIVED", "received"]
    assert PaperDossier.objects.count() == 1


@pytest.mark.req("E7", "F5")
@pytest.mark.django_db(transaction=True)
def test_the_dossier_and_the_members_own_switch_at_once_leave_one_grant(
    thread_race: Callable[..., list[object]],
) -> None:
    plan, clerk = make.scheme(), make.operator(Role.INTAKE)
    for n in range(83, 89):
        old = make.submitted(make.member(n, name="李秀英"))
        both = _switchers(old, n, plan, clerk)
        said = thread_race(lambda i, both=both: both[i](), times=2)
        assert sorted(map(str, said)) in (["STALE_VERSION", "received"], ["WRONG_STATUS", "switched"])
        assert Application.objects.live().filter(member=old.member).count() == 1


def _switchers(old: Application, n: int, plan: Scheme, clerk: StaffUser) -> list[Callable[[], str]]:
    def receiving() -> str:
        try:
            with clock.at(make.DAY):
                receive_and_file(
                    make.person(n),
                    Filing(make.social_work(n), consent_version="2024-01"),
                    make.dossier(),
                    scheme=plan,
                    operator=clerk,
                    switch_from=old,
                    choice="申请表上注明改报",
                )
        except SubsidyError as error:
            return error.code
        return "received"

    def switching() -> str:
        try:
            with clock.at(make.DAY):
                filing = Filing(make.skill(9_000 + n))
                switch(old, actor=member_actor(old.member), version=old.version, filing=filing)
        except SubsidyError as error:
            return error.code
        return "switched"

    return [receiving, switching]
