"""An event altered past every rule is named by the books, whichever column it was (D5, A3)."""

from __future__ import annotations

import pytest
from django.db import connection

from applications.models import Event
from payouts.books import Books, verify
from tests import make
from tests.refusals import now_or_never

pytestmark = pytest.mark.django_db
TAMPERED = [
    "note = '改过'",
    "actor_realm = 'system'",
    "actor_id = 424242",
    "business_at = business_at - interval '90 days'",
    "real_at = real_at - interval '1 second'",
    "action = 'foo'",
    "data = '{\"amount\": 9}'",
    "reasons = '[{}]'",
    'remarks = \'{"trade": "x"}\'',
    "deadline = NULL",
    "digest = repeat('0', 64)",
]


def named(books: Books) -> set[tuple[str, int]]:
    return {(row.kind, row.id) for finding in books.findings for row in finding.rows}


@pytest.mark.req("D5", "A3")
@pytest.mark.parametrize("change", TAMPERED)
def test_the_books_name_an_event_altered_in_any_column(change: str) -> None:
    event = Event.objects.get(application=make.submitted(), action="submit")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE applications_event SET {change} WHERE id = %s", [event.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert ("event", event.pk) in named(verify(make.DAY))


@pytest.mark.req("D5")
def test_the_books_name_an_application_whose_last_event_is_gone() -> None:
    filed = make.submitted()
    now_or_never()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "DELETE FROM applications_event WHERE application_id = %s AND action = 'submit'", [filed.pk]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert ("application", filed.pk) in named(verify(make.DAY))
