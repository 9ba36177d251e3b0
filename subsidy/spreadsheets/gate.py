"""The gate before a workbook is parsed: what it weighs, what it inflates to and what it carries."""

from __future__ import annotations

import io
import re
import zipfile

from subsidy.errors import Malformed
from subsidy.spreadsheets.limits import Limits, plain_errors, refused, unreadable
from subsidy.spreadsheets.scan import Scan

CHUNK = 64 * 1024
SMALL = 1024 * 1024
XML_STARTS = (b"<", b"\0<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
XML_NAMES = (".xml", ".rels")
PLAIN_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ZIP_MAGIC = b"PK\x03\x04"
OUTSIDE_NAME = re.compile(r"^[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)|^[A-Za-z]:")
ACTIVE_PARTS = {
    re.compile(r"vbaproject|macrosheets/|dialogsheets/|activex/|ctrlprops/"): "宏或控件",
    re.compile(r"externallinks/|connections\.xml$|querytables/|webextensions/"): "外部链接",
    re.compile(r"embeddings/|oleobject"): "嵌入的文件",
}


def check_workbook(content: bytes, limits: Limits) -> None:
    """Refuse a workbook that is too heavy, broken or carries more than data; nothing is kept of it."""
    with plain_errors(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _check_entries(entries, limits)
        for entry in entries:
            _check_part(entry.filename)
        left = limits.inflated
        for entry in entries:
            left -= _inflate(archive, entry, limits, left)


def _check_entries(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Judge what the archive says of itself, before a byte is inflated."""
    names = [entry.filename.lower() for entry in entries]
    if len(names) > limits.entries:
        raise _bomb(f"文件里有 {len(names)} 个部件，超过 {limits.entries} 个")
    if len(set(names)) < len(names) or "[content_types].xml" not in names:
        raise unreadable()
    if any(entry.flag_bits & 1 or entry.compress_type not in PLAIN_METHODS for entry in entries):
        raise unreadable()
    if sum(entry.file_size for entry in entries) > limits.inflated:
        raise _bomb("文件解压后过大")
    for entry in entries:
        _check_ratio(entry.file_size, entry.compress_size, limits)


def _check_part(name: str) -> None:
    folded = name.lower()
    if OUTSIDE_NAME.search(name):
        raise refused("WORKBOOK_ACTIVE", "文件里有指向别处的部件名，不像正常的表格。请另存为 .xlsx 再上传。")
    for pattern, what in ACTIVE_PARTS.items():
        if pattern.search(folded):
            raise refused(
                "WORKBOOK_ACTIVE", f"表格含有{what}，不能导入。请把数据另存为不含{what}的 .xlsx 再上传。"
            )


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, left: int) -> int:
    """Inflate one part within what is left, look through it if it is XML, and return its real size."""
    size, scan = 0, None
    with archive.open(entry) as part:
        while chunk := part.read(CHUNK):
            if not size and _is_xml(entry.filename, chunk):
                scan = Scan(limits)
            if not size and chunk.startswith(ZIP_MAGIC):
                raise refused(
                    "WORKBOOK_ACTIVE", "表格里套着另一个压缩文件，不能导入。请只保留数据，另存后再上传。"
                )
            size += len(chunk)
            if size > left:
                raise _bomb("文件解压后过大")
            if scan:
                scan.feed(chunk)
    _check_ratio(size, entry.compress_size, limits)
    if scan:
        scan.close()
    return size


def _is_xml(name: str, start: bytes) -> bool:
    return name.lower().endswith(XML_NAMES) or start.lstrip().startswith(XML_STARTS)


def _check_ratio(inflated: int, packed: int, limits: Limits) -> None:
    if inflated > SMALL and inflated > limits.ratio * max(packed, 1):
        raise _bomb(f"文件压缩比超过 {limits.ratio} 倍")


def _bomb(what: str) -> Malformed:
    return refused("WORKBOOK_INFLATES", f"{what}，不像正常的表格。请只保留数据，另存后再上传。")
