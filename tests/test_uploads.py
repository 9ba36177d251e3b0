"""Only plain pictures and passive PDF pass the gate, and a picture comes out as pixels alone."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from subsidy import uploads
from subsidy.errors import SubsidyError

GPS_TAG, ORIENTATION_TAG, MAKER_TAG = 0x8825, 0x0112, 0x010F


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def pdf(body: bytes = b"1 0 obj\n<< /Type /Catalog >>\nendobj\n", tail: bytes = b"\n") -> bytes:
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF" + tail


def pdf_with_stream(content: bytes, names: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    return pdf(b"1 0 obj\n<< " + names + b" >>\nstream\n" + content + b"\nendstream\nendobj\n")


def accept(content: bytes, name: str = "证书.jpg") -> uploads.CleanUpload:
    return uploads.accept(SimpleUploadedFile(name, content))


def code_of(content: bytes) -> str:
    with pytest.raises(SubsidyError) as caught:
        accept(content)
    assert caught.value.field == "file"
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.message)
    return caught.value.code


@pytest.mark.parametrize(
    ("content", "kind", "content_type", "extension"),
    [
        (picture("JPEG"), "jpeg", "image/jpeg", "jpg"),
        (picture("PNG"), "png", "image/png", "png"),
        (pdf(), "pdf", "application/pdf", "pdf"),
    ],
)
def test_the_bytes_decide_the_kind_and_not_the_name(
    content: bytes, kind: str, content_type: str, extension: str
) -> None:
    clean = accept(content, name="x.exe")
    assert (clean.kind, clean.content_type, clean.extension) == (kind, content_type, extension)
    assert clean.sha256 == hashlib.sha256(clean.content).hexdigest()


def test_a_picture_reports_its_size_and_a_pdf_none() -> None:
    clean = accept(picture())
    assert (clean.width, clean.height) == (60, 40)
    assert accept(pdf()).width is None


def test_a_pdf_is_stored_as_it_is() -> None:
    assert accept(pdf()).content == pdf()


@pytest.mark.req("A2")
def test_a_photo_loses_place_and_maker() -> None:
    exif = Image.Exif()
    exif[MAKER_TAG] = "PhoneMaker"
    exif.get_ifd(GPS_TAG)[1] = "N"
    clean = accept(picture(exif=exif.tobytes()))
    assert b"PhoneMaker" not in clean.content
    assert not Image.open(io.BytesIO(clean.content)).getexif()


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    clean = accept(picture(exif=exif.tobytes()))
    assert (clean.width, clean.height) == (40, 60)


def test_text_inside_a_png_is_dropped() -> None:
    notes = PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    assert b"<script>" not in accept(picture("PNG", pnginfo=notes)).content


def test_a_comment_inside_a_jpeg_is_dropped() -> None:
    assert b"<script>" not in accept(picture(comment=b"<script>alert(1)</script>")).content


def test_bytes_behind_a_picture_are_dropped() -> None:
    assert b"PK\x03\x04" not in accept(picture() + b"PK\x03\x04 hidden archive").content


@pytest.mark.parametrize("mode", ["L", "CMYK", "1", "P", "RGBA", "I;16", "LA"])
def test_every_usual_colour_mode_is_accepted(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert accept(picture(kind, mode=mode)).width == 60


def test_a_large_photo_is_brought_to_a_workable_size() -> None:
    assert accept(picture(size=(6000, 3000))).width == uploads.MAX_SIDE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "UPLOAD_EMPTY"),
        (b"GIF89a" + b"\0" * 100, "UPLOAD_KIND"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "UPLOAD_KIND"),
        (b"<html><script>1</script></html>", "UPLOAD_KIND"),
        (b"PK\x03\x04" + b"\0" * 100, "UPLOAD_KIND"),
        (b" " + pdf(), "UPLOAD_KIND"),
        (b"\xff\xd8\xff\xe0 not a picture", "UPLOAD_UNREADABLE"),
        (picture(size=(400, 400))[:-60], "UPLOAD_UNREADABLE"),
        (picture("PNG")[:-20], "UPLOAD_UNREADABLE"),
        (picture("PNG", size=(8000, 5001), mode="1"), "UPLOAD_TOO_MANY_PIXELS"),
    ],
)
def test_what_is_no_plain_picture_is_refused(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_an_iphone_photo_is_refused_with_advice() -> None:
    with pytest.raises(SubsidyError, match="HEIC"):
        accept(b"\0\0\0\x18ftypheic" + b"\0" * 50)


def test_ten_megabytes_pass_and_one_byte_more_does_not() -> None:
    body = b"1 0 obj\n<< /Type /Catalog >>\nendobj\n%"
    padding = uploads.MAX_BYTES - len(pdf(body + b"\n"))
    assert accept(pdf(body + b"a" * padding + b"\n")).kind == "pdf"
    with pytest.raises(SubsidyError) as caught:
        accept(pdf(body + b"a" * (padding + 1) + b"\n"))
    assert (caught.value.code, caught.value.status) == ("UPLOAD_TOO_LARGE", 413)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdf(tail=b"\nPK\x03\x04 archive"), "UPLOAD_UNREADABLE"),
        (pdf()[:-20], "UPLOAD_UNREADABLE"),
        (b"%PDF-1.7\n%%EOF", "UPLOAD_UNREADABLE"),
        (pdf(b"<script>alert(1)</script>\n"), "UPLOAD_DISGUISED"),
        (pdf(b"<< /Encrypt 5 0 R >>\n"), "UPLOAD_ENCRYPTED"),
        (pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>\n"), "UPLOAD_ACTIVE"),
        (pdf(b"<< /S /J#61vaScript >>\n"), "UPLOAD_ACTIVE"),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>\n"), "UPLOAD_ACTIVE"),
        (pdf(b"<< /EmbeddedFiles 3 0 R >>\n"), "UPLOAD_ACTIVE"),
        (pdf(b"<< /Subtype /RichMedia >>\n"), "UPLOAD_ACTIVE"),
        (pdf(b"<< /S /SubmitForm >>\n"), "UPLOAD_ACTIVE"),
        (pdf_with_stream(zlib.compress(b"<< /S /JavaScript >>")), "UPLOAD_ACTIVE"),
        (
            pdf_with_stream(b"87cURD]j7BEbo80", b"/Type /Obj#53tm /Filter /ASCII85Decode"),
            "UPLOAD_UNREADABLE",
        ),
        (pdf_with_stream(b"no zlib data"), "UPLOAD_UNREADABLE"),
        (
            pdf_with_stream(zlib.compress(b"2f>"), b"/Type /ObjStm /Filter [/FlateDecode /ASCIIHexDecode]"),
            "UPLOAD_UNREADABLE",
        ),
        (pdf_with_stream(zlib.compress(b"x"), b"/Type /ObjStm /X (obj)"), "UPLOAD_UNREADABLE"),
        (pdf_with_stream(zlib.compress(b"<< /S /JavaScript >>" * 9)[:-8]), "UPLOAD_UNREADABLE"),
        (pdf_with_stream(zlib.compress(b"\0" * (40 * 1024 * 1024))), "UPLOAD_UNREADABLE"),
    ],
)
def test_a_pdf_that_acts_hides_or_breaks_off_is_refused(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_a_pdf_with_harmless_object_streams_passes() -> None:
    assert accept(pdf_with_stream(zlib.compress(b"<< /Type /Page >>"))).kind == "pdf"


@pytest.mark.parametrize("make", [lambda: picture("JPEG"), lambda: picture("PNG"), pdf])
def test_no_damaged_byte_ends_in_anything_but_a_refusal(make: Callable[[], bytes]) -> None:
    content = make()
    outcomes = set()
    for place in range(0, len(content), 3):
        damaged = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        try:
            outcomes.add(accept(damaged).kind)
        except SubsidyError as refusal:
            outcomes.add(refusal.code)
    assert outcomes & {"UPLOAD_UNREADABLE", "UPLOAD_KIND"}
