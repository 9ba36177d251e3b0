"""The catalogues of trades and awarding bodies: finding a printed name, and keeping the entries."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Length

from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import FieldError, Malformed
from subsidy.registers.models import AwardingBody, NamedEntry, Trade
from subsidy.rules.folding import fold_name

E = TypeVar("E", bound=NamedEntry)
LIMIT = 20
STARTER = Path(__file__).resolve().parent / "data"
ALIAS_MARKS = "；;|"
_BRACKETS = str.maketrans("", "", "()[]{}<>〔〕【】《》「」")
_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry found: `matched` is the writing that fits, the name itself or an alias."""

    id: int
    name: str
    code: str
    matched: str
    retired: bool


@dataclass(frozen=True, slots=True)
class Upsert:
    """What loading rows into a catalogue did."""

    created: int
    changed: int
    unchanged: int


def search_trades(q: str) -> list[Hit]:
    """Return at most 20 trades whose name or alias contains the text, best first (F1)."""
    return _search(Trade, q)


def search_bodies(q: str) -> list[Hit]:
    """Return at most 20 awarding bodies whose name or alias contains the text, best first (F1)."""
    return _search(AwardingBody, q)


def trade_named(name: str) -> Trade | None:
    """Return the trade with that name or alias, however it is written."""
    return _named(Trade, name)


def body_named(name: str) -> AwardingBody | None:
    """Return the awarding body with that name or alias, however it is written."""
    return _named(AwardingBody, name)


def trade_is_listed(name: str | None) -> bool | None:
    """Say whether a trade is in the catalogue; None without a name or without a catalogue."""
    return _is_listed(Trade, name)


def body_is_listed(name: str | None) -> bool | None:
    """Say whether an awarding body is in the catalogue; None without a name or without a catalogue."""
    return _is_listed(AwardingBody, name)


def upsert_trades(rows: Iterable[Mapping[str, str]], *, actor: Actor) -> Upsert:
    """Create or change trades from rows with the workbook's headings; all or nothing."""
    return _upsert(Trade, {"occupation": "职业"}, rows, actor)


def upsert_bodies(rows: Iterable[Mapping[str, str]], *, actor: Actor) -> Upsert:
    """Create or change awarding bodies from rows with the workbook's headings; all or nothing."""
    return _upsert(AwardingBody, {"filed_with": "备案部门"}, rows, actor)


def load_starter_catalogues(*, actor: Actor) -> tuple[Upsert, Upsert]:
    """Load the catalogues shipped with the product and return what changed in trades and in bodies."""
    with transaction.atomic():
        trades = upsert_trades(_starter_rows("trades.csv"), actor=actor)
        return trades, upsert_bodies(_starter_rows("awarding_bodies.csv"), actor=actor)


def search_key(name: str, aliases: Iterable[str]) -> str:
    """Return every writing folded, with and without its brackets, between bars: |a|b|."""
    folded = [fold_name(text) for text in (name, *aliases)]
    bare = [text.translate(_BRACKETS) for text in folded]
    return f"|{_SEPARATOR.join(dict.fromkeys([*folded, *bare]))}|"


def _search(catalogue: type[E], q: str) -> list[Hit]:
    key = fold_name(q).translate(_BRACKETS).replace(_SEPARATOR, "")
    found = catalogue._default_manager.filter(search_key__contains=key)
    ranked = found.annotate(place=_place(key), length=Length("name")).order_by(
        "place", F("valid_to").asc(nulls_first=True), "length", "id"
    )
    today = clock.today()
    return [_hit(entry, key, today) for entry in ranked[:LIMIT]]


def _place(key: str) -> Case:
    """Order: the whole writing, then its beginning, then anywhere."""
    whole = When(search_key__contains=f"|{key}|", then=Value(0))
    beginning = When(search_key__contains=f"|{key}", then=Value(1))
    return Case(whole, beginning, default=Value(2), output_field=IntegerField())


def _hit(entry: NamedEntry, key: str, today: date) -> Hit:
    writings = [entry.name, *entry.aliases]
    matched = next((text for text in writings if key in fold_name(text).translate(_BRACKETS)), entry.name)
    retired = entry.valid_to is not None and entry.valid_to < today
    return Hit(entry.pk, entry.name, entry.code, matched, retired)


def _named(catalogue: type[E], name: str) -> E | None:
    key = fold_name(name).replace(_SEPARATOR, "")
    if not key:
        return None
    same = catalogue._default_manager.filter(Q(name_key=key) | Q(search_key__contains=f"|{key}|"))
    return same.order_by(Case(When(name_key=key, then=Value(0)), default=Value(1)), "id").first()


def _is_listed(catalogue: type[NamedEntry], name: str | None) -> bool | None:
    if not name or not catalogue._default_manager.exists():
        return None
    return _named(catalogue, name) is not None


def _upsert(
    catalogue: type[E], own: Mapping[str, str], rows: Iterable[Mapping[str, str]], actor: Actor
) -> Upsert:
    wanted = _wanted(own, rows)
    with transaction.atomic():
        known = {entry.code: entry for entry in catalogue._default_manager.select_for_update()}
        fresh = [catalogue(code=code, **values) for code, values in wanted.items() if code not in known]
        changed = [entry for code, entry in known.items() if code in wanted and _write(entry, wanted[code])]
        catalogue._default_manager.bulk_create(fresh)
        if changed:
            catalogue._default_manager.bulk_update(changed, [*next(iter(wanted.values()))])
        done = Upsert(len(fresh), len(changed), len(wanted) - len(fresh) - len(changed))
        data = {"created": done.created, "changed": done.changed}
        record(f"register.{catalogue._meta.model_name}", actor=actor, data=data)
    return done


def _write(entry: NamedEntry, values: Mapping[str, Any]) -> bool:
    different = [name for name, value in values.items() if getattr(entry, name) != value]
    for name in different:
        setattr(entry, name, values[name])
    return bool(different)


def _wanted(own: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    wanted: dict[str, dict[str, Any]] = {}
    errors: list[FieldError] = []
    for place, row in enumerate(rows, 2):
        try:
            code, values = _read_row(own, row)
        except ValueError as error:
            errors.append(FieldError(f"第 {place} 行", "bad_row", str(error)))
            continue
        if code in wanted:
            errors.append(FieldError(f"第 {place} 行", "duplicate", f"编码 {code} 在文件里出现了两次。"))
        wanted[code] = values
    if errors:
        raise Malformed(f"有 {len(errors)} 行不能导入，整份没有改动。", code="BAD_ROWS", errors=errors)
    return wanted


def _read_row(own: Mapping[str, str], row: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    code, name = (_cell(row, heading) for heading in ("编码", "名称"))
    if not code or not name:
        raise ValueError("编码和名称都要填写。")
    if len(code) > 40 or len(name) > 200 or _SEPARATOR in name:
        raise ValueError("编码不能超过 40 个字，名称不能超过 200 个字，也不能含“|”。")
    aliases = list(_aliases(_cell(row, "别名")))
    common = {
        "name": name,
        "name_key": fold_name(name),
        "aliases": aliases,
        "search_key": search_key(name, aliases),
        "valid_from": _day(row, "启用日期"),
        "valid_to": _day(row, "停用日期"),
    }
    return code, common | {field: _cell(row, heading) for field, heading in own.items()}


def _cell(row: Mapping[str, str], heading: str) -> str:
    return (row.get(heading) or "").strip()


def _aliases(text: str) -> Iterator[str]:
    for mark in ALIAS_MARKS:
        text = text.replace(mark, "\n")
    yield from (alias.strip() for alias in text.split("\n") if alias.strip())


def _day(row: Mapping[str, str], heading: str) -> date | None:
    text = _cell(row, heading)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValueError(f"{heading}应写成 YYYY-MM-DD。") from error


def _starter_rows(file_name: str) -> list[dict[str, str]]:
    with (STARTER / file_name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
