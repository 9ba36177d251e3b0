"""Small pieces that several pages show: the levels with their yuan, the certificate ruler."""

from __future__ import annotations

from typing import Any

from subsidy.rules.certificate_number import segments
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import Ground, SkillLevel


def level_options(rules: Scheme) -> list[dict[str, str]]:
    """Return the funded levels, each with its yuan."""
    return [
        {"code": award.level.value, "label": award.level.label, "sum": f"{award.amount} 元"}
        for award in rules.awards_of(Ground.SKILL)
        if award.level is not None
    ]


def ruler(number: str, rules: Scheme, level: str = "") -> list[dict[str, Any]]:
    """Return a certificate number part by part; the level's part is marked when it says another level."""
    chosen = SkillLevel(level) if level in {one.value for one in SkillLevel} else None
    parts = segments(number, rules.number_layouts, level=chosen)
    return [{"text": part.text, "label": part.label, "bad": part.is_faulty} for part in parts]
