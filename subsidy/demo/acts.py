"""What members, stations, intake and reviewers do in the seeded year, each through its own service."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from applications.consent import CURRENT
from applications.models import Application
from applications.models.dossier import AttachmentKind
from applications.services.assisted import file_for
from applications.services.attachments import attach
from applications.services.cards import correct_card
from applications.services.confirming import confirm, decline
from applications.services.desks import Person as Applicant
from applications.services.drafts import Filing, change_draft, save_draft
from applications.services.filing import resubmit, submit, withdraw
from applications.services.intake import Dossier, receive_and_file
from applications.services.roster import prepare_from_roster
from review.services import approve, reject, return_for_correction, revoke, take
from subsidy import clock
from subsidy.accounts.models import District, Member, StaffUser
from subsidy.accounts.services import member_actor, redeem_code, request_code, update_profile
from subsidy.crypto import blind_index
from subsidy.demo.codes import latest_code
from subsidy.demo.people import Person, registration_number
from subsidy.demo.pictures import certificate_picture
from subsidy.demo.registers import COMPETITION, claimed, load_results
from subsidy.demo.stories import Act, Case
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme
from subsidy.uploads import accept

BROWSER: Final = "demo-browser"
REJECTIONS: Final = ("CERTIFICATE_NOT_FOUND", "NOT_A_MEMBER", "IDENTITY_MISMATCH")
REMARKS: Final[tuple[dict[str, str], ...]] = (
    {
        "certificate_number": "与证书照片不一致，请对照证书逐位核对。",
        "picture": "照片有反光，请重新拍摄。",
    },
    {"issued_on": "请填写首次取得证书的日期。"},
)


@dataclass(frozen=True, slots=True)
class Desk:
    """The scheme, the staff by log-in, and whose certificate somebody else also filed."""

    scheme: Scheme
    staff: Mapping[str, StaffUser]
    copied: Person

    def reviewer(self, case: Case) -> StaffUser:
        """Return the reviewer who has this person's case."""
        return self.staff["reviewer1" if case.person.serial % 2 else "reviewer2"]


def perform(act: Act, desk: Desk, case: Case) -> None:
    """Let one person's case go one step further, at the business instant held by the caller."""
    ACTS[act](desk, case)


def _begin(desk: Desk, case: Case) -> None:
    _draft(desk, case, certificate=_certificate(claimed(case, desk.copied)))


def _begin_empty(desk: Desk, case: Case) -> None:
    _draft(desk, case, certificate=None)


def _file(desk: Desk, case: Case) -> None:
    if case.channel is Channel.PAPER:
        _file_paper(desk, case)
        return
    if case.channel is not Channel.MEMBER:
        _file_for(desk, case, case.channel)
        return
    _begin(desk, case)
    application = _application(case)
    if case.person.serial % 4:
        _take_picture(case, application)
    submit(application, actor=member_actor(application.member), version=application.version)


def _file_for(desk: Desk, case: Case, channel: Channel) -> None:
    hotline, serial = channel is Channel.HOTLINE, case.person.serial
    evidence = f"通话录音 {serial + 1:06d}" if hotline else "本人到站签署代报同意书"
    application = file_for(
        _on_paper(case.person),
        Filing(
            _certificate(claimed(case, desk.copied)),
            case.person.card_number,
            consent_version=CURRENT,
            consent_evidence=evidence,
        ),
        scheme=desk.scheme,
        ground=Ground.SKILL,
        channel=channel,
        operator=desk.staff["hotline1" if hotline else f"station{serial // 6 % 2 + 1}"],
    )
    case.member_id, case.application_id = application.member_id, application.pk


def _file_paper(desk: Desk, case: Case) -> None:
    is_senior, serial = case.place % 2 == 0, case.person.serial
    certificate = {
        "grade": "senior" if is_senior else "social_worker",
        "registration_number": registration_number(serial),
        "approved_on": case.person.issued_on,
        "issuing_authority": "北京市人力资源和社会保障局",
    }
    receipt = receive_and_file(
        _on_paper(case.person),
        Filing(certificate, case.person.card_number, consent_version=CURRENT),
        Dossier(clock.today() - timedelta(days=1), True, True, True, True, f"甲柜 {serial + 1:04d}"),
        scheme=desk.scheme,
        operator=desk.staff["intake1"],
    )
    case.member_id, case.application_id = receipt.application.member_id, receipt.application.pk


def _on_paper(person: Person) -> Applicant:
    return Applicant(
        person.name,
        person.resident_id,
        person.mobile,
        person.card_number,
        person.employer,
        person.position,
    )


def _return(desk: Desk, case: Case) -> None:
    reviewer, application = _taken(desk, case)
    return_for_correction(
        application,
        reviewer=reviewer,
        version=application.version,
        remarks=REMARKS[case.place % len(REMARKS)],
        note="请按逐项意见补正后再次提交。",
    )


def _resubmit(desk: Desk, case: Case) -> None:
    application = _application(case)
    actor = member_actor(application.member)
    _take_picture(case, application)
    changed = change_draft(
        application, Filing(position=case.person.position), actor=actor, version=application.version
    )
    resubmit(changed, actor=actor, version=changed.version)


def _approve(desk: Desk, case: Case) -> None:
    reviewer, application = _taken(desk, case)
    approve(application, reviewer=reviewer, version=application.version)


def _reject(desk: Desk, case: Case) -> None:
    reviewer, application = _taken(desk, case)
    code = REJECTIONS[case.place % len(REJECTIONS)]
    reject(application, reviewer=reviewer, version=application.version, reasons=[code])


def _withdraw(desk: Desk, case: Case) -> None:
    application = _application(case)
    actor = member_actor(application.member)
    withdraw(application, actor=actor, version=application.version, note="想先核对证书，之后再申报。")


def _revoke(desk: Desk, case: Case) -> None:
    application = _application(case)
    note = "复查发现证书为换发，首次取得日期不在 2023 年。"
    revoke(application, reviewer=desk.staff["lead1"], version=application.version, note=note)


def _correct_card(desk: Desk, case: Case) -> None:
    application = _application(case)
    correct_card(
        application,
        actor=member_actor(application.member),
        version=application.version,
        card_number=case.person.new_card_number,
    )


def _confirm(desk: Desk, case: Case) -> None:
    application, member = _application(case), _signed_in(case)
    confirm(
        application,
        actor=member_actor(member),
        version=application.version,
        card_number=case.person.card_number,
        consent_version=CURRENT,
    )


def _decline(desk: Desk, case: Case) -> None:
    application, member = _application(case), _signed_in(case)
    decline(application, actor=member_actor(member), version=application.version)


def import_results(desk: Desk, winners: Sequence[Case], also_ran: Sequence[Person]) -> None:
    """Let the administrator fill the register of the competition."""
    load_results(winners, also_ran, by=desk.staff["admin1"])


def prepare_roster(desk: Desk, winners: Sequence[Case]) -> None:
    """Let the association prepare the winners' applications from the roster, each to be confirmed."""
    prepare_from_roster(desk.scheme, edition=COMPETITION, operator=desk.staff["intake1"])
    for case in winners:
        index = blind_index("resident_id", case.person.resident_id)
        case.application_id = Application.objects.get(member__resident_id_index=index).pk


ACTS: Final[Mapping[Act, Callable[[Desk, Case], None]]] = {
    Act.BEGIN: _begin,
    Act.BEGIN_EMPTY: _begin_empty,
    Act.FILE: _file,
    Act.FILE_PAPER: _file_paper,
    Act.RETURN: _return,
    Act.RESUBMIT: _resubmit,
    Act.APPROVE: _approve,
    Act.REJECT: _reject,
    Act.WITHDRAW: _withdraw,
    Act.REVOKE: _revoke,
    Act.CORRECT_CARD: _correct_card,
    Act.CONFIRM: _confirm,
    Act.DECLINE: _decline,
}


def _draft(desk: Desk, case: Case, *, certificate: dict[str, Any] | None) -> None:
    member = _signed_in(case)
    filing = Filing(certificate, case.person.card_number, consent_version=CURRENT if certificate else "")
    application = save_draft(
        member, filing, scheme=desk.scheme, ground=Ground.SKILL, actor=member_actor(member)
    )
    case.application_id = application.pk


def _signed_in(case: Case) -> Member:
    """Sign in by code and fill in the first page, once."""
    if case.member_id:
        return Member.objects.get(pk=case.member_id)
    person = case.person
    request_code(person.mobile, nonce=BROWSER, ip="")
    blank = redeem_code(person.mobile, latest_code(person.mobile), nonce=BROWSER, ip="")
    member = update_profile(
        blank,
        name=person.name,
        resident_id=person.resident_id,
        mobile=person.mobile,
        card_number=person.card_number,
        employer=person.employer,
        position=person.position,
        district=District.objects.get(code=person.district_code),
    )
    case.member_id = member.pk
    return member


def _certificate(person: Person) -> dict[str, Any]:
    return {
        "trade": person.trade,
        "level": person.level,
        "certificate_number": person.certificate_number,
        "issued_on": person.issued_on,
        "awarding_body": person.awarding_body,
    }


def _take_picture(case: Case, application: Application) -> None:
    again = application.attachments.exists()
    picture = certificate_picture(case.person, tilt=0.4 if again else (case.person.serial % 5 - 2) * 0.7)
    upload = accept(io.BytesIO(picture))
    actor = member_actor(application.member)
    attach(application, actor=actor, kind=AttachmentKind.CERTIFICATE, upload=upload)


def _application(case: Case) -> Application:
    return Application.objects.select_related("member", "scheme").get(pk=case.application_id)


def _taken(desk: Desk, case: Case) -> tuple[StaffUser, Application]:
    reviewer, application = desk.reviewer(case), _application(case)
    take(application, reviewer=reviewer)
    return reviewer, application
