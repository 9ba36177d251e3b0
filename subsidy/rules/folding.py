"""How two writings of one name are brought together before they are compared."""

from __future__ import annotations

import re
import unicodedata

MIDDLE_DOT = "\u00b7"
_OTHER_DOTS = "\u2022\u2027\u30fb\uff65\u2219\u22c5\u0387\u2024\u16eb"
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DOTS = dict.fromkeys(map(ord, _OTHER_DOTS), MIDDLE_DOT)
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_YEAR_SIGN = re.compile(r"(?<![0-9])([0-9]{4})年")


def fold_width(text: str) -> str:
    """Turn full-width ASCII and the full-width space into their plain forms, nothing else."""
    return text.translate(_HALF_WIDTH)


def fold_dots(text: str) -> str:
    """Turn every middle dot in use into U+00B7."""
    return text.translate(_DOTS)


def fold_name(text: str) -> str:
    """Return the key under which names of trades, bodies and authorities are equal.

    Width, compatibility forms, case, brackets and all white space no longer matter.
    """
    folded = _fold_once(text)
    while folded != text:
        text, folded = folded, _fold_once(folded)
    return folded


def fold_competition(text: str) -> str:
    """Return the key of a competition's name; 「2023 年」 and 「2023」 are one (二（三）)."""
    return _YEAR_SIGN.sub(r"\1", fold_name(text))


def _fold_once(text: str) -> str:
    """Fold one time; composing may bring a new letter to fold, hence the loop above."""
    folded = unicodedata.normalize("NFKC", fold_dots(text)).casefold()
    seen = "".join(mark for mark in folded if unicodedata.category(mark) not in _INVISIBLE)
    return unicodedata.normalize("NFKC", fold_dots(seen))
