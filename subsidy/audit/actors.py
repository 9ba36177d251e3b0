"""Who acts: a realm and an id, never a foreign key and never a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from subsidy.rules.terms import Term

RealmName = Literal["member", "staff", "system"]


class Realm(Term):
    """The realm an actor belongs to."""

    MEMBER = "member", "会员"
    STAFF = "staff", "工作人员"
    SYSTEM = "system", "系统"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts; `label` is a user name or office code, not a person's name."""

    realm: RealmName
    id: int | None
    label: str = ""
    ip: str = ""


SYSTEM = Actor("system", None)
