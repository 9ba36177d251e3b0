"""What registers and our own records add to a claim: card, certificate, earlier grants (一, 五（一）)."""

from __future__ import annotations

from collections.abc import Iterator

from subsidy.rules.findings import Case, Finding, Statement
from subsidy.rules.reasons import ReasonCode
from subsidy.rules.terms import Ground


def fact_findings(case: Case) -> Iterator[Finding]:
    """Judge what is known; what is not known is named as still to be verified."""
    yield from _card(case)
    yield from _issuer(case)
    yield from _register(case)
    yield from _one_grant(case)


def _card(case: Case) -> Iterator[Finding]:
    facts, clause = case.facts, case.scheme.clauses.applicant
    if facts.is_card_holder is False:
        yield case.reason(ReasonCode.NOT_A_CARD_HOLDER)
    else:
        is_known = facts.is_card_holder is True
        yield Statement(clause, "您是北京市工会会员，并持有工会会员互助服务卡。", is_met=is_known)
    if facts.card_holder_matches is False:
        fields = "、".join(facts.card_holder_differences) or "会员信息"
        yield case.reason(ReasonCode.CARD_HOLDER_MISMATCH, fields=fields)
    elif facts.card_holder_matches:
        yield Statement(clause, "姓名、证件号码和卡号与会员登记库一致。")
    if facts.card_number_unusual:
        yield case.reason(ReasonCode.CARD_NUMBER_UNUSUAL)


def _issuer(case: Case) -> Iterator[Finding]:
    if case.ground is not Ground.SKILL:
        return
    if case.facts.trade_listed is False:
        yield case.reason(ReasonCode.TRADE_NOT_LISTED)
    if case.facts.body_listed is False:
        yield case.reason(ReasonCode.BODY_NOT_LISTED)
        return
    message = "证书由北京市职业技能鉴定管理中心颁发，或由经该中心备案的评价机构认定。"
    yield Statement(case.clause, message, is_met=case.facts.body_listed is True)


def _register(case: Case) -> Iterator[Finding]:
    facts = case.facts
    if facts.register_matches:
        yield case.reason(ReasonCode.REGISTER_MATCH)
    elif facts.register_matches is False:
        fields = "、".join(facts.register_differences) or "内容"
        yield case.reason(ReasonCode.REGISTER_MISMATCH, fields=fields)
    if facts.rank_tied and case.ground is Ground.COMPETITION:
        yield case.reason(ReasonCode.RANK_TIED)


def _one_grant(case: Case) -> Iterator[Finding]:
    """Judge the one grant a person and year, and whether another holds this certificate (五（一）)."""
    facts = case.facts
    if facts.already_paid:
        yield case.reason(ReasonCode.ALREADY_PAID)
    if facts.already_applied:
        yield case.reason(ReasonCode.ALREADY_APPLIED)
    if not facts.already_paid and not facts.already_applied:
        is_known = facts.already_paid is False and facts.already_applied is False
        message = "您本年度还没有享受过这项资助。"
        yield Statement(case.scheme.clauses.one_grant, message, is_met=is_known)
    if facts.certificate_used:
        yield case.reason(ReasonCode.CERTIFICATE_USED)
