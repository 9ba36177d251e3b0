"""Sixty hostile uploads: each is refused in one clear sentence or comes out as pixels alone, cheaply."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.models import Application, Attachment
from subsidy import uploads
from subsidy.errors import SubsidyError
from tests import make
from tests.hostile_uploads import CLEANED, HOSTILE, NAMES, PAYLOAD
from tests.pages.browser import photo
from tests.test_uploads import pdf

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES = 5.0, 512
HEAVY = {name for name in HOSTILE if "00 MB" in name or "within" in name}
RUN = """
import django, json
django.setup()
import tests.test_hostile_uploads as hostile
from tests.memory import peak
outcomes = {name: hostile.outcome(name) for name in hostile.HOSTILE}
print(json.dumps([outcomes, peak()]))
"""


def outcome(name: str) -> tuple[str, str, float, bool]:
    """Return the refusal's code and sentence, the seconds it took, and whether the payload came through."""
    upload = HOSTILE[name]
    content, began = upload.make(), time.process_time()
    try:
        clean = uploads.accept(SimpleUploadedFile("x.jpg", content))
    except SubsidyError as refusal:
        return refusal.code, refusal.message, time.process_time() - began, False
    passed = PAYLOAD in clean.content or b"PK\\x03\\x04" in clean.content or b"Exif" in clean.content
    return CLEANED, "", time.process_time() - began, passed


def judge(name: str, code: str, message: str, payload: bool) -> None:
    """Assert that one upload ended as it should."""
    assert code == HOSTILE[name].code, (name, code, message)
    assert not payload, name
    if code:
        assert re.fullmatch(r"[^A-Za-z]*(?:(?:JPEG|PNG|PDF|MB|HEIC/AVIF)[^A-Za-z]*)*。", message), message


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 55


@pytest.mark.req("A2")
@pytest.mark.parametrize("name", sorted(set(HOSTILE) - HEAVY))
def test_a_hostile_upload_is_refused_in_a_sentence_or_cleaned(name: str) -> None:
    code, message, seconds, payload = outcome(name)
    judge(name, code, message, payload)
    assert seconds < SECONDS


@pytest.mark.long
@pytest.mark.req("A2")
def test_all_of_them_together_stay_under_512_megabytes_and_five_seconds_each() -> None:
    run = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "subsidy.settings"},
    )
    assert run.returncode == 0, run.stderr
    outcomes, megabytes = json.loads(run.stdout)
    for name, (code, message, seconds, payload) in outcomes.items():
        judge(name, code, message, payload)
        assert seconds < SECONDS, name
    assert megabytes < MEGABYTES


def test_a_pdf_as_programs_write_it_passes() -> None:
    for body in (
        b"<< /Type /Catalog /OpenAction [3 0 R /FitH null] >>\n",
        b"<< /Type /Catalog /OpenAction 5 0 R >>\n",
        b"<< /OpenAction << /S /GoTo /D [3 0 R /Fit] >> >>\n",
        b"<< /A << /S /URI /URI (https://example.invalid) >> >>\n",
        b"<< /Kids [[[1 0 R]]] >>\n",
    ):
        assert uploads.accept(SimpleUploadedFile("x.pdf", pdf(body))).kind == "pdf"


@pytest.fixture
def draft(db: None, settings: Any, tmp_path: Path) -> Application:
    settings.MEDIA_ROOT = tmp_path
    return make.draft()


@pytest.mark.req("F1")
@pytest.mark.django_db
@pytest.mark.usefixtures("draft")
def test_no_name_that_a_browser_sends_reaches_the_disk(draft: Application, tmp_path: Path) -> None:
    client = Client()
    session = client.session
    session["member_id"], session["member_epoch"] = draft.member_id, draft.member.session_epoch
    session.save()
    colours = (
        "white",
        "red",
        "blue",
        "green",
        "black",
        "grey",
        "pink",
        "brown",
        "navy",
        "teal",
        "gold",
        "tan",
    )
    for name, colour in zip(NAMES, colours, strict=True):
        file = photo(colour, name="x.jpg")
        file._name = name
        answer = client.post(f"/api/v1/applications/{draft.public_id}/attachments/", {"file": file})
        assert answer.status_code in (201, 400), (name, answer.content)
    kept = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == Attachment.objects.count() >= len(NAMES) - 2
    assert all(re.fullmatch(r"attachments/[0-9a-f]{32}\.jpg", str(path)) for path in kept)
    assert not (tmp_path.parent / "passwd").exists()


@pytest.mark.req("A2")
@pytest.mark.django_db
def test_a_file_is_shown_by_a_view_that_asks_and_under_no_address_of_its_own(draft: Application) -> None:
    assert settings.MEDIA_URL in ("", "/")
    client = Client()
    client.force_login(make.staff("reviewer"))
    attachment = Attachment(
        application=draft, kind="certificate", content_type="application/pdf", sha256="0" * 64, size=9
    )
    attachment.uploaded_at = make.DAY
    attachment.file.save("0" * 32 + ".pdf", SimpleUploadedFile("x.pdf", pdf()))
    for address in (f"/{attachment.file.name}", f"/media/{attachment.file.name}"):
        assert client.get(address).status_code == 404
    link = reverse("admin:review_queueitem_picture", args=[draft.pk, attachment.public_id])
    answer = client.get(link)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"".join(answer.streaming_content) == pdf()  # type: ignore[attr-defined]
    assert Client().get(link).status_code == 302
