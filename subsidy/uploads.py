"""The one gate for pictures and PDF: what is not plainly one of three kinds stays outside."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image, ImageOps

from subsidy.errors import SubsidyError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MANY_PIXELS = 20_000_000
MAX_SIDE = 4096
BAND = 512
MAX_INFLATED = 32 * 1024 * 1024
MAX_DRAWN = 256 * 1024 * 1024
CHUNK = 1024 * 1024
TAIL_BYTES = 1024

JPEG, PNG, PDF = "jpeg", "png", "pdf"
MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
CONTENT_TYPES = {JPEG: "image/jpeg", PNG: "image/png", PDF: "application/pdf"}
EXTENSIONS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")

ACTIVE_PDF = {
    rb"/JavaScript|/JS\b": "脚本",
    rb"/Launch\b": "启动程序的动作",
    rb"/EmbeddedFile|/GoTo[ER]\b": "内嵌或外部文件",
    rb"/RichMedia|/Rendition|/Movie\b|/Sound\b": "多媒体内容",
    rb"/SubmitForm|/XFA\b": "可提交的表单",
    rb"/ImportData": "导入数据的动作",
    rb"/AA\s*(?:<<|\d)|/OpenAction\s*<<(?!\s*/(?:S\s*/GoTo|D)\b)": "自动执行的动作",
}
ACTIVE = {re.compile(pattern): what for pattern, what in ACTIVE_PDF.items()}
MARKUP = re.compile(rb"<\s*(?:html|script|svg|!doctype|\?php)", re.IGNORECASE)
NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
OBJECT_STREAM = re.compile(rb"/ObjStm\b")
STREAM_START = re.compile(rb"(?<!end)stream\r?\n")
ENDLESS = re.compile(rb"(?:\[\s*){100}|(?:<<\s*(?:/\w{1,20}\s*)?){100}")
ZIP_END, ZIP_TAIL = b"PK\x05\x06", 65_557


@dataclass(frozen=True, slots=True)
class CleanUpload:
    """A file that passed the gate; `content` is what may be stored, width and height are None for a PDF."""

    kind: str
    content: bytes
    content_type: str
    extension: str
    sha256: str
    width: int | None
    height: int | None


def accept(file: IO[bytes] | Any) -> CleanUpload:
    """Check one uploaded file and return the bytes to store; a picture is decoded and written anew.

    Raises `SubsidyError` with a sentence for the person at the form. The stored name is the caller's.
    """
    content = _read(file)
    kind = _kind(content)
    if kind == PDF:
        _check_pdf(content)
        return _clean(PDF, content, None, None)
    picture = _decode(content, kind)
    return _clean(kind, _encode(picture, kind), picture.width, picture.height)


def _read(file: IO[bytes] | Any) -> bytes:
    if hasattr(file, "seek"):
        file.seek(0)
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise _refused("UPLOAD_EMPTY", "上传的文件是空的，请重新选择文件。")
    if len(content) > MAX_BYTES:
        raise _refused("UPLOAD_TOO_LARGE", "文件超过 10 MB，请压缩或重新拍摄后再上传。", status=413)
    return content


def _kind(content: bytes) -> str:
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            return kind
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise _refused("UPLOAD_KIND", "不支持 HEIC/AVIF 照片，请在手机相机设置中改为 JPEG，或截图后上传。")
    raise _refused("UPLOAD_KIND", "只接受 JPEG、PNG 图片或 PDF 文件，请转换格式后再上传。")


def _decode(content: bytes, kind: str) -> Image.Image:
    unreadable = _refused("UPLOAD_UNREADABLE", "图片打不开或不完整，请重新拍摄或另存后再上传。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[kind.upper()]) as probe:
                _check_pixels(probe)
                probe.verify()
            with Image.open(io.BytesIO(content), formats=[kind.upper()]) as picture:
                shrink = 2 if picture.width * picture.height > MANY_PIXELS else 1
                picture.draft("RGB", (max(1, picture.width // shrink), max(1, picture.height // shrink)))
                return _bare(picture, kind)
    except SubsidyError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:  # a decoder may fail in any way on hostile bytes
        raise unreadable from error


def _check_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> SubsidyError:
    return _refused("UPLOAD_TOO_MANY_PIXELS", "图片像素过大（超过 4000 万像素），请缩小后再上传。")


def _bare(picture: Image.Image, kind: str) -> Image.Image:
    """Return upright pixels with nothing else: no EXIF, place, thumbnail, profile or text."""
    has_alpha = kind == PNG and (picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info)
    mode = "RGBA" if has_alpha else "RGB"
    small = _halved(picture, mode) if picture.width * picture.height > MANY_PIXELS else picture
    upright = ImageOps.exif_transpose(small)
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    bare = upright.convert(mode)
    bare.info.clear()
    return bare


def _halved(picture: Image.Image, mode: str) -> Image.Image:
    """Halve a very large picture band by band: any whole copy of it would take 160 MB."""
    half = Image.new(mode, (picture.width // 2, picture.height // 2))
    for top in range(0, half.height * 2, BAND):
        band = picture.crop((0, top, half.width * 2, min(top + BAND, half.height * 2)))
        half.paste(band.convert(mode).reduce(2), (0, top // 2))
    half.info.update({name: value for name, value in picture.info.items() if name == "exif"})
    return half


def _encode(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == JPEG:
        picture.save(out, "JPEG", quality=88, optimize=True)
    else:
        picture.save(out, "PNG")
    return out.getvalue()


def _check_pdf(content: bytes) -> None:
    tail = content[-TAIL_BYTES:]
    if b"startxref" not in tail or not tail.rstrip(b"\r\n\t \0").endswith(b"%%EOF"):
        raise _refused("UPLOAD_UNREADABLE", "PDF 不完整或末尾有多余内容，请重新导出后再上传。")
    if MARKUP.search(content[:TAIL_BYTES]):
        raise _refused("UPLOAD_DISGUISED", "文件里混有网页内容，请重新扫描或另存为 PDF 后再上传。")
    if ZIP_END in content[-ZIP_TAIL:]:
        raise _refused("UPLOAD_DISGUISED", "文件里混有压缩包，请重新扫描或另存为 PDF 后再上传。")
    for part in (content, *_object_streams(content)):
        _check_passive(part)
    _check_weight(content)


def _check_passive(part: bytes) -> None:
    plain = _unescaped(part)
    if b"/Encrypt" in plain:
        raise _refused("UPLOAD_ENCRYPTED", "PDF 设有密码，请取消密码后再上传。")
    if ENDLESS.search(plain):
        raise _refused("UPLOAD_UNREADABLE", "PDF 的内部结构异常，请用“打印为 PDF”另存后再上传。")
    for marker, what in ACTIVE.items():
        if marker.search(plain):
            raise _refused("UPLOAD_ACTIVE", f"PDF 含有{what}，请用“打印为 PDF”另存后再上传。")


def _check_weight(content: bytes) -> None:
    """Refuse a document whose streams would inflate without end in the reader's program; nothing is kept."""
    left = MAX_DRAWN
    for start in STREAM_START.finditer(content):
        head = _unescaped(content[content.rfind(b"obj", 0, start.start()) : start.start()])
        if head.count(b"/FlateDecode") > 1:
            left = -1
        elif b"/FlateDecode" in head:
            left -= _inflated_size(content, start.end(), left)
        if left < 0:
            raise _refused("UPLOAD_INFLATES", "PDF 展开后过大，请用较低的分辨率重新扫描后再上传。")


def _inflated_size(content: bytes, start: int, limit: int) -> int:
    """Inflate a stream a piece at a time, no further than past the limit; return how far it went."""
    inflater, size = zlib.decompressobj(), 0
    piece = content[start : content.find(b"endstream", start)]
    try:
        while piece and not inflater.eof and size <= limit:
            size += len(inflater.decompress(piece, CHUNK))
            piece = inflater.unconsumed_tail
    except zlib.error:
        return size
    return size


def _object_streams(content: bytes) -> Iterator[bytes]:
    """Yield the inflated object streams, where a name could hide; refuse what does not inflate."""
    budget, hidden = MAX_INFLATED, len(OBJECT_STREAM.findall(_unescaped(content)))
    for start in STREAM_START.finditer(content) if hidden else ():
        head = _unescaped(content[content.rfind(b"obj", 0, start.start()) : start.start()])
        if not OBJECT_STREAM.search(head):
            continue
        if b"/FlateDecode" not in head or head.count(b"Decode") != 1:
            break  # a second filter or a predictor would leave the names unreadable
        inflated = _inflate(content[start.end() : content.find(b"endstream", start.end())], budget)
        if not inflated:
            break
        budget, hidden = budget - len(inflated), hidden - 1
        yield inflated
    if hidden:
        raise _refused("UPLOAD_UNREADABLE", "PDF 的内部结构无法检查，请用“打印为 PDF”另存后再上传。")


def _unescaped(part: bytes) -> bytes:
    """Return the bytes with `#4a` escapes of names resolved."""
    return NAME_ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), part)


def _inflate(data: bytes, limit: int) -> bytes:
    """Return the whole inflated stream, or nothing if it is no complete one within the limit."""
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, limit)
    except zlib.error:
        return b""
    return inflated if inflater.eof else b""


def _clean(kind: str, content: bytes, width: int | None, height: int | None) -> CleanUpload:
    digest = hashlib.sha256(content).hexdigest()
    return CleanUpload(kind, content, CONTENT_TYPES[kind], EXTENSIONS[kind], digest, width, height)


def _refused(code: str, message: str, *, status: int = 422) -> SubsidyError:
    return SubsidyError(message, code=code, field="file", status=status)
