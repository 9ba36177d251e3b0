"""What PostgreSQL itself refuses of an application (DESIGN lists 1–4), tried past every service."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from applications.models import Application, Consent, Event
from subsidy.rules.workflow import APPLICATION_STEPS, PAYMENT_STEPS
from tests import make
from tests.refusals import now_or_never, refusal_of

pytestmark = pytest.mark.django_db


def force(application: Application, **values: Any) -> None:
    """Write columns past the services, with the event that the step asks for."""
    values.setdefault("version", application.version + 1)
    Event.objects.create(
        application=application,
        version=values["version"],
        action="forced",
        to_status=values.get("status", application.status),
        to_payment=values.get("payment", application.payment),
        actor_realm="system",
        business_at=timezone.now(),
        real_at=timezone.now(),
    )
    Application.objects.filter(pk=application.pk).update(**values)
    now_or_never()


def two_live_for_one_person() -> None:
    filed = make.submitted()
    other = make.submitted()
    Application.objects.filter(pk=other.pk).update(person_index=filed.person_index)


def one_certificate_approved_twice() -> None:
    for filed in (make.submitted(), make.submitted()):
        approved = {"status": "approved", "amount": 1000, "payable_from": timezone.now()}
        force(filed, certificate_key="skill:S0001", **approved)


def assisted_without_operator() -> None:
    force(make.draft(), channel="station", consent_evidence="签字", **filed_columns())


def assisted_without_evidence() -> None:
    force(make.draft(), channel="station", filed_by=make.staff("station"), **filed_columns())


def member_with_operator() -> None:
    force(make.draft(), filed_by=make.staff("station"), **filed_columns())


def filed_without_consent() -> None:
    force(make.draft(), consent=None, **filed_columns())


def paper_without_received_date() -> None:
    force(
        make.draft(),
        channel="paper",
        filed_by=make.staff("intake"),
        consent_evidence="申请表签字",
        **filed_columns(),
    )


def filed_without_person() -> None:
    force(make.draft(), **(filed_columns() | {"person_index": ""}))


def born_submitted() -> None:
    draft = make.draft()
    draft.pk, draft.public_id, draft.number, draft.certificate = None, uuid4(), "ZT2024-9999999-0", None
    draft.status, draft.review_due_at = "submitted", timezone.now()
    for name, value in filed_columns().items():
        setattr(draft, name, value)
    spare = make.draft()
    draft.certificate = spare.certificate
    Application.objects.filter(pk=spare.pk).update(certificate=None)
    draft.save(force_insert=True)


def jump_from_draft_to_approved() -> None:
    draft = make.draft()
    columns = filed_columns() | {"status": "approved", "amount": 1, "payable_from": timezone.now()}
    force(draft, **columns)


def step_without_event() -> None:
    filed = make.submitted()
    Application.objects.filter(pk=filed.pk).update(status="rejected", version=filed.version + 1)
    now_or_never()


def start_without_event() -> None:
    draft = make.draft()
    draft.pk, draft.public_id, draft.number, draft.certificate = None, uuid4(), "ZT2024-9999998-0", None
    draft.save(force_insert=True)
    now_or_never()


def step_with_the_same_version() -> None:
    filed = make.submitted()
    Application.objects.filter(pk=filed.pk).update(status="rejected")


def paid_out_of_nothing() -> None:
    filed = make.submitted()
    force(filed, status="approved", amount=1000, payable_from=timezone.now())
    filed.refresh_from_db()
    force(filed, payment="paid")


def payment_of_an_unapproved_one() -> None:
    force(make.submitted(), payment="in_payment")


def approved_without_amount() -> None:
    force(make.submitted(), status="approved", payable_from=timezone.now())


def approved_for_nothing() -> None:
    force(make.submitted(), status="approved", amount=0, payable_from=timezone.now())


def submitted_without_due_date() -> None:
    Application.objects.filter(pk=make.submitted().pk).update(review_due_at=None)


def application_removed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM applications_application WHERE id = %s", [make.draft().pk])


def event_rewritten() -> None:
    Event.objects.filter(application=make.draft()).update(note="改写")


def event_removed() -> None:
    Event.objects.filter(application=make.draft())._raw_delete("default")


def consent_rewritten() -> None:
    Consent.objects.filter(pk=make.draft().consent_id).update(version="2099-01")


def two_events_for_one_version() -> None:
    event = Event.objects.filter(application=make.draft()).get()
    event.pk = None
    event.save(force_insert=True)


def filed_columns() -> dict[str, Any]:
    return {
        "status": "submitted",
        "person_index": "a" * 64,
        "certificate_key": f"skill:X{uuid4().hex}",
        "submitted_at": timezone.now(),
        "first_filed_at": timezone.now(),
        "review_due_at": timezone.now(),
    }


REFUSED = [
    (two_live_for_one_person, "application_one_live_per_person_and_scheme", "applications_application"),
    (one_certificate_approved_twice, "application_certificate_approved_once", "applications_application"),
    (assisted_without_operator, "application_assisted_has_operator", "applications_application"),
    (member_with_operator, "application_assisted_has_operator", "applications_application"),
    (assisted_without_evidence, "application_assisted_has_consent_evidence", "applications_application"),
    (filed_without_consent, "application_filed_has_consent", "applications_application"),
    (paper_without_received_date, "application_paper_has_received_date", "applications_application"),
    (filed_without_person, "application_filed_is_complete", "applications_application"),
    (born_submitted, "application_starts_as_draft_or_awaiting", "applications_application"),
    (jump_from_draft_to_approved, "applications_application_status_steps", "applications_application"),
    (step_without_event, "application_step_has_event", "applications_application"),
    (start_without_event, "application_start_has_event", "applications_application"),
    (step_with_the_same_version, "application_step_raises_version", "applications_application"),
    (paid_out_of_nothing, "applications_application_payment_steps", "applications_application"),
    (payment_of_an_unapproved_one, "application_payment_needs_approval", "applications_application"),
    (approved_without_amount, "application_approved_has_amount", "applications_application"),
    (approved_for_nothing, "application_approved_has_amount", "applications_application"),
    (submitted_without_due_date, "application_submitted_has_due_date", "applications_application"),
    (application_removed, "applications_application_kept", "applications_application"),
    (event_rewritten, "applications_event_append_only", "applications_event"),
    (event_removed, "applications_event_append_only", "applications_event"),
    (consent_rewritten, "applications_consent_append_only", "applications_consent"),
    (two_events_for_one_version, "event_one_per_version", "applications_event"),
]


IDS = [wrong.__name__ for wrong, _, _ in REFUSED]


@pytest.mark.parametrize(("wrong", "rule", "table"), REFUSED, ids=IDS)
def test_the_database_refuses(wrong: Callable[[], None], rule: str, table: str) -> None:
    assert refusal_of(wrong) == rule


@pytest.mark.parametrize(("wrong", "rule", "table"), REFUSED, ids=IDS)
def test_without_its_rule_the_same_write_goes_through(
    wrong: Callable[[], None], rule: str, table: str
) -> None:
    assert refusal_of(wrong, dropping=(rule, table)) == ""


def test_the_steps_in_the_database_are_those_of_the_rules() -> None:
    migration = import_module("applications.migrations.0002_workflow_rules")
    flat = {(s.value, t.value) for s, targets in APPLICATION_STEPS.items() for t in targets}
    money = {(s.value, t.value) for s, targets in PAYMENT_STEPS.items() for t in targets}
    assert set(migration.STATUS_STEPS) == flat
    assert set(migration.PAYMENT_STEPS) == money
