"""What a rule can find: a reason, or a statement that something is met or still to be verified."""

from __future__ import annotations

from dataclasses import dataclass

from subsidy.rules.claims import Facts
from subsidy.rules.reasons import Reason, ReasonCode, make_reason
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import Ground


@dataclass(frozen=True)
class Statement:
    """A clause of the plan and how the claim stands to it, for pages only."""

    clause: str
    message: str
    also: tuple[str, ...] = ()
    is_met: bool = True
    """False: nothing speaks against it, but it is verified only after filing."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """Return every clause on which the statement rests, the nearest first."""
        return (self.clause, *self.also)


Finding = Reason | Statement


@dataclass(frozen=True)
class Case:
    """What every rule may look at besides the claim."""

    scheme: Scheme
    facts: Facts
    ground: Ground

    @property
    def clause(self) -> str:
        """Return the clause that opens the claim's ground."""
        return self.scheme.clauses.of_ground(self.ground)

    def reason(self, code: ReasonCode, **values: object) -> Reason:
        """Return a reason with this scheme's clause."""
        return make_reason(code, self.scheme.clauses, self.ground, **values)
