"""The house's marks in templates and list columns: icons, chips, comparison marks, amounts and dates.

Loaded as a builtin library; the plain functions may also be imported by an admin module for `list_display`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from subsidy.rules import identity
from subsidy.shapes import MATCHES, MENU_ICONS, NOTICE_ICONS, SEVERITIES, SHAPES, Shape

register = template.Library()

WEEKDAYS = "一二三四五六日"


@register.simple_tag
def icon(name: str, title: str = "") -> SafeString:
    """Return one icon of the sprite; without a title it is hidden from screen readers."""
    address = f"{static('subsidy/icons.svg')}#{name}"
    if title:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', title, address
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', address)


@register.simple_tag
def chip(code: str, label: str = "", symbol: str = "") -> SafeString:
    """Return a state as icon, outline and word: `{% chip batch.status batch.get_status_display %}`."""
    shape = SHAPES.get(str(code), Shape("grey", "info"))
    word = label or getattr(code, "label", str(code))
    return format_html(
        '<span class="chip chip-{}">{}{}</span>', shape.outline, icon(symbol or shape.icon), word
    )


@register.simple_tag
def due_chip(due: date | datetime | None, today: date) -> SafeString:
    """Return how long is left: 逾期 2 天 (solid red square), 今天到期 (amber) or 还有 19 天 (blue)."""
    if due is None:
        return chip("time", "审核计时暂停")
    left = (_local_date(due) - today).days
    if left < 0:
        return chip("late", f"逾期 {-left} 天")
    return chip("soon", "今天到期") if left == 0 else chip("submitted", f"还有 {left} 天")


@register.simple_tag
def match(code: str, word: str = "") -> SafeString:
    """Return a comparison mark: same, near, diff, none or flag, with its word."""
    symbol, usual = MATCHES[code]
    return format_html('<span class="m-{}">{}{}</span>', code, icon(symbol), word or usual)


@register.simple_tag
def mark_for(severity: str) -> SafeString:
    """Return the round or square mark before a rule's sentence (ok, info, flag, blocking, todo)."""
    outline, symbol, word = SEVERITIES[str(severity)]
    return format_html(
        '<span class="mark-{}">{}<span class="sr">{}：</span></span>', outline, icon(symbol), word
    )


@register.simple_tag
def notice_icon(kind: str) -> SafeString:
    """Return the icon of a notice or a message by its tags."""
    found = (NOTICE_ICONS[word] for word in str(kind).split() if word in NOTICE_ICONS)
    return icon(next(found, "info"))


@register.simple_tag
def differing(text: str, other: str) -> SafeString:
    """Return `text` with the characters that differ from `other` under a wavy line."""
    pieces = []
    for operation, start, end, _, _ in SequenceMatcher(None, text, other, autojunk=False).get_opcodes():
        part = text[start:end]
        pieces.append(
            conditional_escape(part)
            if operation == "equal"
            else format_html('<mark class="wavy">{}</mark>', part)
        )
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped above


@register.simple_tag
def clauses(text: str | Sequence[str]) -> SafeString:
    """Return the clause labels of a reason; several are separated by 、 or given as a list."""
    items = text.split("、") if isinstance(text, str) else text
    return format_html_join(" ", '<span class="clause">{}</span>', ((item,) for item in items if item))


@register.simple_tag
def menu_icon(model: Mapping[str, Any]) -> SafeString:
    """Return the icon of a line of the staff menu: its own `icon`, or the one of its model."""
    return icon(model.get("icon") or MENU_ICONS.get(model.get("object_name", ""), "list"))


@register.simple_tag
def page_words(listing: Any) -> str:
    """Return 第 1–10 件，共 1000+ 件 of a change list; a list with a keyset brings its own `page_words`."""
    own = getattr(listing, "page_words", "")
    if own:
        return str(own)
    shown = len(listing.result_list)
    if not shown:
        return "共 0 条"
    first = (listing.page_num - 1) * listing.list_per_page + 1
    more = "+" if getattr(listing.paginator, "is_capped", False) else ""
    return f"第 {first}–{first + shown - 1} 条，共 {listing.result_count}{more} 条"


@register.simple_tag
def page_links(listing: Any) -> dict[str, str]:
    """Return the addresses of the pages before and after, as far as there are any."""
    number = listing.page_num
    has_next = number * listing.list_per_page < listing.result_count
    ahead = listing.get_query_string({PAGE_VAR: number + 1}) if has_next else ""
    behind = listing.get_query_string({PAGE_VAR: number - 1}) if number > 1 else ""
    return {
        "previous": getattr(listing, "previous_url", behind),
        "next": getattr(listing, "next_url", ahead),
    }


@register.filter
def yuan(amount: int | Decimal | None) -> str:
    """Return an amount for members: 1000 元."""
    return "" if amount is None else f"{Decimal(amount):.0f} 元"


@register.filter
def money(amount: int | Decimal | None) -> str:
    """Return an amount for a staff column: 1,000."""
    return "" if amount is None else f"{Decimal(amount):,.0f}"


@register.filter
def cents(amount: int | Decimal | None) -> str:
    """Return an amount as in a payout file: 2,356,000.00."""
    return "" if amount is None else f"{Decimal(amount):,.2f}"


@register.filter
def wan(amount: int | Decimal | None) -> str:
    """Return a large amount in units of 10,000 yuan: 204.60 万元."""
    return "" if amount is None else f"{Decimal(amount) / 10000:,.2f} 万元"


@register.filter
def day(value: date | datetime | None) -> str:
    """Return a date for a sentence: 2024 年 10 月 31 日."""
    if value is None:
        return ""
    local = _local_date(value)
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


@register.filter
def month_day(value: date | datetime | None) -> str:
    """Return a date of this year for a sentence: 6 月 28 日."""
    if value is None:
        return ""
    local = _local_date(value)
    return f"{local.month} 月 {local.day} 日"


@register.filter
def moment(value: datetime | None) -> str:
    """Return an instant for a sentence: 6 月 3 日 14:08."""
    return "" if value is None else f"{month_day(value)} {_local(value):%H:%M}"


@register.filter
def table_day(value: date | datetime | None) -> str:
    """Return a date for a table: 6月18日."""
    return month_day(value).replace(" ", "")


@register.filter
def table_moment(value: datetime | None) -> str:
    """Return an instant for a table: 6月18日 09:20."""
    return "" if value is None else f"{table_day(value)} {_local(value):%H:%M}"


@register.filter
def weekday(value: date | datetime) -> str:
    """Return 星期二."""
    return "星期" + WEEKDAYS[_local_date(value).weekday()]


@register.filter
def days_after(value: date | datetime, today: date) -> int:
    """Return how many days lie between today and the value."""
    return (_local_date(value) - today).days


@register.filter
def day_before(value: date | datetime) -> date:
    """Return the last whole day before an exclusive end."""
    return _local_date(value) - timedelta(days=1)


@register.filter
def masked_id(text: str | None) -> str:
    """Return 110102********2316."""
    return identity.mask_resident_id(text) if text else ""


@register.filter
def masked_card(text: str | None) -> str:
    """Return 6214 **** **** 0231."""
    return identity.mask_card(text) if text else ""


@register.filter
def masked_mobile(text: str | None) -> str:
    """Return 138****6620."""
    return identity.mask_mobile(text) if text else ""


@register.filter
def upto(total: int) -> range:
    """Return 1 … total, for the step bar."""
    return range(1, int(total) + 1)


@register.filter
def item(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """Return one entry of a mapping, or nothing: `{{ errors|item:"trade" }}`."""
    return mapping.get(key, "") if mapping else ""


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _local_date(value: date | datetime) -> date:
    return _local(value).date() if isinstance(value, datetime) else value
