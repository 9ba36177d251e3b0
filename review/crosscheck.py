"""The fields of a case beside what the loaded registers say (V2)."""

from __future__ import annotations

from collections.abc import Iterator

from applications.models import Application, Certificate
from review.comparison import Match, Row, by_digest, by_name, by_value, day
from subsidy.registers.models import CardHolder, CompetitionResult, IssuedCertificate
from subsidy.rules.certificate_number import normalise
from subsidy.rules.folding import fold_competition, fold_name
from subsidy.rules.identity import mask_card, mask_mobile
from subsidy.rules.terms import CompetitionRound, Ground, SkillLevel

_LEVELS = {level.value: level.label for level in SkillLevel}
_ROUNDS = {round_.value: round_.label for round_ in CompetitionRound}


def compare(application: Application) -> Iterator[Row]:
    """Yield the comparison, person first, then what the application rests on, then the card."""
    holder = CardHolder.objects.filter(
        resident_id_index=application.person_index or application.member.resident_id_index, active=True
    ).first()
    certificate = application.certificate
    if certificate is None:
        raise ValueError("a filed application has its certificate")
    if certificate.ground == Ground.SKILL:
        issued = _issued(certificate)
        yield from _person(application, holder, issued.name if issued else None, issued)
        yield from _skill(certificate, issued)
    elif certificate.ground == Ground.COMPETITION:
        result = _result(application, certificate)
        yield from _person(application, holder, result.name if result else None, None)
        yield from _competition(certificate, result)
    else:
        yield from _person(application, holder, None, None)
        yield from _social_work(certificate)
    yield from _card(application, holder)


def _person(
    application: Application, holder: CardHolder | None, name: str | None, issued: IssuedCertificate | None
) -> Iterator[Row]:
    yield by_name("name", "姓名", application.name, name or (holder.name if holder else None))
    masked = application.member.masked_resident_id
    if issued is not None:
        same = issued.resident_id_index == application.person_index
        yield by_digest(
            "resident_id", "证件号码", masked, masked if same else "登记的是另一号码", is_same=same
        )
    else:
        yield by_digest("resident_id", "证件号码", masked, masked if holder else None, is_same=True)


def _skill(certificate: Certificate, issued: IssuedCertificate | None) -> Iterator[Row]:
    yield by_value(
        "certificate_number",
        "证书编号",
        normalise(certificate.certificate_number),
        issued.number_key if issued else None,
        code=True,
    )
    level = _LEVELS.get(issued.level, issued.level) if issued else None
    yield by_value("level", "技能等级", certificate.get_level_display(), level)
    yield by_value(
        "issued_on", "颁证日期", day(certificate.issued_on), day(issued.issued_on) if issued else None
    )
    yield by_name(
        "trade", "工种名称", certificate.trade, issued.trade if issued else _entry_name(certificate, "trade")
    )
    body = issued.awarding_body if issued else _entry_name(certificate, "awarding_body")
    yield by_name("awarding_body", "鉴定机构", certificate.awarding_body, body)


def _social_work(certificate: Certificate) -> Iterator[Row]:
    yield Row("grade", "级别", certificate.get_grade_display(), "", Match.NONE)
    yield Row("registration_number", "管理号", certificate.registration_number, "", Match.NONE, code=True)
    yield Row("approved_on", "批准日期", day(certificate.approved_on), "", Match.NONE)
    yield Row("issuing_authority", "签发单位", certificate.issuing_authority, "", Match.NONE)


def _competition(certificate: Certificate, result: CompetitionResult | None) -> Iterator[Row]:
    yield by_name("competition", "赛事名称", certificate.competition, result.edition if result else None)
    yield by_name("trade", "工种名称", certificate.trade, result.trade if result else None)
    round_ = _ROUNDS.get(result.round, result.round) if result else None
    yield by_value("round", "赛段", certificate.get_round_display(), round_)
    rank = f"第 {result.rank} 名" if result else None
    yield by_value("rank", "名次", f"第 {certificate.rank} 名", rank)


def _card(application: Application, holder: CardHolder | None) -> Iterator[Row]:
    same = holder is not None and holder.card_index == application.card_index
    recorded = mask_card(holder.card_number) if holder else None
    yield by_digest(
        "card_number", "互助服务卡", application.masked_card, recorded, is_same=same, word="本人持卡"
    )
    mobile = mask_mobile(holder.mobile) if holder and holder.mobile else None
    same = holder is not None and holder.mobile_index == application.member.mobile_index
    yield by_digest("mobile", "手机号", application.member.masked_mobile, mobile, is_same=same)


def _issued(certificate: Certificate) -> IssuedCertificate | None:
    return IssuedCertificate.objects.filter(number_key=certificate.number_key).first()


def _result(application: Application, certificate: Certificate) -> CompetitionResult | None:
    person = application.person_index or application.member.resident_id_index or ""
    trade, event = fold_name(certificate.trade), fold_competition(certificate.competition)
    results = CompetitionResult.objects.filter(resident_id_index=person, is_team=certificate.is_team)
    same_event = [one for one in results if fold_competition(one.edition) == event]
    return next((one for one in same_event if fold_name(one.trade) == trade), next(iter(same_event), None))


def _entry_name(certificate: Certificate, field: str) -> str | None:
    """Return the catalogue's own name of a trade or body that the member picked."""
    entry = getattr(certificate, f"{field}_entry")
    return entry.name if entry else None
