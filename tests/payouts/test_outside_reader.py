"""A reader that knows docs/payout-files.md only reads every pack and is understood when it answers."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from payouts.formats.shapes import Totals
from payouts.models import PayoutBatch
from payouts.services import apply_result, stage_result
from subsidy import clock
from tests import make
from tests.payouts import outside_reader
from tests.payouts.money import Desk, unpacked
from tests.payouts.outside_reader import Pack, paid_yuan, read_pack, text_result, workbook_result

CODES = ("E102", "E202")


def pack(batch: PayoutBatch, folder: Path) -> Pack:
    """Hand over the files as finance would, and read them."""
    return read_pack(unpacked(batch, folder))


def states(batch: PayoutBatch) -> list[str]:
    return list(batch.lines.order_by("serial").values_list("status", flat=True))


def test_the_reader_imports_nothing_of_the_project() -> None:
    tree = ast.parse(Path(outside_reader.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} - sys.stdlib_module_names == {"openpyxl"}


@pytest.mark.req("D2")
def test_a_stranger_reads_both_formats_and_every_sum_and_hash_agrees(desk: Desk, tmp_path: Path) -> None:
    batch = desk.sent(3)
    found = pack(batch, tmp_path)
    assert [line.ref for line in found.text] == list(batch.lines.values_list("line_ref", flat=True))
    assert found.workbook == found.text
    assert len(found.manifest["parts"]) == len(found.manifest["workbooks"]) == 1


@pytest.mark.req("D2")
@pytest.mark.parametrize("suffix", ["txt", "xlsx"])
def test_a_stranger_notices_a_changed_file(desk: Desk, tmp_path: Path, suffix: str) -> None:
    batch = desk.sent(1)
    pack(batch, tmp_path)
    path = tmp_path / f"{batch.number}-001.{suffix}"
    path.write_bytes(path.read_bytes() + b"\r\n")
    with pytest.raises(ValueError, match=path.name):
        read_pack(tmp_path)


@pytest.mark.req("D3")
def test_what_a_stranger_answers_in_text_is_taken_in(desk: Desk, tmp_path: Path) -> None:
    batch = desk.sent(3)
    found = pack(batch, tmp_path)
    codes = dict(zip((line.ref for line in found.text), CODES, strict=False))
    desk.apply(text_result(found.manifest["batch"], found.text, codes))
    assert states(batch) == ["failed", "unknown", "paid"]


@pytest.mark.req("D3")
def test_what_a_stranger_answers_in_a_workbook_is_taken_in_with_its_letter(
    desk: Desk, tmp_path: Path
) -> None:
    batch = desk.sent(3)
    lines = pack(batch, tmp_path).workbook
    codes = dict(zip((line.ref for line in lines), CODES, strict=False))
    letter = Totals(len(lines), paid_yuan(lines, codes) * 100)
    with clock.at(make.DAY):
        content = workbook_result(lines, codes)
        staged = stage_result(content, "回盘.xlsx", importer=desk.maker, typed=letter)
        apply_result(staged, applier=desk.checker)
    assert states(batch) == ["failed", "unknown", "paid"]
