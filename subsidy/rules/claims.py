"""What a member says (claims) and what registers and our own records say (facts)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from subsidy.rules.terms import CompetitionRound, Ground, SkillLevel, SocialWorkGrade


@dataclass(frozen=True)
class SkillClaim:
    """A skill certificate (二（一）)."""

    level: SkillLevel
    issued_on: date
    certificate_number: str | None = None
    trade: str | None = None
    awarding_body: str | None = None

    ground = Ground.SKILL

    @property
    def dated_on(self) -> date:
        """Return the date printed on the certificate."""
        return self.issued_on


@dataclass(frozen=True)
class SocialWorkClaim:
    """A social worker's certificate (二（二）)."""

    grade: SocialWorkGrade
    approved_on: date
    registration_number: str | None = None
    issuing_authority: str | None = None
    full_time_union_staff: bool | None = None

    ground = Ground.SOCIAL_WORK

    @property
    def dated_on(self) -> date:
        """Return the date of approval printed on the certificate."""
        return self.approved_on


@dataclass(frozen=True)
class CompetitionClaim:
    """A place in a competition (二（三）)."""

    rank: int
    team: bool
    round: CompetitionRound = CompetitionRound.FINAL
    competition: str | None = None
    trade: str | None = None

    ground = Ground.COMPETITION


Claim = SkillClaim | SocialWorkClaim | CompetitionClaim


@dataclass(frozen=True)
class Facts:
    """What registers and our own records say; None is not known and never gives a reason."""

    is_card_holder: bool | None = None
    card_holder_matches: bool | None = None
    card_holder_differences: tuple[str, ...] = ()
    """Chinese names of the fields that differ, e.g. 姓名; used when card_holder_matches is False."""
    card_number_unusual: bool | None = None
    register_matches: bool | None = None
    """Whether the register of certificates or of competition results holds this very thing."""
    register_differences: tuple[str, ...] = ()
    trade_listed: bool | None = None
    body_listed: bool | None = None
    first_issued_on: date | None = None
    """The date of first obtaining the certificate where it is known to differ from the printed one (E6)."""
    certificate_used: bool | None = None
    already_applied: bool | None = None
    already_paid: bool | None = None
    rank_tied: bool | None = None


NOTHING_KNOWN = Facts()
