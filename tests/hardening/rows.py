"""What stands in the database: a digest of every row of every table, to see what a request changed."""

from __future__ import annotations

from django.db import connection

DIGEST = """
SELECT '{table}', count(*), md5(coalesce(string_agg(md5(t::text), ',' ORDER BY md5(t::text)), ''))
  FROM "{table}" AS t
"""


def digests() -> dict[str, tuple[int, str]]:
    """Return table → number of rows and digest of all of them."""
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(DIGEST.format(table=name) for name in names))
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def changed(before: dict[str, tuple[int, str]]) -> set[str]:
    """Return the tables in which a row came, went or changed since."""
    after = digests()
    return {name for name in after if after[name] != before.get(name)}
