"""“我能领多少”: what may be asked about, read from an address that carries nothing personal (F6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from applications.api.serializers.claims import read_claim
from subsidy.rules.claims import Claim, CompetitionClaim, SkillClaim
from subsidy.rules.moments import day_text
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import CompetitionRound, Ground, SkillLevel, SocialWorkGrade

DATE_FIELDS = {Ground.SKILL: "issued_on", Ground.SOCIAL_WORK: "approved_on"}
TEAM = "team"
NAMES = ("of", "dated_on_year", "dated_on_month", "dated_on_day")


@dataclass(frozen=True, slots=True)
class Group:
    """Some choices of the pull-down under one heading."""

    label: str
    options: tuple[tuple[str, str], ...]


def groups(rules: Scheme) -> list[Group]:
    """Return everything that may be asked about, the unfunded included, so that a no is explained."""
    levels = tuple((f"{Ground.SKILL}-{level}", level.label) for level in SkillLevel)
    grades = tuple((f"{Ground.SOCIAL_WORK}-{grade}", grade.label) for grade in SocialWorkGrade)
    return [
        Group(Ground.SKILL.label, levels),
        Group(Ground.SOCIAL_WORK.label, grades),
        Group(Ground.COMPETITION.label, tuple(_ranks(rules))),
    ]


def claim_asked(query: Mapping[str, str]) -> Claim:
    """Return the claim that the address asks about; raises ValidationError with the page's field names."""
    ground, _, subject = query.get("of", "").partition("-")
    data: dict[str, str] = {"ground": ground}
    if ground == Ground.SKILL:
        data |= {"level": subject, "issued_on": _day(query)}
    elif ground == Ground.SOCIAL_WORK:
        data |= {"grade": subject, "approved_on": _day(query)}
    else:
        round_, _, rank = subject.partition("-")
        is_team = rank == TEAM
        data |= {"round": round_, "rank": "1" if is_team else rank, "team": str(is_team).lower()}
    given = {name: value for name, value in data.items() if value}
    return read_claim(given, {"form": True})


def words(claim: Claim) -> tuple[str, str]:
    """Return what was asked about and its date, as the answer repeats them."""
    if isinstance(claim, CompetitionClaim):
        rank = "团体项目" if claim.team else f"个人第 {claim.rank} 名"
        return f"{claim.round.label}{rank}", ""
    if isinstance(claim, SkillClaim):
        return f"{claim.level.label}职业技能等级证书", f"{day_text(claim.issued_on)}颁证"
    return f"{claim.grade.label}职业资格证书", f"{day_text(claim.approved_on)}批准"


def _day(query: Mapping[str, str]) -> str:
    year, month, day = (query.get(f"dated_on_{part}", "").strip() for part in ("year", "month", "day"))
    return f"{year:0>4}-{month:0>2}-{day:0>2}" if year or month or day else ""


def _ranks(rules: Scheme) -> Iterator[tuple[str, str]]:
    for round_ in CompetitionRound:
        last = max((row.rank_to or 0 for row in rules.awards if row.round is round_), default=0)
        if not last:
            continue
        for rank in range(1, last + 1):
            yield f"{Ground.COMPETITION}-{round_}-{rank}", f"个人{round_.label}第 {rank} 名"
        yield f"{Ground.COMPETITION}-{round_}-{last + 1}", f"个人{round_.label}第 {last + 1} 名及以后"
        yield f"{Ground.COMPETITION}-{round_}-{TEAM}", f"{round_.label}团体项目"
