"""The command that fills a register: its words, its JSON and its exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from subsidy.accounts.services.places import load_districts
from subsidy.registers.importing import Kind
from subsidy.registers.models import CardHolder, RegisterImport
from subsidy.spreadsheets import open_table
from tests import make
from tests.registers.rosters import holder, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.req("V4")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    load_districts()
    path = tmp_path / "名单.xlsx"
    path.write_bytes(workbook(Kind.CARD_HOLDERS, holder(1), holder(2)))
    return path


def told(*args: object) -> str:
    out = io.StringIO()
    call_command("import_register", "card_holders", *map(str, args), stdout=out)
    return out.getvalue()


def failure(*args: object) -> tuple[int, str]:
    with pytest.raises(CommandError) as caught:
        told(*args)
    return caught.value.returncode, str(caught.value)


def test_it_imports_and_says_how_many(file: Path) -> None:
    assert "新增 2 行" in told(file)
    assert CardHolder.objects.count() == 2


def test_a_dry_run_changes_nothing(file: Path) -> None:
    assert "预览" in told(file, "--dry-run")
    assert not CardHolder.objects.exists()


def test_its_json_holds_the_counts_and_says_when_a_file_comes_again(file: Path) -> None:
    first, second = json.loads(told(file, "--json")), json.loads(told(file, "--json"))
    assert (first["ok"], first["created"], first["repeated"]) == (True, 2, False)
    assert (second["ok"], second["created"], second["repeated"]) == (True, 0, True)
    assert first["imported"] == second["imported"]


def test_faults_end_with_1_and_can_be_saved_as_a_workbook(file: Path, tmp_path: Path) -> None:
    file.write_bytes(workbook(Kind.CARD_HOLDERS, holder(1, 手机号="1")))
    saved = tmp_path / "错误.xlsx"
    code, words = failure(file, "--errors", saved)
    assert code == 1
    assert "D2" in words
    rows = open_table(saved.read_bytes(), saved.name, required=["位置", "问题和办法", "代码"])
    assert [row["位置"] for row in rows] == ["D2"]


@pytest.mark.parametrize("flags", [[], ["--dry-run"]])
def test_faults_are_told_as_json_too(file: Path, flags: list[str]) -> None:
    file.write_bytes(workbook(Kind.CARD_HOLDERS, holder(1, 手机号="1")))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_register", "card_holders", str(file), "--json", *flags, stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["ok"], answer["code"]) == (False, "ROWS_REFUSED")
    assert answer["errors"][0]["field"] == "D2"


def test_a_file_that_is_no_table_ends_with_1(file: Path) -> None:
    file.write_bytes(b"hello")
    assert failure(file)[0] == 1


def test_a_missing_file_or_an_unknown_user_ends_with_2(file: Path) -> None:
    assert failure(file.with_name("没有.xlsx"))[0] == 2
    assert failure(file, "--by", "nobody")[0] == 2


def test_the_importer_is_kept(file: Path) -> None:
    clerk = make.staff("administrator")
    told(file, "--by", clerk.get_username())
    assert RegisterImport.objects.get().imported_by == clerk
