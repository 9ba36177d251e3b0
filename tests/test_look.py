"""The sheets and templates keep their promises: contrast, tokens, strict policy, language, one sprite."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "subsidy" / "static" / "subsidy"
TEMPLATES = ROOT / "templates"
HOUSE = (STATIC / "house.css").read_text()
STAFF = (STATIC / "staff.css").read_text()
TOKEN_END = "/* end of tokens */"
TOKENS, RULES = HOUSE.split(TOKEN_END)
ALL_TEMPLATES = sorted(TEMPLATES.rglob("*.html"))

COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|color)a?\(|\b(?:white|black|red|gr[ae]y)\b(?!-)",
    re.IGNORECASE,
)
MODES = ("light", "elder", "dark", "elder+dark")
SURFACES = ("paper", "card", "well", "hover")
WASHES = ("red-wash", "blue-wash", "green-wash", "amber-wash", "stone-wash")
TEXTS = ("ink", "ink-2", "ink-3", "red", "blue", "green", "amber")
ON_FILLS = (
    ("on-red", "red-fill"),
    ("on-red", "red-press"),
    ("on-red", "panel"),
    ("panel", "on-red"),
    ("card", "green"),
    ("card", "ink"),
)
ON_WASHES = (
    *(("ink", wash) for wash in WASHES),
    *(("ink-2", wash) for wash in WASHES),
    *((name, f"{name}-wash") for name in ("red", "blue", "green", "amber")),
)
CONTROLS = tuple(
    (name, surface)
    for name in ("edge", "red-fill", "blue", "green", "amber")
    for surface in ("paper", "card")
)
CHARTS = tuple((f"c{number}", "card") for number in range(1, 6))


def declarations(block: str) -> dict[str, str]:
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", block)}


def block_after(selector: str) -> str:
    start = TOKENS.index("{", TOKENS.index(selector))
    return TOKENS[start : TOKENS.index("}", start)]


BASE = declarations(block_after(":root {"))
ELDER = declarations(block_after(':root[data-size="elder"] {'))
DARK_BY_SYSTEM = declarations(block_after(':root:not([data-theme="light"]) {'))
DARK = declarations(block_after(':root[data-theme="dark"] {'))
STAFF_TOKENS = declarations(block_after(".staff {"))
PALETTE = {
    "light": BASE,
    "elder": BASE | ELDER,
    "dark": BASE | DARK,
    "elder+dark": BASE | ELDER | DARK,
}


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(mode: str, front: str, back: str) -> float:
    values = sorted((luminance(PALETTE[mode][front]), luminance(PALETTE[mode][back])))
    return (values[1] + 0.05) / (values[0] + 0.05)


def declared_pairs() -> set[tuple[str, str]]:
    """Return every text colour and background that one rule of the sheets sets together."""
    pairs = set()
    for body in re.findall(r"\{([^{}]*)\}", RULES + STAFF):
        front = re.search(r"(?<![\w-])color:\s*var\(--([\w-]+)\)", body)
        back = re.search(r"background(?:-color)?:\s*var\(--([\w-]+)\)", body)
        if front and back and {front[1], back[1]} <= BASE.keys():
            pairs.add((front[1], back[1]))
    return pairs


@pytest.mark.req("A6")
@pytest.mark.parametrize("mode", MODES)
def test_every_text_can_be_read_on_every_surface(mode: str) -> None:
    pairs = {(text, surface) for text in TEXTS for surface in SURFACES}
    pairs |= declared_pairs() | set(ON_FILLS) | set(ON_WASHES)
    weak = {pair: round(contrast(mode, *pair), 2) for pair in pairs if contrast(mode, *pair) < 4.5}
    assert {("on-red", "red-fill"), ("amber", "amber-wash"), ("ink-2", "well")} <= declared_pairs()
    assert weak == {}


@pytest.mark.req("A6")
@pytest.mark.parametrize("mode", MODES)
def test_controls_and_charts_stand_out_from_what_is_behind_them(mode: str) -> None:
    pairs = CONTROLS + CHARTS
    weak = {pair: round(contrast(mode, *pair), 2) for pair in pairs if contrast(mode, *pair) < 3 - 1e-9}
    weak = {
        pair: value for pair, value in weak.items() if not (mode.endswith("dark") and pair[0] == "red-fill")
    }
    assert weak == {}


def test_dark_is_the_same_whether_chosen_or_from_the_system() -> None:
    assert DARK_BY_SYSTEM == DARK
    assert set(DARK) >= {name for name, value in BASE.items() if value.startswith("#")}


@pytest.mark.req("A6")
def test_elder_letters_and_targets_are_large_and_staff_targets_large_enough() -> None:
    sizes = [float(ELDER[f"f{number}"].removesuffix("rem")) * 16 for number in range(1, 8)]
    assert min(sizes) >= 18
    assert sizes == sorted(sizes)
    assert (BASE["target"], ELDER["target"], STAFF_TOKENS["target"]) == ("3rem", "3.75rem", "2.5rem")
    assert float(ELDER["leading"]) >= 1.3


@pytest.mark.parametrize("sheet", [RULES, STAFF], ids=["house.css", "staff.css"])
def test_no_colour_is_written_outside_the_token_block(sheet: str) -> None:
    values = re.findall(r":\s([^;{}]+);", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    literal = re.compile(
        r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|color)a?\(|\b(?:white|black|red|gr[ae]y)\b(?!-)"
    )
    found = [value for value in values if literal.search(re.sub(r"var\([^)]*\)", "", value))]
    assert found == []


def test_the_sheets_use_only_tokens_that_exist() -> None:
    local = set(declarations(STAFF))
    used = set(re.findall(r"var\(--([\w-]+)\)", HOUSE + STAFF))
    assert used <= BASE.keys() | local


def test_the_sheets_stay_small() -> None:
    assert len(gzip.compress((HOUSE + STAFF).encode(), mtime=0)) < 15_000
    assert "@import" not in HOUSE + STAFF
    assert "url(" not in HOUSE + STAFF


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_needs_no_exception_from_the_strict_policy(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    tags = re.findall(r"<[a-zA-Z][^<>]*>", re.sub(r"{%.*?%}|{{.*?}}", "", text))
    assert not re.search(r"<style\b", text)
    assert [tag for tag in tags if re.search(r"\s(?:style|on[a-z]+)\s*=", tag)] == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag] == []
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//|javascript:", text)


@pytest.mark.req("A6")
@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_page_says_its_language_or_extends_one_that_does(path: Path) -> None:
    text = path.read_text()
    if "<html" in text:
        assert re.search(r'<html lang="zh-Hans"', text)
        assert '<meta name="viewport"' in text
    else:
        assert "{% extends " in text or "</html>" not in text


def test_every_partial_says_what_it_takes() -> None:
    silent = [
        path.name
        for path in (TEMPLATES / "components").glob("*.html")
        if "{% comment %}" not in path.read_text()[:40]
    ]
    assert silent == []


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    asked = {
        name
        for path in ALL_TEMPLATES
        for name in re.findall(r'{% icon "([\w-]+)"|icons\.svg" %}#([\w-]+)', path.read_text())
        for name in name
        if name
    }
    assert asked
    assert asked <= drawn


def test_every_partial_that_is_included_exists() -> None:
    missing = {
        name
        for path in ALL_TEMPLATES
        for name in re.findall(r'{% (?:include|extends) "([^"]+)"', path.read_text())
        if not (TEMPLATES / name).exists() and not name.startswith("admin/")
    }
    assert missing == set()
