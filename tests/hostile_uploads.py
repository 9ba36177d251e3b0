"""Uploads that mean no good, each made by code: what is refused, and what comes out harmless."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from subsidy import uploads
from tests.test_uploads import GPS_TAG, pdf, pdf_with_stream, picture

PAYLOAD = b"<script>alert('taken over')</script>"
ZIP = b"PK\x03\x04payload.class" + b"\0" * 30 + b"PK\x05\x06" + b"\0" * 18
CLEANED = ""
MB = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """One upload: how it is made, and the code of its refusal; with none it must come out without payload."""

    make: Callable[[], bytes]
    code: str = CLEANED


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one PNG chunk with its right checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, width: int = 8, height: int = 8, pixels: bytes = b"") -> bytes:
    """Return a PNG of grey pixels with chunks of our own before them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = pixels or zlib.compress((b"\0" + b"\x80" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(chunks)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def segment(marker: int, data: bytes) -> bytes:
    """Return a JPEG with a segment of our own behind its start."""
    plain = picture()
    return plain[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + plain[2:]


def wide_jpeg(width: int, height: int) -> bytes:
    """Return a JPEG that declares a size it does not have."""
    plain = picture()
    place = plain.index(b"\xff\xc0") + 5
    return plain[:place] + struct.pack(">HH", height, width) + plain[place + 4 :]


def exif() -> bytes:
    """Return the EXIF block of a phone that says where it was."""
    found = Image.Exif()
    found[0x010F] = PAYLOAD.decode()
    found.get_ifd(GPS_TAG)[1] = "N"
    return found.tobytes()


def other(kind: str) -> bytes:
    """Return a small picture of a kind that we do not take."""
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, kind)
    return out.getvalue()


def animated() -> bytes:
    """Return an animated PNG of three frames."""
    out, frames = io.BytesIO(), [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def texts() -> bytes:
    """Return a PNG with a script among its texts."""
    notes = PngInfo()
    notes.add_text("Comment", PAYLOAD.decode())
    notes.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{PAYLOAD.decode()}</x:xmpmeta>")
    return picture("PNG", pnginfo=notes)


def zipped_pdf() -> bytes:
    """Return a PDF that is a ZIP archive too: the end of the PDF stands in the archive's comment."""
    tail = b"\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + ZIP[:-2] + struct.pack("<H", len(tail)) + tail
    )


def drawn(megabytes: int, *, twice: bool = False) -> bytes:
    """Return a PDF whose one page inflates to so much."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(megabytes):
        packed += packer.compress(b"\0" * MB)
    packed += packer.flush()
    names = b"[/FlateDecode /FlateDecode]" if twice else b"/FlateDecode"
    return pdf_with_stream(zlib.compress(packed) if twice else packed, b"/Length 9 /Filter " + names)


def vast(side: int) -> bytes:
    """Return a PNG of side × side pixels of 64 bits that all compress away."""
    packer, packed = zlib.compressobj(1), b""
    row = b"\0" + b"\0" * (8 * side)
    for _ in range(side):
        packed += packer.compress(row)
    header = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0)
    data = chunk(b"IDAT", packed + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


KIND, BROKEN, ACTIVE = "UPLOAD_KIND", "UPLOAD_UNREADABLE", "UPLOAD_ACTIVE"
DISGUISED, PIXELS, INFLATES = "UPLOAD_DISGUISED", "UPLOAD_TOO_MANY_PIXELS", "UPLOAD_INFLATES"

HOSTILE: dict[str, Upload] = {
    "nothing": Upload(lambda: b"", "UPLOAD_EMPTY"),
    "one byte too many": Upload(
        lambda: picture() + b"\0" * (uploads.MAX_BYTES + 1 - len(picture())), "UPLOAD_TOO_LARGE"
    ),
    "a GIF": Upload(lambda: other("GIF"), KIND),
    "a GIF that is a Java archive": Upload(lambda: other("GIF") + ZIP, KIND),
    "a TIFF": Upload(lambda: other("TIFF"), KIND),
    "a BMP": Upload(lambda: other("BMP"), KIND),
    "a WEBP": Upload(lambda: other("WEBP"), KIND),
    "an ICO": Upload(lambda: other("ICO"), KIND),
    "an SVG with a script": Upload(
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + PAYLOAD + b"</svg>", KIND
    ),
    "a page": Upload(lambda: b"<!doctype html>" + PAYLOAD, KIND),
    "a page behind a mark of order": Upload(lambda: b"\xef\xbb\xbf<html>" + PAYLOAD, KIND),
    "an archive": Upload(lambda: ZIP, KIND),
    "a program": Upload(lambda: b"MZ\x90\0" + b"\0" * 200, KIND),
    "PostScript": Upload(lambda: b"%!PS-Adobe-3.0\n(/etc/passwd) run\n", KIND),
    "an iPhone photo": Upload(lambda: b"\0\0\0\x18ftypheic" + b"\0" * 50, KIND),
    "a PDF behind a page": Upload(lambda: b"<html>" + PAYLOAD + pdf(), KIND),
    "a JPEG in its first bytes alone": Upload(lambda: b"\xff\xd8\xff\xe0" + PAYLOAD, BROKEN),
    "a PNG in its first bytes alone": Upload(lambda: b"\x89PNG\r\n\x1a\n" + PAYLOAD, BROKEN),
    "half a JPEG": Upload(lambda: picture(size=(400, 400))[:-300], BROKEN),
    "half a PNG": Upload(lambda: picture("PNG", size=(400, 400))[:-60], BROKEN),
    "a PNG with a wrong checksum": Upload(
        lambda: picture("PNG").replace(b"IDAT", b"IDAT", 1)[:-6] + b"\0" * 6, BROKEN
    ),
    "a PNG without pixels": Upload(lambda: png(pixels=zlib.compress(b"")), BROKEN),
    "a PNG of no size": Upload(lambda: png(width=0, height=0), BROKEN),
    "a PNG that declares two billion pixels": Upload(
        lambda: png(width=46_000, height=46_000, pixels=b"x"), PIXELS
    ),
    "a JPEG that declares four billion pixels": Upload(lambda: wide_jpeg(65_000, 65_000), PIXELS),
    "a PNG line of a hundred million pixels": Upload(
        lambda: png(width=100_000_000, height=1, pixels=b"x"), PIXELS
    ),
    "a PNG bomb within the pixels": Upload(lambda: vast(6_300)),
    "a PNG text that inflates to 50 MB": Upload(
        lambda: png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50 * MB, 9))), BROKEN
    ),
    "a PNG profile that inflates to 50 MB": Upload(
        lambda: png(chunk(b"iCCP", b"icc\0\0" + zlib.compress(b"\0" * 50 * MB, 9))), BROKEN
    ),
    "a PNG with a script behind its end": Upload(lambda: picture("PNG") + PAYLOAD),
    "a PNG with a script in a chunk of its own": Upload(lambda: png(chunk(b"scRp", PAYLOAD))),
    "a PNG with scripts in its texts": Upload(texts),
    "an animated PNG": Upload(animated),
    "a JPEG that is an archive too": Upload(lambda: picture() + ZIP),
    "a JPEG with a script as comment": Upload(lambda: segment(0xFE, PAYLOAD)),
    "a JPEG with XMP": Upload(lambda: segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PAYLOAD)),
    "a JPEG with a profile that is none": Upload(lambda: segment(0xE2, b"ICC_PROFILE\0\x01\x01" + PAYLOAD)),
    "a JPEG that says where it was taken": Upload(lambda: picture(exif=exif())),
    "a JPEG in four inks": Upload(lambda: picture(mode="CMYK", comment=PAYLOAD)),
    "a JPEG in four inks, inverted by Adobe": Upload(
        lambda: picture(mode="CMYK", comment=PAYLOAD, quality=95)
    ),
    "a PDF with a script": Upload(lambda: pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>\n"), ACTIVE),
    "a PDF with a script under an escaped name": Upload(lambda: pdf(b"<< /S /J#61vaScript >>\n"), ACTIVE),
    "a PDF with a script in an object stream": Upload(
        lambda: pdf_with_stream(zlib.compress(b"<< /JS 4 0 R >>")), ACTIVE
    ),
    "a PDF that acts when opened": Upload(
        lambda: pdf(b"<< /OpenAction << /S /URI /URI (http://example.invalid) >> >>\n"), ACTIVE
    ),
    "a PDF that acts on its pages": Upload(lambda: pdf(b"<< /AA << /O 4 0 R >> >>\n"), ACTIVE),
    "a PDF that starts a program": Upload(lambda: pdf(b"<< /S /Launch /F (cmd.exe) >>\n"), ACTIVE),
    "a PDF with a file inside": Upload(lambda: pdf(b"<< /Type /EmbeddedFile >>\n"), ACTIVE),
    "a PDF that leads to another file": Upload(
        lambda: pdf(b"<< /S /GoToR /F (\\\\\\\\host\\\\x) >>\n"), ACTIVE
    ),
    "a PDF with a form that sends": Upload(
        lambda: pdf(b"<< /S /SubmitForm /F (http://example.invalid) >>\n"), ACTIVE
    ),
    "a PDF with an XFA form": Upload(lambda: pdf(b"<< /XFA 7 0 R >>\n"), ACTIVE),
    "a PDF with a film": Upload(lambda: pdf(b"<< /Subtype /RichMedia >>\n"), ACTIVE),
    "a PDF under a password": Upload(lambda: pdf(b"<< /Encrypt 5 0 R >>\n"), "UPLOAD_ENCRYPTED"),
    "a PDF that is a page": Upload(lambda: pdf(PAYLOAD + b"\n"), DISGUISED),
    "a PDF that is an archive": Upload(zipped_pdf, DISGUISED),
    "a PDF with an archive behind": Upload(lambda: pdf(tail=b"\n" + ZIP), BROKEN),
    "a PDF cut short": Upload(lambda: pdf()[:-20], BROKEN),
    "a PDF whose page inflates to 600 MB": Upload(lambda: drawn(600), INFLATES),
    "a PDF packed twice": Upload(lambda: drawn(300, twice=True), INFLATES),
    "a PDF whose objects inflate to 200 MB": Upload(
        lambda: pdf_with_stream(zlib.compress(b"\0" * 200 * MB, 9)), BROKEN
    ),
    "a PDF nested without end": Upload(
        lambda: pdf(b"1 0 obj\n" + b"[" * 50_000 + b"]" * 50_000 + b"\nendobj\n"), BROKEN
    ),
    "a PDF of names nested without end": Upload(lambda: pdf(b"<</Kids " * 20_000 + b">>" * 20_000), BROKEN),
}

NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\x.jpg",
    "证书.php.jpg",
    "证书.jpg.exe",
    "a\u202egpj.exe",
    "a\0.jpg",
    "a\r\nSet-Cookie: x=1.jpg",
    "x" * 250 + ".jpg",
    ".htaccess",
    "CON.jpg",
    "<script>.jpg",
    " .jpg",
]
