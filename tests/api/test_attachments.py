"""Pictures over HTTP: for their owner alone, never run, never sniffed (F1)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from applications.models import Attachment
from tests.api.conftest import API, Caller, fields, is_problem, new_application

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june", "media")]


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> None:
    """Keep files of this test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path


def picture(colour: str = "red", kind: str = "PNG") -> SimpleUploadedFile:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (24, 16), colour).save(out, kind)
    return SimpleUploadedFile(f"my photo.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


def draft_of(caller: Caller) -> str:
    """Return the id of a new draft."""
    return str(caller.post("applications/", new_application()).json()["id"])


def upload(caller: Caller, application: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
    """Send a multipart form."""
    return caller.client.post(f"{API}applications/{application}/attachments/", body, **(headers or {}))


@pytest.mark.parametrize(("kind", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
@pytest.mark.req("F1")
def test_a_picture_is_kept_and_given_back(owner: Caller, kind: str, content_type: str) -> None:
    application = draft_of(owner)
    response = upload(owner, application, file=picture(kind=kind))
    made = response.json()
    assert response.status_code == 201
    assert (made["kind"], made["content_type"], made["width"], made["height"]) == (
        "certificate",
        content_type,
        24,
        16,
    )
    answer = owner.get(f"applications/{application}/attachments/{made['id']}/", HTTP_ACCEPT="image/*")
    content = b"".join(answer.streaming_content)
    assert Image.open(io.BytesIO(content)).size == (24, 16)
    assert len(content) == made["size"]


@pytest.mark.req("F1")
def test_a_file_is_answered_where_nothing_in_it_can_run(owner: Caller) -> None:
    application = draft_of(owner)
    made = upload(owner, application, file=picture()).json()
    answer = owner.get(f"applications/{application}/attachments/{made['id']}/")
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"] == 'inline; filename="certificate.png"'
    assert "no-store" in answer["Cache-Control"]
    answer.close()


def test_the_stored_name_is_none_of_the_callers(owner: Caller) -> None:
    upload(owner, draft_of(owner), file=picture())
    assert "photo" not in Attachment.objects.get().file.name


@pytest.mark.req("A1")
def test_a_stranger_and_a_visitor_see_no_file(owner: Caller, stranger: Caller, anybody: Caller) -> None:
    application = draft_of(owner)
    made = upload(owner, application, file=picture()).json()
    path = f"applications/{application}/attachments/{made['id']}/"
    assert is_problem(stranger.get(path), 404)
    assert is_problem(anybody.get(path), 401)
    assert is_problem(upload(stranger, application, file=picture("blue")), 404)
    assert is_problem(upload(anybody, application, file=picture("blue")), 401)
    assert Attachment.objects.count() == 1


@pytest.mark.req("A1")
def test_a_file_is_not_reached_through_another_application(owner: Caller, stranger: Caller) -> None:
    made = upload(owner, draft_of(owner), file=picture()).json()
    assert is_problem(stranger.get(f"applications/{draft_of(stranger)}/attachments/{made['id']}/"), 404)


def test_a_second_picture_of_a_kind_takes_the_place_of_the_first(owner: Caller) -> None:
    application = draft_of(owner)
    upload(owner, application, file=picture("red"))
    upload(owner, application, file=picture("blue"))
    listed = owner.get(f"applications/{application}/attachments/").json()
    assert [one["superseded_at"] is None for one in listed] == [False, True]


def test_the_very_same_picture_is_kept_once_and_counts_again(owner: Caller) -> None:
    application = draft_of(owner)
    first = upload(owner, application, file=picture("red")).json()
    upload(owner, application, file=picture("blue"))
    again = upload(owner, application, file=picture("red")).json()
    assert again["id"] == first["id"]
    assert again["superseded_at"] is None
    assert Attachment.objects.count() == 2


def test_the_same_key_gives_the_first_file_again(owner: Caller) -> None:
    application = draft_of(owner)
    headers = {"HTTP_IDEMPOTENCY_KEY": "upload-1"}
    first = upload(owner, application, headers, file=picture("red"))
    again = upload(owner, application, headers, file=picture("red"))
    other = upload(owner, application, headers, file=picture("blue"))
    assert first.json()["id"] == again.json()["id"]
    assert is_problem(other, 409)


@pytest.mark.req("F5")
def test_a_filed_application_takes_no_more_files(owner: Caller) -> None:
    application = draft_of(owner)
    owner.post(f"applications/{application}/submit/", {"version": 1})
    assert is_problem(upload(owner, application, file=picture()), 409)


def test_too_many_files_are_refused(owner: Caller) -> None:
    application = draft_of(owner)
    statuses = [upload(owner, application, file=picture(f"#{n:06x}")).status_code for n in range(1, 22)]
    assert statuses == [201] * 20 + [422]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "file"),
        ({"file": "text"}, "file"),
        ({"file": SimpleUploadedFile("a.png", b"")}, "file"),
        ({"file": picture(), "kind": "selfie"}, "kind"),
        ({"file": picture(), "other": "1"}, "other"),
    ],
)
def test_a_malformed_form_is_refused_by_its_field(owner: Caller, body: dict[str, Any], field: str) -> None:
    response = upload(owner, draft_of(owner), **body)
    assert is_problem(response, 400)
    assert field in fields(response)


@pytest.mark.parametrize(
    "content", [b"GIF89a", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\nbroken", b"%PDF-1.7 /JavaScript"]
)
@pytest.mark.req("F1")
def test_what_is_no_picture_is_refused(owner: Caller, content: bytes) -> None:
    response = upload(owner, draft_of(owner), file=SimpleUploadedFile("a.png", content, "image/png"))
    assert is_problem(response, 422)
    assert fields(response) == ["file"]
    assert not Attachment.objects.exists()


def test_a_file_over_ten_megabytes_is_a_413(owner: Caller) -> None:
    big = SimpleUploadedFile("a.png", b"x" * (10 * 1024 * 1024 + 1), "image/png")
    assert is_problem(upload(owner, draft_of(owner), file=big), 413)


def test_a_body_over_the_limit_is_a_413_before_it_is_read(owner: Caller) -> None:
    big = SimpleUploadedFile("a.png", b"x" * (11 * 1024 * 1024), "image/png")
    assert is_problem(upload(owner, draft_of(owner), file=big), 413)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "image/png"])
def test_a_body_that_is_no_form_is_a_415(owner: Caller, content_type: str) -> None:
    path = f"applications/{draft_of(owner)}/attachments/"
    assert is_problem(owner.post(path, {}, content_type=content_type), 415)


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_broken_form_is_a_400(owner: Caller, content_type: str) -> None:
    path = f"applications/{draft_of(owner)}/attachments/"
    assert is_problem(owner.post(path, b"--y\r\nbroken", content_type=content_type), 400)


def test_a_refused_body_names_the_format_that_is_read_here(owner: Caller) -> None:
    path = f"applications/{draft_of(owner)}/attachments/"
    assert "请改用 multipart/form-data" in owner.post(path, {}).json()["detail"]
    broken = owner.post(path, b"--x", content_type="multipart/form-data")
    assert is_problem(broken, 400)
    assert "multipart/form-data" in broken.json()["detail"]
    assert (
        "请改用 application/json"
        in owner.post("applications/", b"a=1", content_type="text/plain").json()["detail"]
    )
