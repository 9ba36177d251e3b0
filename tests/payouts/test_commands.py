"""The money commands: facts as JSON, refusals with 1, wrong calls with 2."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from payouts.models import PayoutBatch, ResultFile
from payouts.services.downloading import plain_bytes
from subsidy import clock
from tests import make
from tests.payouts.money import Desk, answer, text_file


def command(name: str, *args: Any, **options: Any) -> dict[str, Any]:
    """Run a command and return its JSON."""
    out = StringIO()
    with clock.at(make.DAY):
        call_command(name, *args, json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def refusal(name: str, *args: Any, **options: Any) -> CommandError:
    """Run a command that fails, and return how."""
    with clock.at(make.DAY), pytest.raises(CommandError) as refused:
        call_command(name, *args, stdout=StringIO(), **options)
    return refused.value


def export(desk: Desk, folder: Path, count: int = 3) -> tuple[PayoutBatch, Path]:
    """Export a batch to a folder and return its text file."""
    batch = desk.ready(count)
    facts = command("export_batch", batch.number, by=desk.maker.username, to=folder)
    batch.refresh_from_db()
    return batch, next(Path(file["path"]) for file in facts["files"] if file["file"].endswith(".txt"))


def test_a_batch_goes_from_building_to_settled_by_commands(desk: Desk, tmp_path: Path) -> None:
    desk.approved(4)
    maker, checker = desk.maker.username, desk.checker.username
    built = command("build_batch", by=maker, scheme=2024, freeze=True)
    assert (built["lines"], built["total"], built["set_aside"]) == (4, 4000, [])
    sent = command("export_batch", built["batch"], by=maker, approve=checker, to=tmp_path)
    part = next(file["path"] for file in sent["files"] if file["path"].endswith(".txt"))
    replied = command("simulate_card_system", part, fail=1, unknown=1)
    assert (replied["paid"], replied["failed"], replied["unknown"]) == (2, 1, 1)
    staged = command("import_result", replied["file"], by=maker)
    assert (staged["step"], staged["paid"], staged["failed"]["count"]) == (
        "staged",
        {"count": 2, "yuan": 2000},
        1,
    )
    applied = command("import_result", replied["file"], by=checker, apply=True)
    assert (applied["step"], applied["unknown"]["count"]) == ("applied", 1)
    assert command("verify_books")["ok"] is True


@pytest.mark.req("D3")
def test_the_simulated_card_system_answers_with_a_workbook_and_its_letter(desk: Desk, tmp_path: Path) -> None:
    batch, path = export(desk, tmp_path)
    replied = command("simulate_card_system", path, fail=1, format="xlsx")
    assert replied["file"].endswith("ZT2024-B0001.result-1.xlsx")
    letter = {"count": replied["count"], "paid": replied["paid_total"]}
    assert letter == {"count": 3, "paid": 2000}
    command("import_result", replied["file"], by=desk.maker.username, **letter)
    applied = command("import_result", replied["file"], by=desk.checker.username, apply=True)
    assert (applied["paid"]["count"], applied["failed"]["count"]) == (2, 1)
    batch.refresh_from_db()
    assert batch.status == "settled"


@pytest.mark.req("D2")
def test_exported_copies_are_the_stored_bytes_and_for_their_owner_only(desk: Desk, tmp_path: Path) -> None:
    batch, path = export(desk, tmp_path)
    assert path.read_bytes() == plain_bytes(text_file(batch))
    assert path.stat().st_mode & 0o077 == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "ZT2024-B0001-001.txt",
        "ZT2024-B0001-001.xlsx",
        "ZT2024-B0001.manifest.json",
    ]


def test_exporting_again_copies_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    batch, path = export(desk, tmp_path / "a")
    command("export_batch", batch.number, by=desk.maker.username, to=tmp_path / "b")
    assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes()


def test_a_dry_run_needs_nobody_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_bytes(answer(desk.sent(2), "CLOSED").bytes())
    facts = command("import_result", file, dry_run=True)
    assert (facts["step"], facts["paid"]["count"], facts["failed"]["count"]) == ("compared", 1, 1)
    assert not ResultFile.objects.exists()


def test_the_same_file_again_ends_with_one_and_says_so(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_bytes(answer(desk.sent(1)).bytes())
    command("import_result", file, by=desk.maker.username)
    error = refusal("import_result", file, by=desk.maker.username)
    assert error.returncode == 1
    assert "已经导入过" in str(error)


def test_applying_before_importing_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_bytes(answer(desk.sent(1)).bytes())
    assert "还没有导入" in str(refusal("import_result", file, by=desk.checker.username, apply=True))


def test_a_refusal_is_printed_as_json_too(desk: Desk) -> None:
    out = StringIO()
    with clock.at(make.DAY), pytest.raises(CommandError):
        call_command("build_batch", by=desk.maker.username, json=True, stdout=out)
    said = json.loads(out.getvalue())
    assert (said["ok"], said["code"]) == (False, "NOTHING_TO_PAY")


@pytest.mark.parametrize(
    ("name", "args", "options"),
    [
        ("build_batch", [], {"by": "nobody"}),
        ("build_batch", [], {"by": "maker", "scheme": 1999}),
        ("export_batch", ["ZT2024-B0099"], {"by": "maker"}),
        ("import_result", ["/nowhere/r.txt"], {"by": "maker"}),
        ("import_result", [__file__], {}),
        ("import_result", [__file__], {"by": "maker", "count": 3}),
        ("simulate_card_system", [__file__], {}),
        ("simulate_card_system", ["/nowhere/p.txt"], {}),
    ],
)
def test_a_wrong_call_ends_with_two(desk: Desk, name: str, args: list[str], options: dict[str, Any]) -> None:
    if options.get("by") == "maker":
        options = options | {"by": desk.maker.username}
    assert refusal(name, *args, **options).returncode == 2
