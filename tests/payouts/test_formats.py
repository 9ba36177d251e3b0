"""The bytes of a payout file, and reading whatever comes back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.formats import codes, default_txt
from payouts.formats.shapes import Part, PayLine, in_parts, parts_of
from subsidy.clock import SHANGHAI
from subsidy.errors import SubsidyError

GOLDEN = Path(__file__).parent / "golden" / "ZT2024-B0007-001.txt"
PAGE = Path(__file__).parents[2] / "docs" / "payout-files.md"
LINES = (
    PayLine("ZT2024-B0007-000001-4", "王建国", "6214000000000012", 2000, "2024年职工职业发展助推金"),
    PayLine("ZT2024-B0007-000002-2", "阿依古丽·买买提", "6214000000000020", 1000, "2024年职工职业发展助推金"),
    PayLine("ZT2024-B0007-000003-0", "䶮㛃𬎆", "6214000000000000038", 800, "2024年职工职业发展助推金"),
)
PART = Part("ZT2024-B0007", 1, 1, datetime(2024, 6, 18, 10, 0, 30, tzinfo=SHANGHAI), LINES)
RESULT = (
    "H|ZT2024-B0007|1|1|2000.00|2024-06-18T12:00:00+08:00\n"
    "D|ZT2024-B0007-000001-4|6214000000000012|2000.00|PAID|成功|2024-06-18T11:00:00+08:00\n"
    "T|1|2000.00\n"
)


@pytest.mark.req("D2")
def test_the_text_layout_writes_exactly_these_bytes() -> None:
    assert default_txt.write(PART) == GOLDEN.read_bytes()


@pytest.mark.req("D2")
@pytest.mark.parametrize("name", ["王|建国", "王\n建国", "王\x00", "", "\ud800王"])
def test_a_value_the_layout_cannot_carry_is_never_written(name: str) -> None:
    line = PayLine("ZT2024-B0007-000001-4", name, "6214000000000012", 2000, "助推金")
    with pytest.raises(ValueError, match="ZT2024-B0007-000001-4"):
        default_txt.write(Part("ZT2024-B0007", 1, 1, PART.created_at, (line,)))


@pytest.mark.req("D2")
@pytest.mark.parametrize(("lines", "parts"), [(1, 1), (1000, 1), (1001, 2), (2412, 3)])
def test_a_part_holds_at_most_a_thousand_lines(lines: int, parts: int) -> None:
    cut = list(in_parts(iter([LINES[0]] * lines)))
    assert parts_of(lines) == len(cut) == parts
    assert max(map(len, cut)) <= 1000


@pytest.mark.req("D3")
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_result_is_read_in_either_encoding_and_line_end(encoding: str, newline: str) -> None:
    result = default_txt.read(RESULT.replace("\n", newline).encode(encoding))
    (row,) = result.rows
    assert (row.row, row.amount_fen, row.raw_code, row.text) == (2, 200_000, "PAID", "成功")
    assert row.paid_at == datetime(2024, 6, 18, 11, tzinfo=SHANGHAI)


@pytest.mark.req("D3")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"\xff\xfe",
        b"\x80",
        b"H|",
        b"D|a|b",
        b"T|1|1",
        b"x",
        b"PK\x03\x04",
        b"H|a|1|1|1|\nT|1|1",
    ],
)
def test_what_is_no_result_file_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(SubsidyError, match="没有导入"):
        default_txt.read(content)


LIKELY = ["ZT2024-B0007", "1", "0", "1.00", "1.001", "-1", "PAID", "2024-06-18", "", "9" * 30, "１"]
field = st.one_of(st.text(max_size=12), st.sampled_from(LIKELY))
row = st.lists(field, max_size=8).map("|".join)
line = st.one_of(row, st.tuples(st.sampled_from("HDT"), row).map("|".join))
sane = st.lists(line, max_size=6).map("\r\n".join)
files = st.one_of(
    st.binary(max_size=200),
    sane.map(lambda text: text.encode("gb18030", "replace")),
    sane.map(lambda text: text.encode("utf-8", "surrogatepass")),
)


def refusal_of(content: bytes) -> SubsidyError | None:
    """Return how a file was refused, or None if it was read; any other exception is a defect."""
    try:
        default_txt.read(content)
    except SubsidyError as error:
        return error
    return None


@pytest.mark.req("D3")
@given(files)
def test_no_bytes_whatever_raise_anything_but_our_own_error(content: bytes) -> None:
    refusal = refusal_of(content)
    assert refusal is None or refusal.message.endswith("没有导入。")


@pytest.mark.req("D3")
@given(st.integers(0, len(RESULT) - 1), st.characters())
def test_one_changed_character_is_read_or_refused_never_a_crash(at: int, mark: str) -> None:
    content = (RESULT[:at] + mark + RESULT[at + 1 :]).encode("utf-8", "surrogatepass")
    refusal = refusal_of(content)
    assert refusal is None or refusal.field == "file"


@pytest.mark.req("D3")
@pytest.mark.parametrize("code", list(codes.Code))
def test_every_code_says_whether_it_is_final_and_who_acts(code: codes.Code) -> None:
    meaning = codes.MEANINGS[code]
    assert meaning.is_final or not meaning.is_retryable
    assert meaning.acts.label
    assert meaning.advice.endswith("。")
    assert len(meaning.advice) <= 500


@pytest.mark.req("D3", "D4")
def test_a_code_that_is_not_in_the_table_is_unknown_and_never_a_failure() -> None:
    assert codes.read_code("Z77") is codes.MEANINGS[codes.Code.UNKNOWN]
    assert not codes.is_known("Z77")


@pytest.mark.req("D3")
@pytest.mark.parametrize("code", list(codes.Code))
def test_the_page_about_the_files_says_the_same_of_every_code(code: codes.Code) -> None:
    (row,) = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{code}` |")
    ]
    cells = [cell.strip().strip("`") for cell in row.strip("|").split("|")]
    meaning = codes.MEANINGS[code]
    assert codes.DEFAULT_TABLE[cells[1]] is code
    assert cells[2] == code.label
    assert cells[3:5] == ["是" if yes else "否" for yes in (meaning.is_final, meaning.is_retryable)]
    assert cells[5][:2] in meaning.acts.label
