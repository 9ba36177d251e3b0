"""What a page is measured by: sideways scroll at every width, axe in every dress, the size of targets."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDTHS = (320, 390, 768, 1024, 1280)
LIGHT, DARK, ELDER = ("light", ""), ("dark", ""), ("light", "elder")
MEMBER_TARGET, ELDER_TARGET, STAFF_TARGET = 44, 60, 40
# Without preloading axe puts no style sheet of its own into the page, which the policy would refuse.
ALL_RULES: dict[str, Any] = {"preload": False}
ONLY_COLOURS = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return null;
  const out = [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right + scrollX > innerWidth + 1 && !one.closest(".scroll");
  });
  const last = out.at(-1);
  return `${wide}px: ${last ? last.outerHTML.slice(0, 120) : "?"}`;
}"""
TOO_SMALL = """(least) => {
  const typed = "input:not([type=hidden], [type=checkbox], [type=radio])";
  const controls = `a, button, summary, select, textarea, label.choice, ${typed}`;
  return [...document.querySelectorAll(controls)].filter((one) => {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = one.getBoundingClientRect();
    if (box.width <= 4 || box.height <= 4 || box.bottom + scrollY <= 0 || one.closest(".sr")) return false;
    if (one.matches("a") && getComputedStyle(one).display === "inline") return false;
    return box.height < least - 0.5 || box.width < Math.min(least, 24);
  }).map((one) => {
    const box = one.getBoundingClientRect();
    return `${Math.round(box.width)}×${Math.round(box.height)}: ${one.outerHTML.slice(0, 100)}`;
  });
}"""


def dress(page: Page, look: tuple[str, str]) -> None:
    """Show the page as one who chose theme and size sees it; the server does no more than set these two."""
    page.evaluate(
        """([theme, size]) => {
          const { dataset } = document.documentElement;
          dataset.theme = theme;
          if (size) dataset.size = size; else delete dataset.size;
          for (const fade of document.getAnimations()) fade.finish();
        }""",
        list(look),
    )


def sideways(page: Page) -> list[str]:
    """Return the widths at which the page scrolls sideways, each with what sticks out."""
    before, found = page.viewport_size, []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if out := page.evaluate(TOO_WIDE):
            found.append(f"at {width} {out}")
    if before:
        page.set_viewport_size(before)
    return found


def violations(page: Page, look: tuple[str, str], options: dict[str, Any] = ALL_RULES) -> list[str]:
    """Return what axe finds on the page in one dress."""
    dress(page, look)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"axe {'+'.join(filter(None, look))} {one['id']}: {node['html'][:120]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def small_targets(page: Page, least: int) -> list[str]:
    """Return the controls that a finger misses; a link within a sentence is no target of its own."""
    return [f"target under {least} {one}" for one in page.evaluate(TOO_SMALL, least)]
