"""A scheme: one year's plan as data, checked when it is read and never changed afterwards (P1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from subsidy.rules.certificate_number import NumberLayout
from subsidy.rules.fields import Fields, SchemeError
from subsidy.rules.folding import fold_competition
from subsidy.rules.moments import SHANGHAI
from subsidy.rules.scheme_parts import Award, CardRule, Clauses, Competition, Contact, GroundRule
from subsidy.rules.terms import Channel, CompetitionRound, Ground, SkillLevel, SocialWorkGrade, Term

__all__ = ["SHANGHAI", "Award", "CardRule", "Scheme", "SchemeError", "WindowStatus"]

_CHANGEABLE = frozenset({"title", "document_number", "contact", "closes_at"})
"""What may change in a published scheme (P3); the doors of each ground may, too."""


class WindowStatus(Term):
    """Whether a scheme takes applications."""

    UPCOMING = "upcoming", "尚未开始"
    OPEN = "open", "正在申报"
    CLOSED = "closed", "已经截止"


@dataclass(frozen=True)
class Scheme:
    """The values of one year's plan; how they apply is code."""

    year: int
    title: str
    document_number: str
    contact: Contact
    opens_at: datetime
    closes_at: datetime
    """The first instant that is too late."""
    certificate_from: date
    certificate_to: date
    """The last day that counts."""
    awards: tuple[Award, ...]
    grounds: tuple[GroundRule, ...]
    competitions: tuple[Competition, ...]
    number_layouts: tuple[NumberLayout, ...]
    home_province: str
    province_filing: str
    review_months: int
    payout_months: int
    return_days: int
    correction_grace_days: int
    confirmation_days: int
    public_notice: bool
    public_notice_days: int
    budget_ceiling: int | None
    card: CardRule
    clauses: Clauses

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Scheme:
        """Read parsed TOML or JSON; raises SchemeError (a ValueError) naming the field at fault."""
        fields = Fields(mapping)
        scheme = cls(**_read_texts_and_days(fields), **_read_tables(fields))
        fields.finish()
        _check_as_a_whole(scheme)
        return scheme

    def to_mapping(self) -> dict[str, Any]:
        """Return the canonical definition, fit for JSON; from_mapping brings back an equal scheme."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        days = {name: getattr(self, name).isoformat() for name in _DAYS}
        tables = {
            "contact": self.contact.to_mapping(),
            "awards": [award.to_mapping() for award in self.awards],
            "grounds": {rule.ground.value: rule.to_mapping() for rule in self.grounds},
            "competitions": [competition.to_mapping() for competition in self.competitions],
            "number_layouts": [layout.to_mapping() for layout in self.number_layouts],
            "card": self.card.to_mapping(),
            "clauses": self.clauses.to_mapping(),
        }
        return plain | days | tables

    def fingerprint(self) -> str:
        """Return the sha256 of the canonical definition; the order of keys and rows does not matter."""
        return _digest(self.to_mapping())

    def frozen_fingerprint(self) -> str:
        """Return the sha256 of what may never change once the scheme is published (P3)."""
        mapping = self.to_mapping()
        grounds = {name: rule | {"doors": []} for name, rule in mapping["grounds"].items()}
        kept = {name: value for name, value in mapping.items() if name not in _CHANGEABLE}
        return _digest(kept | {"grounds": grounds})

    def window_status(self, at: datetime) -> WindowStatus:
        """Say whether applications are taken at the instant (五（三）)."""
        if at < self.opens_at:
            return WindowStatus.UPCOMING
        return WindowStatus.OPEN if at < self.closes_at else WindowStatus.CLOSED

    def is_open(self, at: datetime) -> bool:
        """Say whether applications are taken at the instant."""
        return self.window_status(at) is WindowStatus.OPEN

    def ground_rule(self, ground: Ground) -> GroundRule:
        """Return how a ground is filed; a ground that the scheme does not name has no door."""
        return next((rule for rule in self.grounds if rule.ground is ground), GroundRule(ground, ()))

    def doors(self, ground: Ground) -> tuple[Channel, ...]:
        """Return the open doors of a ground (四（一）)."""
        return self.ground_rule(ground).doors

    def is_door_open(self, ground: Ground, channel: Channel) -> bool:
        """Say whether a ground may be filed through the door."""
        return channel in self.doors(ground)

    def awards_of(self, ground: Ground) -> tuple[Award, ...]:
        """Return the award rows of a ground, highest first."""
        return tuple(award for award in self.awards if award.ground is ground)

    def award_for_level(self, level: SkillLevel) -> Award | None:
        """Return the row of a skill level (三（一）)."""
        return next((award for award in self.awards if award.level is level), None)

    def award_for_grade(self, grade: SocialWorkGrade) -> Award | None:
        """Return the row of a social worker's grade (三（二）)."""
        return next((award for award in self.awards if award.grade is grade), None)

    def award_for_rank(self, round_: CompetitionRound, rank: int) -> Award | None:
        """Return the row of a rank (三（三）)."""
        return next((award for award in self.awards if award.has_rank(round_, rank)), None)

    def competition_named(self, name: str) -> Competition | None:
        """Return the funded competition with that name or alias, however it is written."""
        key = fold_competition(name)
        return next((one for one in self.competitions if key in one.keys), None)


_PLAIN = (
    "year",
    "title",
    "document_number",
    "home_province",
    "province_filing",
    "review_months",
    "payout_months",
    "return_days",
    "correction_grace_days",
    "confirmation_days",
    "public_notice",
    "public_notice_days",
    "budget_ceiling",
)
_DAYS = ("opens_at", "closes_at", "certificate_from", "certificate_to")


def _read_texts_and_days(fields: Fields) -> dict[str, Any]:
    return {
        "year": fields.integer("year", 2000, 2999),
        "title": fields.text("title", longest=100),
        "document_number": fields.text("document_number", longest=60, default=""),
        "opens_at": fields.instant("opens_at"),
        "closes_at": fields.instant("closes_at"),
        "certificate_from": fields.day("certificate_from"),
        "certificate_to": fields.day("certificate_to"),
        "home_province": fields.text("home_province", longest=6, default="11"),
        "province_filing": fields.text("province_filing", longest=10, default="0000"),
        "review_months": fields.integer("review_months", 1, 24, default=1),
        "payout_months": fields.integer("payout_months", 1, 24, default=3),
        "return_days": fields.integer("return_days", 1, 366, default=14),
        "correction_grace_days": fields.integer("correction_grace_days", 0, 366, default=15),
        "confirmation_days": fields.integer("confirmation_days", 1, 366, default=30),
        "public_notice": fields.flag("public_notice", default=False),
        "public_notice_days": fields.integer("public_notice_days", 0, 366, default=0),
        "budget_ceiling": fields.integer("budget_ceiling", 0, 10**12, default=0) or None,
    }


def _read_tables(fields: Fields) -> dict[str, Any]:
    grounds = fields.table("grounds")
    rules = tuple(
        GroundRule.read(ground, grounds.table(ground.value)) for ground in Ground if grounds.has(ground.value)
    )
    grounds.finish()
    competitions = [Competition.read(row) for row in fields.tables("competitions", optional=True)]
    layouts = [NumberLayout.read(row) for row in fields.tables("number_layouts", optional=True)]
    return {
        "contact": Contact.read(fields.table("contact")),
        "awards": tuple(sorted(map(Award.read, fields.tables("awards")), key=lambda award: award.place)),
        "grounds": rules,
        "competitions": tuple(sorted(competitions, key=lambda competition: competition.name)),
        "number_layouts": tuple(sorted(layouts, key=lambda layout: layout.name)),
        "card": CardRule.read(fields.table("card", optional=True)),
        "clauses": Clauses.read(fields.table("clauses", optional=True)),
    }


def _check_as_a_whole(scheme: Scheme) -> None:
    if scheme.opens_at >= scheme.closes_at:
        raise SchemeError("closes_at", "申报截止要晚于申报开始 opens_at。")
    if scheme.certificate_from > scheme.certificate_to:
        raise SchemeError("certificate_to", "不能早于 certificate_from。")
    if scheme.public_notice and not scheme.public_notice_days:
        raise SchemeError("public_notice_days", "要公示就须填公示天数。")
    if not scheme.awards:
        raise SchemeError("awards", "至少要有一行助推标准。")
    _check_awards(scheme)
    _check_competitions(scheme)
    if len({layout.name for layout in scheme.number_layouts}) != len(scheme.number_layouts):
        raise SchemeError("number_layouts", "编号格式的名称不能重复。")


def _check_awards(scheme: Scheme) -> None:
    known = {rule.ground for rule in scheme.grounds}
    reached: dict[tuple[int, int], int] = {}
    for award in scheme.awards:
        if award.ground not in known:
            raise SchemeError("awards", f"“{award.label}”的类别 {award.ground.value} 不在 grounds 里。")
        subject, first = award.place[:2], award.rank_from or 0
        if first <= reached.get(subject, -1):
            raise SchemeError("awards", f"“{award.label}”与另一行重复。")
        reached[subject] = award.rank_to or 0


def _check_competitions(scheme: Scheme) -> None:
    awarded = {award.round for award in scheme.awards if award.round is not None}
    seen: set[str] = set()
    for competition in scheme.competitions:
        if competition.keys & seen:
            raise SchemeError("competitions", f"“{competition.name}”的名称或别名与另一项大赛重复。")
        if not awarded.issuperset(competition.rounds):
            raise SchemeError("competitions", f"“{competition.name}”有赛段没有对应的助推标准。")
        seen |= competition.keys
    if awarded and not scheme.competitions:
        raise SchemeError("competitions", "有名次的助推标准，就要写明是哪项大赛。")


def _digest(mapping: Mapping[str, Any]) -> str:
    text = json.dumps(mapping, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
