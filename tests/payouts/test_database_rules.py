"""Every money rule of the database stops its wrong write, and does so alone: without it the write passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payouts.models import (
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    PayoutSnapshot,
    ResultFile,
    ResultLine,
)
from tests.payouts.money import Desk, run
from tests.payouts.wrong_writes import (
    BATCH,
    FILE,
    LINE,
    RECOVERY,
    RESULT,
    ROW,
    SNAPSHOT,
    Books,
    copy_line,
    copy_row,
    delete,
    delete_batch,
    half_recovery,
    late_return_twice,
    line,
    open_books,
    part_recovery,
    same_file,
    same_part,
    same_row_twice,
    same_serial,
    take_back,
    update,
)
from tests.refusals import now_or_never, refusal_of

Write = Callable[[Books], object]


@pytest.fixture
def books(desk: Desk) -> Books:
    """Give a batch in each state, with a file applied and a file staged."""
    return open_books(desk)


# rule, its table, the wrong write
CASES: list[tuple[str, str, Write]] = [
    (
        "payoutbatch_maker_is_not_approver",
        BATCH,
        lambda b: update(PayoutBatch, b.frozen_by_another.pk, approved_by=b.desk.maker),
    ),
    (
        "payoutbatch_freezer_is_not_approver",
        BATCH,
        lambda b: update(PayoutBatch, b.frozen_by_another.pk, approved_by=b.freezer),
    ),
    (
        "payoutbatch_approved_by_somebody",
        BATCH,
        lambda b: update(PayoutBatch, b.frozen.pk, status="approved"),
    ),
    (
        "payoutbatch_exported_has_instant",
        BATCH,
        lambda b: update(PayoutBatch, b.ready.pk, status="exported"),
    ),
    (
        "payouts_payoutbatch_status_steps",
        BATCH,
        lambda b: update(PayoutBatch, b.ready.pk, status="frozen"),
    ),
    (
        "payoutbatch_frozen_totals_agree",
        BATCH,
        lambda b: update(
            PayoutBatch, b.open.pk, status="frozen", frozen_at=b.open.built_at, line_count=1, total=999
        ),
    ),
    (
        "payoutbatch_frozen_has_totals",
        BATCH,
        lambda b: update(PayoutBatch, b.open.pk, status="frozen", line_count=1, total=1000),
    ),
    ("payouts_payoutbatch_fixed", BATCH, lambda b: update(PayoutBatch, b.frozen.pk, total=1)),
    (
        "payoutline_amount_is_positive",
        LINE,
        lambda b: copy_line(line(b.open), b.open, application=b.spare, person_index="1", amount=0),
    ),
    (
        "payoutline_one_live_per_person_and_scheme",
        LINE,
        lambda b: copy_line(line(b.sent), b.open, application=b.spare, status="open"),
    ),
    ("payouts_payoutline_fixed", LINE, lambda b: update(PayoutLine, line(b.frozen).pk, amount=1)),
    ("payouts_payoutline_status_steps", LINE, lambda b: update(PayoutLine, line(b.paid).pk, status="sent")),
    (
        "payoutline_settled_by_its_result_row",
        LINE,
        lambda b: update(PayoutLine, line(b.sent).pk, status="paid"),
    ),
    (
        "payoutline_leaves_paid_by_return_or_recovery",
        LINE,
        lambda b: update(PayoutLine, line(b.paid).pk, status="bounced"),
    ),
    (
        "payoutline_unknown_cancelled_by_two_people",
        LINE,
        lambda b: update(PayoutLine, line(b.unknown).pk, status="cancelled"),
    ),
    (
        "payoutline_resend_needs_two_people",
        LINE,
        lambda b: update(
            PayoutLine, line(b.unknown).pk, resend_requested_by=b.desk.maker, resend_approved_by=b.desk.maker
        ),
    ),
    (
        "resultfile_importer_is_not_applier",
        RESULT,
        lambda b: update(ResultFile, b.applied.pk, applied_by=b.desk.maker),
    ),
    (
        "resultfile_applied_has_applier",
        RESULT,
        lambda b: update(ResultFile, b.staged.pk, status="applied"),
    ),
    (
        "payouts_resultfile_status_steps",
        RESULT,
        lambda b: update(ResultFile, b.applied.pk, status="staged", applied_at=None),
    ),
    ("payouts_resultfile_fixed", RESULT, lambda b: update(ResultFile, b.staged.pk, paid_total=1)),
    ("resultline_one_settling_row_per_line", ROW, lambda b: copy_row(b, is_settling=True)),
    (
        "resultline_settles_only_when_matched",
        ROW,
        lambda b: copy_row(b, is_settling=True, outcome="contradicts", line=line(b.sent)),
    ),
    ("resultline_one_late_return_per_line", ROW, late_return_twice),
    ("resultline_row_once_per_file", ROW, same_row_twice),
    ("resultline_line_once_per_file", ROW, lambda b: copy_row(b, file=b.applied)),
    ("payoutline_serial_once_per_batch", LINE, same_serial),
    ("payoutfile_part_once_per_batch", FILE, same_part),
    ("recovery_is_the_whole_paid_amount", RECOVERY, part_recovery),
    ("recovery_revokes_the_application", RECOVERY, half_recovery),
    ("resultfile_sha256_once", RESULT, same_file),
    ("payouts_payoutbatch_kept", BATCH, lambda b: delete_batch(b)),
    ("payouts_payoutline_kept", LINE, lambda b: delete(LINE, line(b.open).pk)),
    ("payouts_resultfile_kept", RESULT, lambda b: delete(RESULT, b.staged.pk)),
]


@pytest.mark.req("D4")
@pytest.mark.parametrize(("rule", "table", "write"), CASES, ids=[case[0] for case in CASES])
def test_a_wrong_write_is_stopped_by_its_rule_and_by_nothing_else(
    books: Books, rule: str, table: str, write: Write
) -> None:
    assert refusal_of(lambda: write(books)) == rule
    assert refusal_of(lambda: write(books), dropping=(rule, table)) == ""


def test_an_application_has_one_live_line(books: Books) -> None:
    def wrong() -> None:
        copy_line(line(books.sent), books.open, person_index="0" * 64, status="open")

    assert refusal_of(wrong) == "payoutline_one_live_per_application"
    assert refusal_of(wrong, dropping=("payoutline_one_live_per_application", LINE)) == ""


def test_a_line_joins_an_open_batch_only(books: Books) -> None:
    def wrong() -> None:
        copy_line(line(books.open), books.frozen, application=books.spare, person_index="1")
        now_or_never()

    assert refusal_of(wrong) == "payoutline_joins_an_open_batch"
    assert refusal_of(wrong, dropping=("payoutline_joins_an_open_batch", LINE)) == ""


def test_a_batch_starts_open(books: Books) -> None:
    batch = books.sent

    def wrong() -> None:
        columns = "number, scheme_id, status, key_id, line_count, total, card_hash_total, scheme_fingerprint"
        run(
            f"INSERT INTO payouts_payoutbatch ({columns}, built_by_id, built_at, note)"
            " SELECT 'X', scheme_id, 'cancelled', %s, 0, 0, '', '', built_by_id, built_at, ''"
            " FROM payouts_payoutbatch WHERE id = %s",
            [books.applied.key_id, batch.pk],
        )

    assert refusal_of(wrong) == "payoutbatch_starts_open"
    assert refusal_of(wrong, dropping=("payoutbatch_starts_open", BATCH)) == ""


KEPT: list[tuple[str, Callable[[Books], int], type]] = [
    (FILE, lambda b: b.sent.files.earliest("id").pk, PayoutFile),
    (SNAPSHOT, lambda b: line(b.sent).pk, PayoutSnapshot),
    (ROW, lambda b: b.applied.rows.get().pk, ResultLine),
]


@pytest.mark.req("D2", "D5")
@pytest.mark.parametrize(("table", "row", "model"), KEPT, ids=[case[0] for case in KEPT])
@pytest.mark.parametrize(
    "sql", ["UPDATE {table} SET {key} = {key} WHERE {key} = %s", "DELETE FROM {table} WHERE {key} = %s"]
)
def test_what_left_the_house_is_never_changed_or_deleted(
    books: Books, table: str, row: Callable[[Books], int], model: type, sql: str
) -> None:
    key = model._meta.pk.column
    statement, pk = sql.format(table=table, key=key), row(books)
    assert refusal_of(lambda: run(statement, [pk])) == f"{table}_append_only"
    assert refusal_of(lambda: run(statement, [pk]), dropping=(f"{table}_append_only", table)) == ""


@pytest.mark.req("D2", "D5")
@pytest.mark.parametrize("sql", ["UPDATE payouts_recovery SET amount = 1", "DELETE FROM payouts_recovery"])
def test_money_taken_back_is_never_changed_or_deleted(books: Books, sql: str) -> None:
    take_back(books)
    assert refusal_of(lambda: run(sql)) == "payouts_recovery_append_only"
    assert refusal_of(lambda: run(sql), dropping=("payouts_recovery_append_only", RECOVERY)) == ""


@pytest.mark.parametrize("table", [FILE, SNAPSHOT, ROW, RECOVERY])
def test_what_left_the_house_is_never_truncated(books: Books, table: str) -> None:
    take_back(books)
    assert refusal_of(lambda: run(f"TRUNCATE {table}")) == f"{table}_no_truncate"
    assert refusal_of(lambda: run(f"TRUNCATE {table}"), dropping=(f"{table}_no_truncate", table)) == ""
