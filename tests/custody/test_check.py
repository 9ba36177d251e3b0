"""What backup_check sees in a database, its files and its keys."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from payouts.models import DataKey, PayoutFile, ResultLine
from subsidy.accounts.models import Member
from subsidy.apps.upkeep.custody.check import check_backup
from subsidy.apps.upkeep.custody.columns import encrypted_columns
from tests import make
from tests.custody import year
from tests.payouts.money import as_owner_without_triggers, run

OTHER = ("k1", b"another field key, thirty-two by")

pytestmark = pytest.mark.django_db


def found() -> dict[str, list[str]]:
    """Return check → rows at fault."""
    return {finding.check: list(finding.rows) for finding in check_backup().findings}


def damage(sql: str, *params: object) -> None:
    with as_owner_without_triggers():
        run(sql, params)


@pytest.mark.req("A8")
def test_a_year_with_its_own_keys_and_files_is_whole() -> None:
    year.begun()
    report = check_backup()
    assert report.findings == []
    counted = ("values", "digests", "data_keys", "payout_files", "result_rows", "attachments")
    assert all(report.checked[what] > 0 for what in counted), report.checked
    assert report.checked["files_without_row"] == 0


def test_every_encrypted_column_is_looked_at_and_knows_its_digest() -> None:
    digests = {column.label: column.digest for column in encrypted_columns()}
    assert digests == {
        "accounts.member.card_number": "card_index",
        "accounts.member.mobile": "mobile_index",
        "accounts.member.resident_id": "resident_id_index",
        "accounts.membercorrection.value": "",
        "accounts.mobilechange.old_mobile": "",
        "applications.application.card_number": "card_index",
        "mfa.authenticator.secret": "",
        "mfa.authenticator.seed": "",
        "notices.notice.body": "",
        "notices.notice.mobile": "",
        "registers.cardholder.card_number": "card_index",
        "registers.cardholder.mobile": "mobile_index",
        "registers.cardholder.resident_id": "resident_id_index",
        "registers.competitionresult.mobile": "",
        "registers.competitionresult.resident_id": "resident_id_index",
    }


@pytest.mark.req("A8")
def test_another_key_of_the_same_name_is_told_from_damage(settings: Any) -> None:
    make.member()
    settings.FIELD_KEYS = [OTHER]
    (finding,) = check_backup().findings
    assert finding.check == "field-key"
    assert "k1 不是当初加密的那一把" in finding.message


@pytest.mark.req("A8")
def test_a_key_that_is_not_loaded_is_named(settings: Any) -> None:
    make.member()
    settings.FIELD_KEYS = [("k2", OTHER[1])]
    (finding,) = check_backup().findings
    assert "没有编号为 k1 的密钥" in finding.message


@pytest.mark.req("A8")
def test_another_digest_key_is_named(settings: Any) -> None:
    make.member()
    settings.BLIND_INDEX_KEY = OTHER[1]
    (finding,) = check_backup().findings
    assert finding.check == "digest-key"
    assert "BLIND_INDEX_KEY 不是当初的那一把" in finding.message


def test_one_altered_value_is_named_by_row_and_no_key_is_blamed() -> None:
    kept, altered = make.member(), make.member()
    damage(
        "UPDATE accounts_member m SET mobile = o.mobile FROM accounts_member o WHERE o.id = %s AND m.id = %s",
        altered.pk,
        kept.pk,
    )
    assert found() == {"digest": [f"accounts.member.mobile:{kept.pk}"]}
    damage("UPDATE accounts_member SET mobile = 'k1$AAAA' WHERE id = %s", altered.pk)
    assert found()["value"] == [f"accounts.member.mobile:{altered.pk}"]


def test_a_plain_value_is_found_and_not_repeated() -> None:
    person = make.member()
    damage("UPDATE accounts_member SET mobile = '13800000001' WHERE id = %s", person.pk)
    report = check_backup()
    assert [finding.rows for finding in report.findings] == [(f"accounts.member.mobile:{person.pk}",)]
    assert "13800000001" not in json.dumps(report.as_dict(), ensure_ascii=False)


def test_a_digest_of_another_person_is_found() -> None:
    make.member()
    person = make.member()
    damage("UPDATE accounts_member SET card_index = repeat('0', 64) WHERE id = %s", person.pk)
    assert found() == {"digest": [f"accounts.member.card_number:{person.pk}"]}


def test_a_damaged_data_key_is_found_among_good_ones() -> None:
    year.begun()
    key = DataKey.objects.order_by("pk")[0]
    damage("UPDATE payouts_datakey SET wrapped = 'k1$AAAA' WHERE id = %s", key.pk)
    assert found() == {"value": [f"payouts.datakey:{key.pk}"]}


@pytest.mark.parametrize(
    ("model", "column", "check", "kind"),
    [
        (PayoutFile, "content", "file-bytes", "file"),
        (ResultLine, "raw_text", "result-row", "resultline"),
    ],
)
def test_altered_sealed_bytes_are_found(model: Any, column: str, check: str, kind: str) -> None:
    year.begun()
    row = model.objects.order_by("pk")[0]
    damage(f"UPDATE {model._meta.db_table} SET {column} = '\\x00' WHERE id = %s", row.pk)
    assert found()[check] == [f"payouts.{kind}:{row.pk}"]


def test_an_attachment_that_is_gone_is_named() -> None:
    gone, kept = year.with_picture(), year.with_picture()
    Path(gone.file.path).unlink()
    assert found() == {"attachment-missing": [f"applications.attachment:{gone.pk}"]}
    assert kept.file.storage.exists(kept.file.name)


def test_attachments_that_are_all_gone_point_to_the_folder(media: Path) -> None:
    year.with_picture()
    media.rename(media.with_name("elsewhere"))
    (finding,) = check_backup().findings
    assert "MEDIA_ROOT" in finding.message


def test_an_attachment_of_the_same_size_and_other_bytes_is_named() -> None:
    row = year.with_picture()
    path = Path(row.file.path)
    path.write_bytes(bytes(reversed(path.read_bytes())))
    assert found() == {"attachment": [f"applications.attachment:{row.pk}"]}


def test_a_file_without_a_row_is_counted_and_harmless(media: Path) -> None:
    year.with_picture()
    (media / "attachments" / "later.png").write_bytes(b"later")
    report = check_backup()
    assert (report.is_whole, report.checked["files_without_row"]) == (True, 1)


def test_an_empty_database_proves_nothing() -> None:
    assert list(found()) == ["empty"]


def test_the_sample_bounds_what_is_opened() -> None:
    for _ in range(4):
        make.member()
    columns = len([column for column in encrypted_columns() if column.model is Member])
    assert check_backup(limit=2).checked["values"] == columns * 2
    assert check_backup().checked["values"] == columns * 4


def test_the_command_prints_ids_and_fails() -> None:
    make.member()
    person = make.member()
    damage("UPDATE accounts_member SET mobile = 'k1$AAAA' WHERE id = %s", person.pk)
    out = StringIO()
    with pytest.raises(CommandError, match="不配套"):
        call_command("backup_check", stdout=out)
    assert f"accounts.member.mobile:{person.pk}" in out.getvalue()


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="--sample"):
        call_command("backup_check", sample=0)
