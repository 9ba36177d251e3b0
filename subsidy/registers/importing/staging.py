"""The staging table of one run: rows go in by COPY, set statements compare and apply them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg import sql

from subsidy.crypto import EncryptedTextField
from subsidy.errors import FieldError
from subsidy.registers.importing.cells import Reading
from subsidy.registers.importing.kinds import Register
from subsidy.registers.importing.rows import Refused, fields_of, shown
from subsidy.spreadsheets import Row, Table

KEPT_ERRORS = 1000
SAMPLE = 5
STEP = 1000
OURS = frozenset({"id", "source_id"})
Progress = Callable[[int], None]

CREATE = (
    "DROP TABLE IF EXISTS {staging};"
    " CREATE TEMP TABLE {staging} ON COMMIT DROP AS SELECT 0 AS line, {columns} FROM {target} WITH NO DATA"
)
COPY = "COPY {staging} (line, {columns}) FROM STDIN"
ANALYZE = "ANALYZE {staging}"
TWICE = (
    "SELECT line, first FROM"
    " (SELECT line, min(line) OVER (PARTITION BY {key}) AS first FROM {staging}) AS seen"
    " WHERE line <> first ORDER BY line"
)
COUNT = (
    "SELECT count(*) FILTER (WHERE t.id IS NULL), count(*) FILTER (WHERE t.id IS NOT NULL AND {differs}),"
    " count(*) FROM {staging} AS s LEFT JOIN {target} AS t ON {same}"
)
UPDATE = "UPDATE {target} AS t SET ({stored}) = ROW ({staged}) FROM {staging} AS s WHERE {same} AND {differs}"
INSERT = (
    "INSERT INTO {target} ({stored}) SELECT {staged} FROM {staging} AS s"
    " WHERE NOT EXISTS (SELECT FROM {target} AS t WHERE {same})"
)


@dataclass(slots=True)
class Staged:
    """What went into the staging table and what did not; the first thousand faults are kept."""

    rows: int = 0
    error_count: int = 0
    errors: list[FieldError] = field(default_factory=list)
    sample: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, faults: Iterable[FieldError]) -> None:
        """Count faults and keep the first ones."""
        for fault in faults:
            self.error_count += 1
            if len(self.errors) < KEPT_ERRORS:
                self.errors.append(fault)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run does to the register, in rows."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


def stage(register: Register, table: Table, reading: Reading, progress: Progress | None = None) -> Staged:
    """Fill a fresh staging table; it lasts until the transaction ends."""
    staged = Staged()
    with connection.cursor() as cursor:
        cursor.execute(_statement(CREATE, register))
        with cursor.copy(_statement(COPY, register)) as copy:
            for record in _records(register, table, reading, staged, progress):
                copy.write_row(record)
        cursor.execute(_statement(ANALYZE, register))
        cursor.execute(_statement(TWICE, register))
        staged.refuse(_repeats(register, table, cursor))
    return staged


def count(register: Register) -> Counts:
    """Compare the staging table with the register."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(COUNT, register))
        created, changed, total = cursor.fetchone()
    return Counts(created, changed, total - created - changed)


def apply(register: Register, source_id: int) -> None:
    """Write what differs and what is new, each in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(UPDATE, register, source_id))
        cursor.execute(_statement(INSERT, register, source_id))


def _records(
    register: Register, rows: Iterable[Row], reading: Reading, staged: Staged, progress: Progress | None
) -> Iterator[list[Any]]:
    writers = _writers(register)
    for row in rows:
        staged.rows += 1
        if progress and staged.rows % STEP == 0:
            progress(staged.rows)
        try:
            fields = fields_of(register, row, reading)
        except Refused as refused:
            staged.refuse(refused.faults)
            continue
        if len(staged.sample) < SAMPLE:
            staged.sample.append(shown(register, row))
        stored = {name: write(fields[name]) for name, write in writers.items()}
        yield [row.number, *_keep_sealed(register, fields, stored, reading).values()]


def _writers(register: Register) -> dict[str, Callable[[Any], Any]]:
    """Return by database column what turns a value into its stored form."""
    writers: dict[str, Callable[[Any], Any]] = {}
    for model_field in register.model._meta.concrete_fields:
        name = str(model_field.column)
        if name not in OURS:
            is_sealed = isinstance(model_field, EncryptedTextField)
            writers[name] = _sealer(model_field) if is_sealed else _as_is
    return writers


def _sealer(model_field: Any) -> Callable[[Any], Any]:
    return lambda value: model_field.get_db_prep_save(value, connection)


def _as_is(value: Any) -> Any:
    return value


def _keep_sealed(
    register: Register, fields: dict[str, Any], stored: dict[str, Any], reading: Reading
) -> dict[str, Any]:
    """Give an unchanged mobile its old stored form where no digest column tells that it is unchanged."""
    known = reading.sealed.get(tuple(fields[name] for name in register.key)) if reading.sealed else None
    if known and known[0] == fields["mobile"]:
        stored["mobile"] = known[1]
    return stored


def _repeats(register: Register, table: Table, lines: Iterable[tuple[int, int]]) -> Iterator[FieldError]:
    heading = register.identifies
    for line, first in lines:
        address = Row(line, {}, table.columns).address(heading)
        sentence = f"单元格 {address}（{heading}）：与第 {first} 行重复。请只留一行。"
        yield FieldError(address, "ROW_TWICE", sentence)


def _statement(template: str, register: Register, source_id: int | None = None) -> str:
    """Fill a statement with the quoted names of one register."""
    names = list(_writers(register))
    stored = [sql.Identifier(name) for name in names]
    staged: list[sql.Composable] = [sql.Identifier("s", name) for name in names]
    if register.has_source:
        stored.append(sql.Identifier("source_id"))
        staged.append(sql.Literal(source_id))
    parts = {
        "staging": sql.Identifier("register_staging"),
        "target": sql.Identifier(register.model._meta.db_table),
        "columns": _list(names),
        "key": _list(register.key),
        "stored": sql.SQL(", ").join(stored),
        "staged": sql.SQL(", ").join(staged),
        "same": _pairs(register.key, "{} = {}", " AND "),
        "differs": _pairs(register.compared, "{} IS DISTINCT FROM {}", " OR "),
    }
    return sql.SQL(template).format(**parts).as_string(None)


def _list(names: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _pairs(names: Iterable[str], template: str, joint: str) -> sql.Composable:
    pairs = (sql.SQL(template).format(sql.Identifier("t", name), sql.Identifier("s", name)) for name in names)
    return sql.SQL("({})").format(sql.SQL(joint).join(pairs))
