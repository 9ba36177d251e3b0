"""Claims of the 2024 year that count, to be varied by the tables."""

from __future__ import annotations

from datetime import date, datetime

from subsidy.rules.eligibility import Claim, CompetitionClaim, Facts, SkillClaim, SocialWorkClaim, assess
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import CompetitionRound, SkillLevel, SocialWorkGrade

L, G, R = SkillLevel, SocialWorkGrade, CompetitionRound
FILED = datetime.fromisoformat("2024-06-18T10:00:00+08:00")
INSIDE = date(2023, 9, 12)
GOOD_NUMBER = "S000011000123232000456"
TECHNICIAN = SkillClaim(L.TWO, INSIDE)
SOCIAL_WORKER = SocialWorkClaim(G.SOCIAL_WORKER, INSIDE)
RUNNER_UP = CompetitionClaim(2, team=False)


def codes(claim: Claim, scheme: Scheme, facts: Facts | None = None, at: datetime | None = FILED) -> list[str]:
    """Return the codes that a claim earns."""
    return [code.value for code in assess(claim, facts or Facts(), scheme, at).codes]
