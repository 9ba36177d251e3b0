"""What registers and our own records say about an application, and the rules' answer to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from django.db.models import Q

from applications.models import Application, Certificate
from subsidy.registers.models import AwardingBody, CardHolder, CompetitionResult, IssuedCertificate, Trade
from subsidy.rules.certificate_number import unique_form
from subsidy.rules.claims import Claim, CompetitionClaim, Facts, SkillClaim, SocialWorkClaim
from subsidy.rules.eligibility import Assessment, assess
from subsidy.rules.folding import fold_competition, fold_name
from subsidy.rules.identity import is_card_number_unusual, normalise_name
from subsidy.rules.terms import CompetitionRound, Ground, SkillLevel, SocialWorkGrade

T = TypeVar("T")


def claim_of(certificate: Certificate) -> Claim:
    """Turn a stored certificate into what the rules judge."""
    if certificate.ground == Ground.SKILL:
        return SkillClaim(
            level=SkillLevel(certificate.level),
            issued_on=_known(certificate.issued_on),
            certificate_number=certificate.certificate_number or None,
            trade=certificate.trade or None,
            awarding_body=certificate.awarding_body or None,
        )
    if certificate.ground == Ground.SOCIAL_WORK:
        return SocialWorkClaim(
            grade=SocialWorkGrade(certificate.grade),
            approved_on=_known(certificate.approved_on),
            registration_number=certificate.registration_number or None,
            issuing_authority=certificate.issuing_authority or None,
        )
    return CompetitionClaim(
        rank=_known(certificate.rank),
        team=certificate.is_team,
        round=CompetitionRound(certificate.round),
        competition=certificate.competition or None,
        trade=certificate.trade or None,
    )


def certificate_key(certificate: Certificate, person_index: str) -> str:
    """Return the key that may be approved once in all schemes: kind and number, or the placing itself."""
    if certificate.ground == Ground.SKILL:
        return f"{certificate.ground}:{unique_form(certificate.number_key)}"
    if certificate.ground == Ground.SOCIAL_WORK:
        return f"{certificate.ground}:{certificate.number_key}"
    placing = "|".join(
        [fold_competition(certificate.competition), fold_name(certificate.trade), person_index]
    )
    return f"competition:{hashlib.sha256(placing.encode()).hexdigest()}"


def gather(application: Application) -> Facts:
    """Collect what is known; an empty register knows nothing and gives no reason (E9)."""
    person = application.member.resident_id_index or ""
    certificate = application.certificate
    if certificate is None:
        raise ValueError("an application without a certificate has no facts")
    holder = CardHolder.objects.filter(resident_id_index=person, active=True).first()
    differences = tuple(_holder_differences(application, holder)) if holder else ()
    matches, register_differences = _compare_with_register(application, certificate, person)
    others = Application.objects.filter(scheme=application.scheme, person_index=person).exclude(
        pk=application.pk
    )
    key = certificate_key(certificate, person)
    return Facts(
        is_card_holder=holder is not None if CardHolder.objects.exists() else None,
        card_holder_matches=not differences if holder else None,
        card_holder_differences=differences,
        card_number_unusual=is_card_number_unusual(
            application.card_number or "", application.scheme.rules.card
        ),
        register_matches=matches,
        register_differences=register_differences,
        trade_listed=_is_listed(Trade, certificate.trade),
        body_listed=_is_listed(AwardingBody, certificate.awarding_body),
        first_issued_on=certificate.first_issued_on,
        certificate_used=Application.objects.live()
        .filter(certificate_key=key)
        .exclude(pk=application.pk)
        .exists(),
        already_applied=others.live().exists(),
        already_paid=others.filter(payment="paid").exists(),
        rank_tied=_is_tied(certificate),
    )


def assess_application(application: Application, *, at: datetime) -> Assessment:
    """Judge an application as filed at the instant (its first filing, where it has one)."""
    if application.certificate is None:
        raise ValueError("an application without a certificate cannot be judged")
    return assess(
        claim_of(application.certificate),
        gather(application),
        application.scheme.rules,
        application.first_filed_at or at,
    )


def _holder_differences(application: Application, holder: CardHolder) -> Iterator[str]:
    if holder.name_key != normalise_name(application.name or application.member.name):
        yield "姓名"
    if holder.card_index != application.card_index:
        yield "互助服务卡卡号"


def _compare_with_register(
    application: Application, certificate: Certificate, person: str
) -> tuple[bool | None, tuple[str, ...]]:
    if certificate.ground == Ground.SKILL:
        issued = IssuedCertificate.objects.filter(number_key=certificate.number_key).first()
        if issued is None:
            return None, ()
        differences = tuple(_certificate_differences(application, certificate, issued, person))
        return not differences, differences
    if certificate.ground == Ground.COMPETITION:
        results = CompetitionResult.objects.filter(resident_id_index=person, rank=_known(certificate.rank))
        found = any(_same_event(result, certificate) for result in results)
        return (True, ()) if found else (None, ())
    return None, ()


def _certificate_differences(
    application: Application, certificate: Certificate, issued: IssuedCertificate, person: str
) -> Iterator[str]:
    if issued.name_key != normalise_name(application.name or application.member.name):
        yield "姓名"
    if issued.resident_id_index != person:
        yield "证件号码"
    if issued.level != certificate.level:
        yield "技能等级"
    if issued.issued_on != certificate.issued_on:
        yield "颁证日期"
    if fold_name(issued.trade) != fold_name(certificate.trade):
        yield "工种名称"
    if fold_name(issued.awarding_body) != fold_name(certificate.awarding_body):
        yield "鉴定（认定）机构名称"


def _same_event(result: CompetitionResult, certificate: Certificate) -> bool:
    return fold_competition(result.edition) == fold_competition(certificate.competition) and fold_name(
        result.trade
    ) == fold_name(certificate.trade)


def _is_listed(catalogue: type[Trade] | type[AwardingBody], name: str) -> bool | None:
    if not name or not catalogue.objects.exists():
        return None
    key = fold_name(name)
    return catalogue.objects.filter(Q(name_key=key) | Q(search_key__contains=f"|{key}|")).exists()


def _is_tied(certificate: Certificate) -> bool | None:
    if certificate.ground != Ground.COMPETITION or not CompetitionResult.objects.exists():
        return None
    same = CompetitionResult.objects.filter(
        rank=_known(certificate.rank), round=certificate.round, is_team=False
    )
    return sum(_same_event(result, certificate) for result in same) > 1


def _known(value: T | None) -> T:
    if value is None:
        raise ValueError("a stored certificate of this ground has this value (database constraint)")
    return value
