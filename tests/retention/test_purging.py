"""What is past its term goes, in chunks and as the application; nothing that was ever filed is touched."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from applications.api.exports import export_of
from applications.models import Application, Attachment, Certificate, Event, IdempotencyKey
from applications.services.attachments import attach
from applications.services.filing import withdraw
from subsidy import clock, uploads
from subsidy.accounts.models import MemberToken, SignInCode
from subsidy.accounts.services import issue_token, member_actor, request_code
from subsidy.apps.upkeep.retention.services import LOCK, purge
from subsidy.apps.upkeep.retention.terms import TERMS
from subsidy.audit.models import AuditRow
from subsidy.notices.models import Notice
from subsidy.notices.services import enqueue
from subsidy.rules.terms import AttachmentKind
from tests import make
from tests.pages.browser import photo

pytestmark = [pytest.mark.django_db, pytest.mark.req("A2")]
CLOSED = datetime(2024, 11, 1, tzinfo=clock.SHANGHAI)
LONG_AFTER = CLOSED + TERMS["drafts"].lasts + timedelta(days=1)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def purged(at: datetime = LONG_AFTER, **options: Any) -> dict[str, int]:
    with clock.at(at):
        return {name: count for name, count in purge(**options).items() if count}


def pictured(application: Application, colour: str = "white") -> Attachment:
    actor = member_actor(application.member)
    with clock.at(make.DAY):
        clean = uploads.accept(photo(colour))
        return attach(application, actor=actor, kind=AttachmentKind.CERTIFICATE, upload=clean)


def aged(rows: Any, column: str, days: int) -> None:
    """Let rows look as old as the test needs; the services know no other past than their own."""
    rows.update(**{column: clock.real_now() - timedelta(days=days)})


def test_a_draft_never_filed_loses_what_was_typed_and_keeps_its_trace(
    django_capture_on_commit_callbacks: Callable[..., Any], media: Path
) -> None:
    draft = make.draft()
    path = media / str(pictured(draft).file)
    number, certificate = draft.number, draft.certificate_id
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert purged() == {"drafts": 1}
    draft.refresh_from_db()
    assert (draft.status, draft.name, draft.card_number, draft.card_tail) == ("withdrawn", "", None, "")
    assert not Certificate.objects.filter(pk=certificate).exists()
    assert not Attachment.objects.exists()
    assert not path.exists()
    assert list(Event.objects.filter(application=draft).values_list("action", flat=True)) == [
        "draft",
        "purge",
    ]
    assert number in json.dumps(export_of(draft.member), default=str)


@pytest.mark.parametrize("days", [-1, 0])
def test_a_draft_stays_until_its_term_is_over(days: int) -> None:
    draft = make.draft()
    assert purged(CLOSED + TERMS["drafts"].lasts + timedelta(days=days)) == {}
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_draft_that_was_taken_back_is_cleared_too() -> None:
    draft = make.draft()
    with clock.at(make.DAY):
        withdraw(draft, actor=member_actor(draft.member), version=draft.version)
    assert purged() == {"drafts": 1}
    draft.refresh_from_db()
    assert (draft.certificate_id, draft.name) == (None, "")


@pytest.mark.req("F4")
def test_what_was_filed_prepared_or_received_is_never_touched() -> None:
    filed, back, winner = make.submitted(), make.submitted(), make.roster_place(77)
    with clock.at(make.DAY):
        withdraw(back, actor=member_actor(back.member), version=back.version)
    dossier = make.paper(papers=make.dossier(has_card=False))
    kept = [
        filed.pk,
        back.pk,
        winner.pk,
        *Application.objects.filter(dossier__isnull=False).values_list("pk", flat=True),
    ]
    assert dossier is not None
    before = list(Application.objects.filter(pk__in=kept).order_by("pk").values())
    assert purged() == {}
    assert list(Application.objects.filter(pk__in=kept).order_by("pk").values()) == before


@pytest.mark.usefixtures("application_role")
def test_the_database_keeps_the_pictures_of_what_was_filed() -> None:
    draft = make.draft()
    pictured(draft)
    Application.objects.filter(pk=draft.pk).update(first_filed_at=make.DAY)
    with pytest.raises(IntegrityError, match="attachment_of_the_filed_stays"), transaction.atomic():
        Attachment.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER attachment_of_the_filed_stays ON applications_attachment")
    assert Attachment.objects.all().delete()[0] == 1


def test_finished_messages_lose_number_and_words_and_waiting_ones_do_not() -> None:
    person = make.member()
    for status in ("sent", "pending"):
        notice = enqueue(
            "withdrawn", mobile=make.mobile(1), member_id=person.pk, context={"number": "ZT2024-0000001-C"}
        )
        sent_at = clock.real_now() if status == "sent" else None
        Notice.objects.filter(pk=notice.pk).update(status=status, sent_at=sent_at)
    aged(Notice.objects.all(), "created_at", TERMS["notices"].lasts.days + 1)
    assert purged(make.DAY) == {"notices": 1}
    assert Notice.objects.get(status="sent").body is None
    assert Notice.objects.get(status="pending").body
    with pytest.raises(IntegrityError, match="notice_emptied_when_done"), transaction.atomic():
        Notice.objects.filter(status="pending").update(body=None, mobile=None)


def test_a_sent_code_is_emptied_after_a_day() -> None:
    request_code(make.mobile(2), nonce="a-browser", ip="192.0.2.7")
    Notice.objects.update(status="sent", sent_at=clock.real_now())
    assert purged(make.DAY) == {}
    aged(Notice.objects.all(), "created_at", 2)
    assert purged(make.DAY) == {"codes_sent": 1}


def test_codes_tokens_sessions_and_keys_go_when_their_time_is_over() -> None:
    person = make.member()
    request_code(make.mobile(3), nonce="a-browser", ip="192.0.2.7")
    issue_token(person)
    Session.objects.create(session_key="old", session_data="", expire_date=clock.real_now() - timedelta(1))
    Session.objects.create(session_key="new", session_data="", expire_date=clock.real_now() + timedelta(1))
    IdempotencyKey.objects.create(
        realm="member", actor_id=1, route="r", key="k", digest="0" * 64, created_at=clock.real_now()
    )
    assert purged(make.DAY) == {"sessions": 1}
    aged(SignInCode.objects.all(), "created_at", 8)
    aged(MemberToken.objects.all(), "created_at", 90)
    aged(MemberToken.objects.all(), "expires_at", 31)
    aged(IdempotencyKey.objects.all(), "created_at", 401)
    assert purged(make.DAY) == {"sign_in_codes": 1, "member_tokens": 1, "idempotency_keys": 1}
    assert Session.objects.get().session_key == "new"


def test_a_file_without_a_row_goes_after_two_days_and_one_with_a_row_stays(media: Path) -> None:
    kept = media / str(pictured(make.draft()).file)
    fresh, old = media / "attachments" / "fresh.jpg", media / "attachments" / "old.jpg"
    for path in (fresh, old):
        path.write_bytes(b"x")
    long_ago = (clock.real_now() - timedelta(days=3)).timestamp()
    for path in (old, kept):
        os.utime(path, (long_ago, long_ago))
    assert purged(make.DAY) == {"orphans": 1}
    assert (kept.exists(), fresh.exists(), old.exists()) == (True, True, False)


def test_a_dry_run_counts_the_same_and_clears_nothing() -> None:
    draft = make.draft()
    Session.objects.create(session_key="old", session_data="", expire_date=clock.real_now() - timedelta(1))
    expected = {"sessions": 1, "drafts": 1}
    assert purged(dry_run=True) == expected
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert purged() == expected


@pytest.mark.req("A3")
def test_it_may_be_repeated_and_is_recorded_with_counts_alone() -> None:
    make.draft()
    purged()
    assert purged() == {}
    assert AuditRow.objects.get(action="data.purge").data == {"drafts": 1}


def test_more_than_a_chunk_is_cleared_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subsidy.apps.upkeep.retention.rows.CHUNK", 3)
    monkeypatch.setattr("applications.services.expiring.CHUNK", 1)
    expired = clock.real_now() - timedelta(1)
    Session.objects.bulk_create(
        Session(session_key=f"old{n}", session_data="", expire_date=expired) for n in range(10)
    )
    make.draft(), make.draft()
    assert purged() == {"sessions": 10, "drafts": 2}


@pytest.mark.django_db(transaction=True)
def test_a_second_run_beside_the_first_leaves_the_work_to_it(thread_race: Callable[..., list[Any]]) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=clock.real_now() - timedelta(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        beside = thread_race(lambda _: purge()["sessions"], times=1)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert beside == [0]
    assert purge()["sessions"] == 1


@pytest.mark.usefixtures("groups")
def test_it_runs_as_the_application(as_application: None) -> None:
    draft = make.draft()
    pictured(draft)
    Session.objects.create(session_key="old", session_data="", expire_date=clock.real_now() - timedelta(1))
    assert purged() == {"sessions": 1, "drafts": 1}


def test_the_command_tells_what_it_cleared_in_words_and_in_json() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=clock.real_now() - timedelta(1))
    told = io.StringIO()
    call_command("purge_expired", "--dry-run", "--json", stdout=told)
    assert json.loads(told.getvalue())["cleared"]["sessions"] == 1
    told = io.StringIO()
    call_command("purge_expired", stdout=told)
    assert "登录会话（失效后）：已清理 1" in told.getvalue()


def test_the_page_shows_the_terms_as_they_are() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## 保留期限")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)[2:]
    assert rows == [(term.label, term.words, term.then) for term in TERMS.values()]
