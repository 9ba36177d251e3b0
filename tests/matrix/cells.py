"""The rows of the table, spread out: one cell for each address, method, thing and person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.matrix.models import MODELS, Model
from tests.matrix.people import SUBJECTS, named
from tests.matrix.table import ROWS, Answer, Door, Row

FEW = "visitor stranger root idle"
"""Whom every run asks at the many addresses that Django makes alike for each model."""
OUTSIDE = frozenset({"visitor", "owner", "stranger", "left"})


@dataclass(frozen=True)
class Cell:
    """Who asks for what, and what the table says they get."""

    url: str
    method: str
    of: str
    subject: str
    says: Answer
    door: Door

    @property
    def is_shut(self) -> bool:
        """Say whether nothing at all may come of it; at a sign-in something does: one signs in or out."""
        return self.says is not Answer.IN and self.door is not Door.SIGN_IN

    def __str__(self) -> str:
        about = f"（{self.of}）" if self.of else ""
        return f"{self.method} {self.url}{about} as {self.subject}"


def all_rows() -> tuple[Row, ...]:
    """Return the rows, those of the admin's models written out."""
    return (*ROWS, *(row for model in MODELS for row in model_rows(model)))


def model_rows(model: Model) -> Iterator[Row]:
    """Return what one model of the admin comes to: list, add, change, history, delete, and the short link."""
    stem = f"admin:{model.label.replace('.', '_')}"
    short = f"admin/{model.label.replace('.', '/')}/<path:object_id>/"
    row = Row(Door.ADMIN, f"{stem}_changelist", "GET", model.read, of=model.label)
    yield row
    seen = " ".join(sorted(named(model.read) - named(model.hidden)))
    readers = f"{FEW} {model.read}"
    shown = replace(
        row, let_in=seen, hidden=model.hidden, asked=readers if model.hidden else f"{FEW} auditor"
    )
    yield replace(shown, urls=f"{stem}_change {stem}_history")
    row = replace(row, asked=readers)
    yield replace(row, urls=f"{stem}_change", methods="POST", let_in=model.change)
    yield replace(row, urls=f"{stem}_add", methods="GET POST" if model.add else "POST", let_in=model.add)
    yield replace(row, urls=f"{stem}_delete", methods="POST", let_in="")
    yield replace(row, urls=short, let_in="staff", asked=FEW)


def cells(*, every: bool = False) -> Iterator[Cell]:
    """Spread the rows out: what each run asks, or really every cell."""
    for row in all_rows():
        let_in, hidden = named(row.let_in), named(row.hidden)
        assert not let_in & hidden, f"{row.urls}: let in and hidden from the same person"
        for url in row.urls.split():
            for place, method in enumerate(row.methods.split()):
                yield from _spread(row, url, method, let_in, hidden, every=every, is_first=place == 0)


def _spread(
    row: Row,
    url: str,
    method: str,
    let_in: frozenset[str],
    hidden: frozenset[str],
    *,
    every: bool,
    is_first: bool,
) -> Iterator[Cell]:
    """Ask everybody for the first thing; for the further ones those to whom it makes a difference.

    By a further method a few are asked, and those to whom it matters: the same view answers both.
    """
    asked = named(row.asked) - _alike(row) | hidden
    if not is_first:
        asked &= let_in | hidden | named(FEW)
    for number, of in enumerate(row.of.split() or [""]):
        for subject in SUBJECTS:
            if every or (subject in asked and (number == 0 or subject in let_in | hidden)):
                yield Cell(url, method, of, subject, _says(row.door, subject, let_in, hidden), row.door)


def _alike(row: Row) -> frozenset[str]:
    """Return whom this door cannot tell from somebody else who is asked; the long run asks them all."""
    if row.door is Door.OPEN:
        return named("everybody") - named("visitor stranger station root left")
    if row.door is Door.MEMBER:  # staff are nobody here, whatever their role
        return named("staff") - named("station root")
    if row.door in (Door.ADMIN, Door.STAFF):  # one member is as good as another; so is one office
        return frozenset({"owner", "hotline2", "station2", "left"} if "." in row.of else {"owner"})
    return frozenset()


def _says(door: Door, subject: str, let_in: frozenset[str], hidden: frozenset[str]) -> Answer:
    if subject in let_in:
        return Answer.IN
    if subject in hidden:
        return Answer.HIDDEN
    if door is Door.OPEN:
        return Answer.IN
    if door in (Door.MEMBER, Door.SIGN_IN):
        return Answer.SIGN_IN
    if door is Door.API:
        return Answer.SIGN_IN if subject in ("visitor", "left") else Answer.REFUSED
    return Answer.SIGN_IN if subject in OUTSIDE else Answer.REFUSED
