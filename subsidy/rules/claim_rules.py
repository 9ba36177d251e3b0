"""What the claim itself shows: date, level, grade, rank, trade, issuer and certificate number (二, 三)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from subsidy.rules.certificate_number import Parsed, PartRole, look_alike_hint, normalise, parse
from subsidy.rules.claims import CompetitionClaim, SkillClaim, SocialWorkClaim
from subsidy.rules.findings import Case, Finding, Statement
from subsidy.rules.folding import fold_name
from subsidy.rules.moments import day_text
from subsidy.rules.reasons import ReasonCode
from subsidy.rules.scheme_parts import Award
from subsidy.rules.terms import ApplicantClass, CompetitionRound, Ground, SkillLevel


def skill_findings(case: Case, claim: SkillClaim, row: Award | None) -> Iterator[Finding]:
    """Judge a skill certificate (二（一）, 三（一）, 附件 2)."""
    if row is None:
        yield case.reason(
            ReasonCode.LEVEL_NOT_COVERED, subject=claim.level.label, covered=_covered(case, Ground.SKILL)
        )
    else:
        yield Statement(case.clause, f"{claim.level.label}在资助范围内。")
    yield from _dated(case, "颁证日期", claim.issued_on)
    yield from _trade(case, claim.trade, row)
    yield from _pays(row)
    if claim.certificate_number:
        yield from _number(case, claim, claim.certificate_number)


def social_work_findings(case: Case, claim: SocialWorkClaim, row: Award | None) -> Iterator[Finding]:
    """Judge a social worker's certificate (二（二）, 三（二）)."""
    if row is None:
        yield case.reason(
            ReasonCode.GRADE_NOT_COVERED,
            subject=claim.grade.label,
            covered=_covered(case, Ground.SOCIAL_WORK),
        )
    else:
        yield Statement(case.clause, f"{claim.grade.label}在资助范围内。")
    yield from _dated(case, "批准日期", claim.approved_on)
    yield from _applicant_class(case, claim)
    yield from _pays(row)
    yield from _issuing_authority(case, claim)


def competition_findings(case: Case, claim: CompetitionClaim, row: Award | None) -> Iterator[Finding]:
    """Judge a place in a competition (二（三）, 三（三）)."""
    if claim.team:
        yield case.reason(ReasonCode.TEAM_EVENT)
    yield from _competition(case, claim)
    if claim.round not in _rounds(case, claim):
        covered = "、".join(round_.label for round_ in _rounds(case, claim)) or "名单内大赛"
        yield case.reason(ReasonCode.ROUND_NOT_COVERED, subject=claim.round.label, covered=covered)
    elif row is None:
        subject = f"{claim.round.label}第 {claim.rank} 名"
        covered = _covered_ranks(case, claim.round)
        yield case.reason(ReasonCode.RANK_NOT_COVERED, subject=subject, covered=covered)
    else:
        yield Statement(case.clause, f"{claim.round.label}第 {claim.rank} 名在资助范围内。")
    yield from _trade(case, claim.trade, row)
    yield from _pays(row)


def _dated(case: Case, name: str, printed_on: date) -> Iterator[Finding]:
    """Judge the date of first obtaining the certificate; a re-issue does not move it (五（二）)."""
    scheme, first_on = case.scheme, case.facts.first_issued_on
    counts_on = first_on or printed_on
    first, last = day_text(scheme.certificate_from), day_text(scheme.certificate_to)
    dated = f"{'首次取得证书的日期' if first_on else name} {day_text(counts_on)}"
    if counts_on < scheme.certificate_from:
        yield case.reason(ReasonCode.ISSUED_BEFORE_WINDOW, dated=dated, first=first)
    elif counts_on > scheme.certificate_to:
        yield case.reason(ReasonCode.ISSUED_AFTER_WINDOW, dated=dated, last=last)
    else:
        message = f"{dated}在 {first}至 {last}之间，含首尾两日。"
        yield Statement(case.clause, message, (scheme.clauses.first_issue,))


def _trade(case: Case, trade: str | None, row: Award | None) -> Iterator[Finding]:
    if row is None or not row.trades:
        return
    if not trade:
        yield Statement(case.clause, f"工种在本年度{row.label}的资助工种名单里。", is_met=False)
    elif fold_name(trade) in row.trade_keys:
        yield Statement(case.clause, f"工种“{trade}”在本年度资助工种名单里。")
    else:
        yield case.reason(ReasonCode.TRADE_NOT_COVERED, subject=trade, award=row.label)


def _pays(row: Award | None) -> Iterator[Finding]:
    if row is not None:
        yield Statement(row.clause, f"{row.label}每人资助 {row.amount} 元。")


def _applicant_class(case: Case, claim: SocialWorkClaim) -> Iterator[Finding]:
    """Judge whether the scheme is limited to some of the social workers; 2024 is not."""
    wanted = case.scheme.ground_rule(case.ground).applicant_class
    if wanted is ApplicantClass.ANY:
        return
    if claim.full_time_union_staff is False:
        yield case.reason(ReasonCode.APPLICANT_CLASS_NOT_COVERED, covered=wanted.label)
    else:
        is_told = claim.full_time_union_staff is True
        yield Statement(case.clause, f"您是{wanted.label}。", is_met=is_told)


def _issuing_authority(case: Case, claim: SocialWorkClaim) -> Iterator[Finding]:
    rule = case.scheme.ground_rule(case.ground)
    if not rule.issuing_authorities:
        return
    full_name = max(rule.issuing_authorities, key=len)
    if not claim.issuing_authority:
        yield Statement(case.clause, f"证书由{full_name}颁发。", is_met=False)
    elif fold_name(claim.issuing_authority) in rule.authority_keys:
        yield Statement(case.clause, f"证书由{full_name}颁发。")
    else:
        yield case.reason(ReasonCode.ISSUING_AUTHORITY_NOT_BEIJING, covered=full_name)


def _competition(case: Case, claim: CompetitionClaim) -> Iterator[Finding]:
    names = "、".join(f"“{competition.name}”" for competition in case.scheme.competitions)
    if not claim.competition:
        if names:
            yield Statement(case.clause, f"参加的是{names}。", is_met=False)
    elif case.scheme.competition_named(claim.competition) is None:
        covered = names or "名单内大赛"
        yield case.reason(ReasonCode.COMPETITION_NOT_COVERED, subject=claim.competition, covered=covered)
    else:
        yield Statement(case.clause, f"“{claim.competition}”在资助范围内。")


def _rounds(case: Case, claim: CompetitionClaim) -> tuple[CompetitionRound, ...]:
    """Return the rounds that count: those of the named competition, else those with any award."""
    named = case.scheme.competition_named(claim.competition) if claim.competition else None
    if named is not None:
        return named.rounds
    awarded = {award.round for award in case.scheme.awards_of(Ground.COMPETITION)}
    return tuple(round_ for round_ in CompetitionRound if round_ in awarded)


def _covered(case: Case, ground: Ground) -> str:
    """Return what the award rows of a ground are for, shortly: 一级、二级、三级."""
    rows = case.scheme.awards_of(ground)
    names = [(row.level or row.grade) for row in rows]
    return "、".join(name.label.split("（")[0] for name in names if name is not None) or "方案列明的证书"


def _covered_ranks(case: Case, round_: CompetitionRound) -> str:
    rows = [row for row in case.scheme.awards_of(Ground.COMPETITION) if row.round is round_]
    return "、".join(row.label.split("（")[0] for row in rows)


def _number(case: Case, claim: SkillClaim, number: str) -> Iterator[Finding]:
    """Judge the certificate number by the scheme's layouts; only the level can block (附件 2)."""
    layouts = case.scheme.number_layouts
    parsed = parse(number, layouts)
    if parsed is None:
        hint = look_alike_hint(number, layouts)
        length = len(normalise(number))
        yield case.reason(ReasonCode.NUMBER_UNKNOWN_LAYOUT, length=length, hint=hint)
        return
    yield from _number_level(case, claim.level, parsed)
    yield from _number_year(case, case.facts.first_issued_on or claim.issued_on, parsed)
    yield from _number_origin(case, parsed)


def _number_level(case: Case, level: SkillLevel, parsed: Parsed) -> Iterator[Finding]:
    part = parsed.segment(PartRole.LEVEL)
    if part is None:
        return
    if parsed.level is level:
        yield Statement(case.scheme.clauses.numbers, f"编号里的等级与{level.label}一致。")
        return
    meaning = f"表示{parsed.level.label}" if parsed.level else "不表示任何等级"
    yield case.reason(
        ReasonCode.NUMBER_LEVEL_MISMATCH,
        place=part.first,
        mark=part.text,
        meaning=meaning,
        level=level.label,
    )


def _number_year(case: Case, counts_on: date, parsed: Parsed) -> Iterator[Finding]:
    mark = parsed.text(PartRole.YEAR)
    if mark is not None and mark != f"{counts_on.year:04d}"[-len(mark) :]:
        yield case.reason(ReasonCode.NUMBER_YEAR_MISMATCH, mark=mark, year=counts_on.year)


def _number_origin(case: Case, parsed: Parsed) -> Iterator[Finding]:
    scheme = case.scheme
    province, filing = parsed.text(PartRole.PROVINCE), parsed.segment(PartRole.FILING)
    if province is not None and province != scheme.home_province:
        yield case.reason(ReasonCode.NUMBER_OTHER_PROVINCE, mark=province, home=scheme.home_province)
    if filing is not None and filing.text != scheme.province_filing:
        last = filing.first + len(filing.text) - 1
        yield case.reason(
            ReasonCode.NUMBER_FILED_WITH_MINISTRY, mark=filing.text, first=filing.first, last=last
        )
