"""Many approved applications at once: one made by the services, the others its copies, written by SQL."""

from __future__ import annotations

from applications.models import Application, Certificate, Event
from review.models import Decision
from tests.payouts.money import Desk, as_owner_without_triggers, run

FIRST = 1_000_000
"""Ids of copies lie past those that the sequences give out."""


def crowd(desk: Desk, count: int) -> list[Application]:
    """Return so many approved applications of one scheme; the copies share member, card and amount."""
    (model,) = desk.approved(1)
    copies = count - 1
    ids = {"id": f"{FIRST} + n"}
    linked = {"application_id": f"{FIRST} + n"}
    with as_owner_without_triggers():
        _copy(Certificate, f"id = {model.certificate_id}", copies, ids)
        own = {
            "public_id": "gen_random_uuid()",
            "number": f"'ZT2024-' || ({FIRST} + n) || '-0'",
            "person_index": "lpad(n::text, 64, '0')",
            "certificate_id": f"{FIRST} + n",
            "certificate_key": "certificate_key || ':' || n",
        }
        _copy(Application, f"id = {model.pk}", copies, ids | own)
        # An application has several events and one decision: the copies' ids must not meet.
        _copy(Event, f"application_id = {model.pk}", copies, linked | {"id": f"{FIRST} + id * {count} + n"})
        _chain_events(copies)
        _copy(Decision, f"application_id = {model.pk}", copies, linked | ids)
    return list(Application.objects.filter(scheme=desk.scheme, status="approved").order_by("id"))


def _chain_events(copies: int) -> None:
    """Write the digests that the silent trigger did not, version by version."""
    ids = list(range(FIRST + 1, FIRST + copies + 1))
    versions = Event.objects.filter(application_id__in=ids).values_list("version", flat=True)
    for version in sorted(versions.distinct().order_by()):
        run(
            "UPDATE applications_event e SET digest = applications_event_digest(e, coalesce("
            "(SELECT p.digest FROM applications_event p WHERE p.application_id = e.application_id"
            " AND p.version < e.version ORDER BY p.version DESC LIMIT 1), ''))"
            " WHERE e.version = %s AND e.application_id = ANY(%s)",
            [version, ids],
        )


def _copy(model: type, which: str, copies: int, own: dict[str, str]) -> None:
    """Insert so many copies of the rows; `own` gives the columns that differ, in SQL over the number n."""
    meta = model._meta  # type: ignore[attr-defined]  # a model class
    columns = [field.column for field in meta.concrete_fields]
    values = ", ".join(own.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    run(
        f"INSERT INTO {meta.db_table} ({names}) SELECT {values}"
        f" FROM {meta.db_table}, generate_series(1, {copies}) AS n WHERE {which}"
    )
