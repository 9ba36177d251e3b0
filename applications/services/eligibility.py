"""What would somebody get: a claim judged with nothing but the catalogues, nothing stored (F6)."""

from __future__ import annotations

from datetime import datetime

from subsidy.errors import NotFound
from subsidy.registers.services import body_is_listed, trade_is_listed
from subsidy.rules.claims import Claim, Facts, SkillClaim
from subsidy.rules.eligibility import Assessment, assess
from subsidy.schemes.models import Scheme


def published_scheme(year: int) -> Scheme:
    """Return the published scheme of a year; raises NotFound."""
    scheme = Scheme.objects.published().filter(year=year).first()
    if scheme is None:
        raise NotFound("没有这个年度的方案，请核对方案年度。", code="UNKNOWN_SCHEME", field="scheme")
    return scheme


def judge_claim(claim: Claim, *, scheme: Scheme, at: datetime) -> Assessment:
    """Judge a claim as if filed at the instant, by somebody of whom nothing is known."""
    return assess(claim, _catalogue_facts(claim), scheme.rules, at)


def _catalogue_facts(claim: Claim) -> Facts:
    if not isinstance(claim, SkillClaim):
        return Facts()
    return Facts(trade_listed=trade_is_listed(claim.trade), body_listed=body_is_listed(claim.awarding_body))
