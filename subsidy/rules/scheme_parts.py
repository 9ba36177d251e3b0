"""The parts of which a scheme is made: contact, award rows, grounds, competitions, card rule, clauses."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import fields as fields_of
from functools import cached_property
from typing import Any

from subsidy.rules.fields import Fields
from subsidy.rules.folding import fold_competition, fold_name
from subsidy.rules.terms import (
    ApplicantClass,
    AttachmentKind,
    Channel,
    CompetitionRound,
    Ground,
    SkillLevel,
    SocialWorkGrade,
    Strictness,
    Term,
)

MAX_AMOUNT, MAX_RANK = 1_000_000, 9_999


@dataclass(frozen=True)
class Clauses:
    """Where in the plan each rule stands; a plan with other headings gives its own."""

    applicant: str = "一"
    skill: str = "二（一）"
    social_work: str = "二（二）"
    competition: str = "二（三）"
    payout: str = "四（三）"
    one_grant: str = "五（一）"
    first_issue: str = "五（二）"
    closing: str = "五（三）"
    numbers: str = "附件 2"

    @classmethod
    def read(cls, fields: Fields) -> Clauses:
        """Read the clauses that differ from the usual ones."""
        usual = cls()
        names = [field.name for field in fields_of(cls)]
        clauses = cls(**{name: fields.text(name, longest=30, default=getattr(usual, name)) for name in names})
        for name in names:
            if not getattr(clauses, name):
                raise fields.fail(name, "不能为空。")
        fields.finish()
        return clauses

    def of_ground(self, ground: Ground) -> str:
        """Return the clause that opens a ground."""
        return str(getattr(self, ground.value))

    def to_mapping(self) -> dict[str, Any]:
        """Return the clauses as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Contact:
    """Whom a member may ask (六)."""

    name: str
    phone: str
    address: str

    @classmethod
    def read(cls, fields: Fields) -> Contact:
        """Read name, telephone and address."""
        name, phone = fields.text("name", longest=50), fields.text("phone", longest=50)
        contact = cls(name, phone, fields.text("address"))
        fields.finish()
        return contact

    def to_mapping(self) -> dict[str, Any]:
        """Return the contact as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Award:
    """One row of 三: what is funded, with how many yuan."""

    ground: Ground
    amount: int
    clause: str
    label: str
    level: SkillLevel | None = None
    grade: SocialWorkGrade | None = None
    round: CompetitionRound | None = None
    rank_from: int | None = None
    rank_to: int | None = None
    trades: tuple[str, ...] = ()
    """The only trades that count; empty: all do."""

    @cached_property
    def trade_keys(self) -> frozenset[str]:
        """Return the folded names of the only trades that count."""
        return frozenset(map(fold_name, self.trades))

    def has_rank(self, round_: CompetitionRound, rank: int) -> bool:
        """Say whether the row is for that rank of that round."""
        if self.round is not round_ or self.rank_from is None or self.rank_to is None:
            return False
        return self.rank_from <= rank <= self.rank_to

    @classmethod
    def read(cls, fields: Fields) -> Award:
        """Read one row; which keys it has depends on its ground."""
        ground = fields.term("ground", Ground)
        amount = fields.integer("amount", 1, MAX_AMOUNT)
        award = cls(
            ground=ground,
            amount=amount,
            clause=fields.text("clause", longest=30),
            label=fields.text("label", longest=60),
            trades=fields.texts("trades", default=()),
            **_read_subject(ground, fields),
        )
        fields.finish()
        return award

    def to_mapping(self) -> dict[str, Any]:
        """Return the row as plain data."""
        filled = {name: value for name, value in asdict(self).items() if value is not None}
        plain = {name: str(value) if isinstance(value, Term) else value for name, value in filled.items()}
        return plain | {"trades": list(self.trades)}

    @property
    def place(self) -> tuple[int, int, int]:
        """Return the row's place among the others: ground, then level, grade or round and rank."""
        subjects: list[Term | None] = [*SkillLevel, *SocialWorkGrade, *CompetitionRound]
        subject = self.level or self.grade or self.round
        return list(Ground).index(self.ground), subjects.index(subject), self.rank_from or 0


@dataclass(frozen=True)
class GroundRule:
    """How one ground is filed (四（一）) and whom it is limited to."""

    ground: Ground
    doors: tuple[Channel, ...]
    required_attachments: tuple[AttachmentKind, ...] = ()
    optional_attachments: tuple[AttachmentKind, ...] = ()
    applicant_class: ApplicantClass = ApplicantClass.ANY
    issuing_authorities: tuple[str, ...] = ()

    @cached_property
    def authority_keys(self) -> frozenset[str]:
        """Return the folded names of the authorities whose certificates need no second look."""
        return frozenset(map(fold_name, self.issuing_authorities))

    @classmethod
    def read(cls, ground: Ground, fields: Fields) -> GroundRule:
        """Read the rule of one ground."""
        rule = cls(
            ground,
            fields.terms("doors", Channel),
            fields.terms("required_attachments", AttachmentKind, default=()),
            fields.terms("optional_attachments", AttachmentKind, default=()),
            fields.term("applicant_class", ApplicantClass, default=ApplicantClass.ANY),
            fields.texts("issuing_authorities", default=()),
        )
        if set(rule.required_attachments) & set(rule.optional_attachments):
            raise fields.fail("optional_attachments", "与必交材料重复。")
        if rule.applicant_class is not ApplicantClass.ANY and ground is not Ground.SOCIAL_WORK:
            raise fields.fail("applicant_class", "只有社会工作者类别可以限定申请人。")
        fields.finish()
        return rule

    def to_mapping(self) -> dict[str, Any]:
        """Return the rule as plain data."""
        return {
            "doors": [door.value for door in self.doors],
            "required_attachments": [kind.value for kind in self.required_attachments],
            "optional_attachments": [kind.value for kind in self.optional_attachments],
            "applicant_class": self.applicant_class.value,
            "issuing_authorities": list(self.issuing_authorities),
        }


@dataclass(frozen=True)
class Competition:
    """A competition whose winners are funded, with the other ways of writing its name."""

    name: str
    aliases: tuple[str, ...]
    rounds: tuple[CompetitionRound, ...]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Return the folded name and aliases."""
        return frozenset(map(fold_competition, (self.name, *self.aliases)))

    @classmethod
    def read(cls, fields: Fields) -> Competition:
        """Read one competition."""
        competition = cls(
            fields.text("name", longest=100),
            fields.texts("aliases", default=()),
            fields.terms("rounds", CompetitionRound),
        )
        if not competition.rounds:
            raise fields.fail("rounds", "至少要有一个赛段。")
        fields.finish()
        return competition

    def to_mapping(self) -> dict[str, Any]:
        """Return the competition as plain data."""
        rounds = [round_.value for round_ in self.rounds]
        return {"name": self.name, "aliases": list(self.aliases), "rounds": rounds}


@dataclass(frozen=True)
class CardRule:
    """What is known of union-card numbers; the card's own rule is not published."""

    lengths: tuple[int, ...] = (16, 17, 18, 19)
    luhn: Strictness = Strictness.WARN
    prefix: Strictness = Strictness.WARN
    prefixes: tuple[str, ...] = ()
    """Known beginnings; while none is known the prefix is not judged."""

    @classmethod
    def read(cls, fields: Fields) -> CardRule:
        """Read the rule; every part has its default."""
        shortest = fields.integer("shortest", 12, 19, default=16)
        longest = fields.integer("longest", shortest, 19, default=19)
        rule = cls(
            tuple(range(shortest, longest + 1)),
            fields.term("luhn", Strictness, default=Strictness.WARN),
            fields.term("prefix", Strictness, default=Strictness.WARN),
            fields.texts("prefixes", default=()),
        )
        if not all(prefix.isascii() and prefix.isdigit() for prefix in rule.prefixes):
            raise fields.fail("prefixes", "只能是数字。")
        fields.finish()
        return rule

    def to_mapping(self) -> dict[str, Any]:
        """Return the rule as plain data."""
        checks = {"luhn": self.luhn.value, "prefix": self.prefix.value, "prefixes": list(self.prefixes)}
        return {"shortest": min(self.lengths), "longest": max(self.lengths)} | checks


def _read_subject(ground: Ground, fields: Fields) -> dict[str, Any]:
    if ground is Ground.SKILL:
        return {"level": fields.term("level", SkillLevel)}
    if ground is Ground.SOCIAL_WORK:
        return {"grade": fields.term("grade", SocialWorkGrade)}
    first = fields.integer("rank_from", 1, MAX_RANK)
    round_ = fields.term("round", CompetitionRound, default=CompetitionRound.FINAL)
    return {"round": round_, "rank_from": first, "rank_to": fields.integer("rank_to", first, MAX_RANK)}
