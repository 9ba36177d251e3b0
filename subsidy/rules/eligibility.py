"""Who is eligible and for how much: a claim judged by a scheme, every outcome explained (E1–E9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from subsidy.rules.claim_rules import competition_findings, skill_findings, social_work_findings
from subsidy.rules.claims import (
    NOTHING_KNOWN,
    Claim,
    CompetitionClaim,
    Facts,
    SkillClaim,
    SocialWorkClaim,
)
from subsidy.rules.fact_rules import fact_findings
from subsidy.rules.findings import Case, Finding, Statement
from subsidy.rules.moments import end_text, instant_text
from subsidy.rules.reasons import REASONS, Reason, ReasonCode, Severity
from subsidy.rules.scheme import Scheme, WindowStatus
from subsidy.rules.scheme_parts import Award

__all__ = [
    "NOTHING_KNOWN",
    "Assessment",
    "Claim",
    "CompetitionClaim",
    "Facts",
    "SkillClaim",
    "SocialWorkClaim",
    "Statement",
    "assess",
    "is_consistent",
]

_PLACE = {code: place for place, code in enumerate(REASONS)}


@dataclass(frozen=True)
class Assessment:
    """What the rules say; a person decides (no automatic approval or rejection)."""

    award_row: Award | None
    """The row that fits the claim, also when something blocks it; without one nothing can be approved."""
    reasons: tuple[Reason, ...]
    """Blocking ones first; this is what the API answers."""
    statements: tuple[Statement, ...]
    """For pages: what is met and what is still to be verified."""

    @cached_property
    def eligible(self) -> bool:
        """Say whether nothing blocks."""
        return not self.blocking

    @property
    def award(self) -> int:
        """Return the yuan of the row, which an approval over a blocking reason would pay."""
        return self.award_row.amount if self.award_row else 0

    @property
    def amount(self) -> int:
        """Return the yuan that the member would get, 0 with a blocking reason."""
        return self.award if self.eligible else 0

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """Return the reasons that stop self-service."""
        return self._of(Severity.BLOCKING)

    @property
    def flags(self) -> tuple[Reason, ...]:
        """Return the reasons for a reviewer to look closer."""
        return self._of(Severity.FLAG)

    @property
    def checks(self) -> tuple[Statement, ...]:
        """Return what is met, with clauses: the page's 为什么."""
        return tuple(statement for statement in self.statements if statement.is_met)

    @property
    def to_verify(self) -> tuple[Statement, ...]:
        """Return what is not known yet: the page's 提交后还要核对."""
        return tuple(statement for statement in self.statements if not statement.is_met)

    @property
    def codes(self) -> tuple[ReasonCode, ...]:
        """Return the codes of all reasons."""
        return tuple(reason.code for reason in self.reasons)

    def _of(self, severity: Severity) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.severity is severity)


def assess(claim: Claim, facts: Facts, scheme: Scheme, filed_at: datetime | None) -> Assessment:
    """Judge a claim by a scheme and say why.

    filed_at is the first filing instant (it must carry an offset); None where nothing was filed and no
    instant is asked about: then the filing window is not judged.
    """
    if filed_at is not None and filed_at.tzinfo is None:
        raise ValueError("申报时间须带时区。")
    case = Case(scheme, facts, claim.ground)
    award_row, own = _judge(case, claim)
    findings = list(chain(own, _filing_findings(case, filed_at), fact_findings(case)))
    reasons = [finding for finding in findings if isinstance(finding, Reason)]
    severities = list(Severity)
    reasons.sort(key=lambda reason: (severities.index(reason.severity), _PLACE[reason.code]))
    statements = tuple(finding for finding in findings if isinstance(finding, Statement))
    return Assessment(award_row, tuple(reasons), statements)


def is_consistent(assessment: Assessment, facts: Facts) -> bool:
    """Say whether every fact agrees with the registers, so that the case may be approved in bulk (V4)."""
    known = (facts.is_card_holder, facts.card_holder_matches, facts.register_matches)
    return assessment.eligible and not assessment.flags and all(fact is True for fact in known)


def _judge(case: Case, claim: Claim) -> tuple[Award | None, Iterator[Finding]]:
    if isinstance(claim, SkillClaim):
        row = case.scheme.award_for_level(claim.level)
        return row, skill_findings(case, claim, row)
    if isinstance(claim, SocialWorkClaim):
        row = case.scheme.award_for_grade(claim.grade)
        return row, social_work_findings(case, claim, row)
    row = case.scheme.award_for_rank(claim.round, claim.rank)
    return row, competition_findings(case, claim, row)


def _filing_findings(case: Case, filed_at: datetime | None) -> Iterator[Finding]:
    """Judge the filing window, half open (五（三）)."""
    scheme, clause = case.scheme, case.scheme.clauses.closing
    if filed_at is None:
        return
    status = scheme.window_status(filed_at)
    if status is WindowStatus.UPCOMING:
        yield case.reason(ReasonCode.FILED_BEFORE_OPENING, opens=instant_text(scheme.opens_at))
    elif status is WindowStatus.CLOSED:
        yield case.reason(ReasonCode.FILED_AFTER_CLOSING, closes=end_text(scheme.closes_at))
    else:
        yield Statement(clause, f"申报时间在 {end_text(scheme.closes_at)} 截止之前。")
