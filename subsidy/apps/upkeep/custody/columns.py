"""Every encrypted column of the house, found from the models: how its sealed values are read and moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, models, transaction

from subsidy.crypto import EncryptedTextField, blind_index, current_key_id, rotate

DIGESTS = {
    "resident_id": ("resident_id", "resident_id_index"),
    "card_number": ("card", "card_index"),
    "mobile": ("mobile", "mobile_index"),
}
SEALED = r"^[A-Za-z0-9_.-]{1,16}\$[A-Za-z0-9+/]+=*$"
UNSEALED = ""  # stands for the key id of a value that is no sealed text; its text is never shown


class Value(NamedTuple):
    """One stored value, still sealed, and the digest beside it."""

    pk: Any
    sealed: str
    digest: str | None


@dataclass(frozen=True)
class SealedEntry:
    """A sealed text inside the JSON that django-allauth keeps about a second factor."""

    name: str

    @property
    def context(self) -> str:
        """Return where it stands: "mfa.authenticator.secret"."""
        return f"mfa.authenticator.{self.name}"

    @property
    def column_sql(self) -> str:
        """Return how PostgreSQL reads it; the name is ours."""
        return f"(data ->> '{self.name}')"

    def opened(self, sealed: str) -> str:
        """Return the plain text; raises `Unreadable`."""
        return str(get_adapter().decrypt(sealed))

    def rotate(self, rows: models.QuerySet[Any]) -> int:
        """Seal anew what lies under an older key; return how many."""
        prefix, done = f"{current_key_id()}$", 0
        with transaction.atomic():
            for row in rows.filter(data__has_key=self.name).select_for_update(of=("self",)).order_by("pk"):
                if not row.data[self.name].startswith(prefix):
                    row.data[self.name] = get_adapter().encrypt(self.opened(row.data[self.name]))
                    row.save(update_fields=["data"])
                    done += 1
        return done


@dataclass(frozen=True)
class Column:
    """An encrypted column and, where the table has one, its digest column."""

    model: type[models.Model]
    field: EncryptedTextField | SealedEntry
    kind: str = ""
    digest: str = ""

    @property
    def label(self) -> str:
        """Return where the column stands: "accounts.member.mobile"."""
        return self.field.context

    def row(self, pk: Any) -> str:
        """Name one row without anything personal."""
        return f"{self.label}:{pk}"

    def opened(self, value: Value) -> str:
        """Return the plain text; raises `Unreadable`."""
        if isinstance(self.field, SealedEntry):
            return self.field.opened(value.sealed)
        return str(self.field.from_db_value(value.sealed, None, connection))

    def rotate(self, rows: models.QuerySet[Any]) -> int:
        """Bring some rows of the table under the current key; return how many."""
        if isinstance(self.field, SealedEntry):
            return self.field.rotate(rows)
        return rotate(rows, self.field.name)

    def agrees(self, value: Value, plain: str) -> bool:
        """Whether the stored digest is the one that today's key makes of the plain text."""
        return bool(plain) and value.digest == blind_index(self.kind, plain)

    def key_ids(self) -> dict[str, int]:
        """Return how many values lie under each key id."""
        column = self._name(self.field)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {_key_id(column)}, count(*) FROM {self._table} "  # noqa: S608 - quoted, our own models
                f"WHERE {column} IS NOT NULL GROUP BY 1",
                [SEALED],
            )
            return dict(cursor.fetchall())

    def values(self, key_id: str, limit: int | None) -> Iterator[Value]:
        """Yield values under one key: a random sample of `limit`, or all."""
        column, pk = self._name(self.field), self._name(self.model._meta.pk)
        digest = connection.ops.quote_name(self.digest) if self.digest else "NULL"
        chosen = "" if limit is None else " ORDER BY random() LIMIT %s"
        statement = (
            f"SELECT {pk}, {column}, {digest} FROM {self._table} "  # noqa: S608 - as above
            f"WHERE {column} IS NOT NULL AND {_key_id(column)} = %s{chosen}"
        )
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, [SEALED, key_id, *([] if limit is None else [limit])])
            while rows := cursor.fetchmany(2000):
                yield from (Value(*row) for row in rows)

    @property
    def _table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def _name(self, field: Any) -> str:
        if isinstance(field, SealedEntry):
            return field.column_sql
        return connection.ops.quote_name(field.column)


def encrypted_columns() -> list[Column]:
    """Return every encrypted column of every model, in a steady order."""
    found = [
        _column(model, field)
        for model in apps.get_models()
        if not model._meta.proxy
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]
    found += [Column(Authenticator, SealedEntry(name)) for name in ("secret", "seed")]
    return sorted(found, key=lambda column: column.label)


def _column(model: type[models.Model], field: EncryptedTextField) -> Column:
    kind, digest = DIGESTS.get(field.name, ("", ""))
    has_digest = digest in {other.name for other in model._meta.concrete_fields}
    return Column(model, field, kind, digest) if has_digest else Column(model, field)


def _key_id(column: str) -> str:
    return f"CASE WHEN {column} ~ %s THEN split_part({column}, '$', 1) ELSE '' END"
