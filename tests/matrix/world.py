"""One prepared year of things to ask for: cases in several states, files, money, registers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from applications.models import Appeal, Application
from applications.services.assisted import draft_for, submit_for
from applications.services.attachments import attach
from applications.services.filing import submit
from applications.services.intake import receive
from applications.services.objections import object_to
from payouts.models import PayoutBatch
from payouts.services import record_recovery
from review.services import take
from subsidy import clock
from subsidy.accounts.enums import CorrectionField
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.services import (
    change_mobile,
    member_actor,
    redeem_code,
    request_code,
    request_correction,
    request_mobile_code,
    staff_actor,
)
from subsidy.accounts.services.places import load_districts
from subsidy.audit.actors import SYSTEM, Actor
from subsidy.audit.models import AuditSeal
from subsidy.registers.models import IssuedCertificate
from subsidy.registers.services import load_starter_catalogues
from subsidy.rules.identity import normalise_name
from subsidy.rules.terms import AttachmentKind, Channel, Ground
from subsidy.uploads import accept
from tests import make
from tests.accounts.people import IP, NONCE, last_code
from tests.matrix.people import People, invited
from tests.pages.browser import decide, photo
from tests.payouts.money import Desk, answer

OWN_CASES: Final = {"hotline": "hotline_case", "hotline2": "hotline_case"}
"""Whose case a staff row speaks of: the hotline's for hotline staff, the station's for everybody else."""


@dataclass
class World:
    """Everybody, and everything by the name that the table uses."""

    people: People
    things: dict[str, Any]
    _known: dict[Any, dict[str, Any]] = field(default_factory=dict)

    def thing(self, of: str, subject: str) -> Any:
        """Return what a row speaks of; "case" is a case that staff filed, one of the subject's own kind."""
        return self.things[OWN_CASES.get(subject, "station_case") if of == "case" else of]

    def owner(self, of: str, subject: str) -> Member:
        """Return the member whom the thing is about."""
        member = self.things.get(f"{of}:owner") or getattr(self.things.get(of), "member", None)
        return member if isinstance(member, Member) else self.case(of, subject).member

    def case(self, of: str, subject: str) -> Application:
        """Return the application behind the thing, so that its owner is known."""
        thing = self.things.get(of) or self.thing("case", subject)
        return thing if isinstance(thing, Application) else self.things["station_case"]

    def arguments(self, names: tuple[str, ...], of: str, subject: str) -> dict[str, Any]:
        """Return what an address is filled with."""
        asked = (names, of, OWN_CASES.get(subject, ""))
        if asked not in self._known:
            self._known[asked] = {name: self._argument(name, names, of, subject) for name in names}
        return self._known[asked]

    def _argument(self, name: str, names: tuple[str, ...], of: str, subject: str) -> Any:
        case = self.case(of, subject)
        if name == "attachment_id" or (name == "public_id" and "pk" in names):
            return self._picture(case).public_id
        if name in ("id", "public_id"):
            return case.public_id
        if name == "content_type_id":
            return ContentType.objects.get_for_model(Application).pk
        if name == "file_pk":
            return self.things["batch"].files.get(format="txt", part=1).pk
        if name == "object_id":
            return self._row(of, subject).pk
        if name == "pk":
            return (self.things.get(of) or self._row(of or "submitted", subject)).pk
        return {"token": "no-such-token", "deed": "unlock"}.get(name, of)

    def _picture(self, case: Application) -> Any:
        return case.attachments.order_by("pk").first() or self.things["draft"].attachments.earliest("pk")

    def _row(self, of: str, subject: str) -> Model:
        if "." not in of:
            return self.case(of, subject) if of in ("", "case") else self.things[of]
        model = apps.get_model(of)
        if model is Application:
            return self.case("case", subject)
        row = self.things.get(of) or model._base_manager.order_by("pk").first()
        assert row is not None, f"tests/matrix/world.py prepares no {of}; add one there"
        return row


def prepared() -> World:
    """Make the year."""
    people = invited()
    with clock.at(make.DAY):
        make.scheme()
        _registers()
        things: dict[str, Any] = {
            "draft": _pictured(make.draft(), None),
            "roster": make.roster_place(),
            "hotline_case": _assisted(people.staff["hotline"], Channel.HOTLINE),
            "station_case": _assisted(people.staff["station"], Channel.STATION),
            "station_draft": _assisted_draft(people.staff["station"], Channel.STATION),
            "paper": _paper(people.staff["intake"]),
            "accounts.staffuser": people.staff["idle"],
            "superuser": people.staff["root"],
        }
        things |= _decided(people) | _money(people) | _requests()
        things["review.queueitem"] = things["submitted"]
        things["applications.attachment"] = things["paper"].attachments.get()
        case = things["station_case"]
        things["objection"] = object_to(case, member=case.member, text="我没有去过服务站")
        Appeal.objects.create(application=things["rejected"], text="请再看一次", raised_at=clock.now())
        # Rows are sealed once committed, and this year never is.
        AuditSeal.objects.create(
            first=1,
            last=1,
            count=1,
            row_ids=[1],
            row_digests=b"1" * 32,
            horizon=1,
            previous="0" * 64,
            sha256="1" * 64,
            sealed_at=clock.real_now(),
        )
    return World(people, things)


def _registers() -> None:
    load_districts()
    load_starter_catalogues(actor=SYSTEM)
    make.card_holder(make.member())
    number, name = make.certificate_number(900), "王建国"
    IssuedCertificate.objects.create(
        name=name,
        name_key=normalise_name(name),
        resident_id_index="0" * 64,
        number=number,
        number_key=number,
        trade="汽车装调工",
        level="2",
        issued_on="2023-09-12",
        awarding_body="北京市职业技能鉴定管理中心",
    )


def _pictured(application: Application, actor: Actor | None) -> Application:
    upload = accept(photo())
    attach(
        application,
        actor=actor or member_actor(application.member),
        kind=AttachmentKind.CERTIFICATE,
        upload=upload,
    )
    return application


def _assisted_draft(operator: StaffUser, channel: Channel) -> Application:
    draft = draft_for(
        make.person(),
        make.consented(),
        scheme=make.scheme(),
        ground=Ground.SKILL,
        channel=channel,
        operator=operator,
    )
    return _pictured(draft, staff_actor(operator))


def _assisted(operator: StaffUser, channel: Channel) -> Application:
    draft = _assisted_draft(operator, channel)
    return submit_for(draft, operator=operator, version=draft.version)


def _paper(operator: StaffUser) -> Application:
    """Return a dossier in which the certificate's copy is still missing."""
    receipt = receive(
        make.person(),
        make.consented(make.social_work(901)),
        make.dossier(has_certificate=False),
        scheme=make.scheme(),
        operator=operator,
    )
    return _pictured(receipt.application, staff_actor(operator))


def _submitted() -> Application:
    draft = _pictured(make.draft(), None)
    return submit(draft, actor=member_actor(draft.member), version=draft.version)


def _decided(people: People) -> dict[str, Any]:
    reviewer = people.staff["reviewer"]
    things = {
        name: decide(_submitted(), deed, reviewer)
        for name, deed in (("returned", "return"), ("rejected", "reject"), ("approved", "approve"))
    }
    things["submitted"] = _submitted()
    take(things["submitted"], reviewer=reviewer)
    return things


def _requests() -> dict[str, Any]:
    """Return what two members asked of the office: another name, and an answer about a changed number."""
    asked = request_correction(
        make.member(), field=CorrectionField.NAME, value="王建囯", reason="打错了一个字"
    )
    person, mobile = make.member(), make.mobile(70_000_001)
    old = person.mobile or ""
    request_mobile_code(person, mobile, nonce=NONCE, ip=IP)
    changed = change_mobile(person, mobile, last_code(), nonce=NONCE, ip=IP)
    request_code(old, nonce=NONCE, ip=IP)
    holder = redeem_code(old, last_code(), nonce=NONCE, ip=IP)
    change = changed.mobile_changes.get()
    return {"correction": asked, "mobile_change": change, "mobile_change:owner": holder}


def _money(people: People) -> dict[str, Any]:
    staff = people.staff
    desk = Desk(make.scheme(), staff["finance_maker"], staff["finance_checker"], staff["reviewer"])
    paid = desk.apply(answer(desk.sent(2)).bytes()).batch
    line = paid.lines.order_by("pk").first()
    record_recovery(line, by=desk.checker, amount=line.amount, reason="收款凭证 000123")
    batch: PayoutBatch = desk.sent(1)
    things = {"batch": batch, "result": desk.stage(answer(batch).bytes()), "line": batch.lines.get()}
    return things | {"paid": paid.lines.order_by("pk").last().application, "scheme": desk.scheme}
