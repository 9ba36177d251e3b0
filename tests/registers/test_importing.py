"""What an import writes into each register, what it counts, and what happens when it comes again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection

from subsidy.accounts.models import District
from subsidy.accounts.services import staff_actor
from subsidy.accounts.services.places import load_districts
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.crypto import blind_index
from subsidy.registers.importing import Kind, Outcome, preview, register_template, run
from subsidy.registers.models import (
    AwardingBody,
    CardHolder,
    CompetitionResult,
    IssuedCertificate,
    RegisterImport,
    Trade,
)
from subsidy.registers.services import load_starter_catalogues, search_trades, trade_named
from subsidy.rules.identity import normalise_name
from subsidy.spreadsheets import open_table
from tests import make, workbooks
from tests.registers.rosters import GAMES, HEADINGS, certificate, holder, result, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.req("V4")]
RARE = ("䶮㛃", "𬎆·买买提", "阿依古丽•买合木提")


@pytest.fixture(autouse=True)
def _districts(request: pytest.FixtureRequest) -> None:
    if "thread_race" not in request.fixturenames:
        load_districts()


def imported(kind: Kind, *rows: list[str]) -> Outcome:
    return run(kind, workbook(kind, *rows), f"{kind.value}.xlsx", actor=SYSTEM)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.counts.created, outcome.counts.changed, outcome.counts.unchanged


def test_a_card_holder_is_kept_with_digests_and_sealed_numbers() -> None:
    outcome = imported(Kind.CARD_HOLDERS, holder(1, 姓名="㛃·建国"))
    kept = CardHolder.objects.get()
    assert counts(outcome) == (1, 0, 0)
    assert (kept.name, kept.name_key) == ("㛃·建国", normalise_name("㛃·建国"))
    assert (kept.resident_id, kept.card_number, kept.mobile) == (
        make.resident_id(1),
        make.card_number(1),
        make.mobile(1),
    )
    assert kept.resident_id_index == blind_index("resident_id", make.resident_id(1))
    assert kept.card_index == blind_index("card", make.card_number(1))
    assert kept.mobile_index == blind_index("mobile", make.mobile(1))
    assert kept.card_tail == make.card_number(1)[-4:]
    assert kept.district == District.objects.get(name="西城区")
    assert (kept.union_name, kept.active) == ("北京样例公交工会", True)
    assert kept.source == outcome.imported


@pytest.mark.req("A2")
def test_no_number_of_a_card_holder_lies_in_the_table_in_clear() -> None:
    imported(Kind.CARD_HOLDERS, holder(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(h::text, ' ') FROM registers_cardholder h")
        stored = cursor.fetchone()[0]
    assert make.resident_id(1) not in stored
    assert make.card_number(1) not in stored
    assert make.mobile(1) not in stored


@pytest.mark.req("E11")
@pytest.mark.parametrize("as_csv", [False, True])
def test_rare_names_come_through_as_written_and_match_by_their_key(as_csv: bool) -> None:
    rows = [holder(n, 姓名=name) for n, name in enumerate(RARE, 1)]
    if as_csv:
        content = workbooks.csv_text(HEADINGS[Kind.CARD_HOLDERS], *rows).encode("gb18030")
        run(Kind.CARD_HOLDERS, content, "a.csv", actor=SYSTEM)
    else:
        imported(Kind.CARD_HOLDERS, *rows)
    kept = list(CardHolder.objects.order_by("id"))
    assert [holder.name for holder in kept] == list(RARE)
    assert [holder.name_key for holder in kept] == [normalise_name(name) for name in RARE]


def test_numbers_typed_with_spaces_and_full_width_are_the_same_numbers() -> None:
    card = f"{make.card_number(1)[:4]} {make.card_number(1)[4:]}"
    imported(Kind.CARD_HOLDERS, holder(1, 互助服务卡号=card, 手机号=f"+86 {make.mobile(1)}"))
    kept = CardHolder.objects.get()
    assert (kept.card_number, kept.mobile) == (make.card_number(1), make.mobile(1))


def test_empty_optional_cells_are_unknown_and_an_empty_state_is_active() -> None:
    imported(Kind.CARD_HOLDERS, holder(1, 手机号="", 所属工会="", 所属区="", 状态=""))
    kept = CardHolder.objects.get()
    assert (kept.mobile, kept.mobile_index, kept.union_name) == (None, "", "")
    assert (kept.district, kept.active) == (None, True)


@pytest.mark.parametrize("written", ["西城区", "西城", "110102", "西 城 区"])
def test_a_district_is_known_by_its_name_or_code(written: str) -> None:
    imported(Kind.CARD_HOLDERS, holder(1, 所属区=written))
    assert CardHolder.objects.get().district == District.objects.get(code="110102")


def test_a_later_file_changes_what_differs_and_leaves_the_rest() -> None:
    imported(Kind.CARD_HOLDERS, holder(1), holder(2), holder(3))
    before = {row.pk: row.source_id for row in CardHolder.objects.all()}
    second = imported(Kind.CARD_HOLDERS, holder(1), holder(2, 状态="注销"), holder(4))
    assert counts(second) == (1, 1, 1)
    changed = CardHolder.objects.get(resident_id_index=blind_index("resident_id", make.resident_id(2)))
    assert not changed.active
    untouched = CardHolder.objects.exclude(source=second.imported)
    assert {row.pk: row.source_id for row in untouched}.items() <= before.items()
    assert untouched.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"姓名": "王建囯"},
        {"互助服务卡号": make.card_number(9)},
        {"手机号": make.mobile(9)},
        {"手机号": ""},
        {"所属工会": "另一工会"},
        {"所属区": "东城区"},
        {"状态": "无效"},
    ],
    ids=str,
)
def test_each_column_of_a_card_holder_can_change(change: dict[str, str]) -> None:
    imported(Kind.CARD_HOLDERS, holder(1))
    assert counts(imported(Kind.CARD_HOLDERS, holder(1, **change))) == (0, 1, 0)


def test_an_issued_certificate_is_found_by_its_normalised_number() -> None:
    number = make.certificate_number(1)
    imported(Kind.CERTIFICATES, certificate(1, 证书编号=f"{number[:5].lower()}-{number[5:]}"))
    kept = IssuedCertificate.objects.get(number_key=number)
    assert kept.resident_id_index == blind_index("resident_id", make.resident_id(1))
    assert (kept.level, kept.issued_on) == ("2", date(2023, 9, 12))
    assert (kept.trade, kept.awarding_body) == ("汽车装调工", "北京市职业技能鉴定管理中心")


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("1", "1"),
        ("一级", "1"),
        ("高级技师", "1"),
        ("二级/技师", "2"),
        ("三级（高级工）", "3"),
        ("特级技师", "special"),
    ],
)
def test_a_level_is_read_however_it_is_written(written: str, level: str) -> None:
    imported(Kind.CERTIFICATES, certificate(1, 等级=written))
    assert IssuedCertificate.objects.get().level == level


@pytest.mark.parametrize("written", ["2023-09-12", "2023/9/12", "2023.09.12", "2023年9月12日", "20230912"])
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    imported(Kind.CERTIFICATES, certificate(1, 颁证日期=written))
    assert IssuedCertificate.objects.get().issued_on == date(2023, 9, 12)


@pytest.mark.req("F4", "E4")
def test_a_competition_result_is_kept_with_its_placing() -> None:
    imported(Kind.COMPETITION, result(1), result(2, 名次="第1名"), result(3, 组别="团体", 赛段="半决赛"))
    kept = {row.resident_id: row for row in CompetitionResult.objects.all()}
    first, tied, team = (kept[make.resident_id(n)] for n in (1, 2, 3))
    assert (first.edition, first.trade, first.rank) == (GAMES, "汽车装调工", 1)
    assert (first.round, first.is_team) == ("final", False)
    assert first.mobile == make.mobile(1)
    assert tied.rank == 1
    assert (team.round, team.is_team) == ("semi_final", True)


@pytest.mark.req("E4")
def test_one_competition_written_two_ways_gives_a_person_one_result() -> None:
    imported(Kind.COMPETITION, result(1))
    second = imported(Kind.COMPETITION, result(1, 届次="２０２３北京市职工职业技能大赛", 名次="2"))
    assert counts(second) == (0, 1, 0)
    assert CompetitionResult.objects.get().rank == 2
    assert CompetitionResult.objects.get().edition == GAMES


def test_a_results_mobile_is_compared_though_it_has_no_digest() -> None:
    imported(Kind.COMPETITION, result(1), result(2))
    second = imported(Kind.COMPETITION, result(1), result(2, 手机号=make.mobile(9)))
    assert counts(second) == (0, 1, 1)
    assert {row.mobile for row in CompetitionResult.objects.all()} == {make.mobile(1), make.mobile(9)}


@pytest.mark.req("F1")
def test_imported_trades_are_found_by_name_alias_and_retirement() -> None:
    rows = [
        ["T1", "汽车装调工", "汽车整车制造", "汽车装配工；汽车调试工", "", ""],
        ["T2", "老工种", "", "", "2000-01-01", "2010-12-31"],
    ]
    imported(Kind.TRADES, *rows)
    named = trade_named("汽车装配工")
    assert named is not None
    assert (named.code, named.occupation) == ("T1", "汽车整车制造")
    assert [hit.retired for hit in search_trades("老工种")] == [True]


def test_the_starter_catalogue_imported_again_as_a_workbook_is_unchanged() -> None:
    load_starter_catalogues(actor=SYSTEM)
    trades = [
        [
            t.code,
            t.name,
            t.occupation,
            "；".join(t.aliases),
            *(str(d or "") for d in (t.valid_from, t.valid_to)),
        ]
        for t in Trade.objects.all()
    ]
    bodies = [
        [
            b.code,
            b.name,
            "；".join(b.aliases),
            b.filed_with,
            *(str(d or "") for d in (b.valid_from, b.valid_to)),
        ]
        for b in AwardingBody.objects.all()
    ]
    assert counts(imported(Kind.TRADES, *trades)) == (0, 0, len(trades))
    assert counts(imported(Kind.AWARDING_BODIES, *bodies)) == (0, 0, len(bodies))


def test_the_same_file_twice_changes_nothing_and_says_so() -> None:
    content = workbook(Kind.CARD_HOLDERS, holder(1))
    first = run(Kind.CARD_HOLDERS, content, "一月.xlsx", actor=SYSTEM)
    second = run(Kind.CARD_HOLDERS, content, "改了名字.xlsx", actor=SYSTEM)
    assert second.is_repeat
    assert second.imported == first.imported
    assert "导入过，没有改动" in second.sentence
    assert RegisterImport.objects.count() == 1
    assert AuditRow.objects.filter(action="register.imported").count() == 1


def test_the_same_bytes_may_fill_another_register() -> None:
    content = workbooks.table(
        ["编码", "名称", "别名", "启用日期", "停用日期", "职业"], ["T1", "甲", "", "", "", ""]
    )
    run(Kind.TRADES, content, "a.xlsx", actor=SYSTEM)
    assert not RegisterImport.objects.filter(kind="awarding_bodies").exists()
    assert RegisterImport.objects.get().sha256 == preview(Kind.TRADES, content, "a.xlsx").sha256


def test_a_preview_says_what_would_happen_masked_and_changes_nothing() -> None:
    imported(Kind.CARD_HOLDERS, holder(1))
    content = workbook(Kind.CARD_HOLDERS, holder(1, 状态="无效"), holder(2))
    seen = preview(Kind.CARD_HOLDERS, content, "a.xlsx")
    assert counts(seen) == (1, 1, 0)
    assert (seen.imported, seen.rows) == (None, 2)
    assert CardHolder.objects.get().active
    shown = str(seen.sample)
    assert "王**" in shown
    assert make.resident_id(2) not in shown
    assert make.card_number(2) not in shown
    assert make.mobile(2) not in shown


def test_a_run_is_named_with_its_importer_and_one_audit_row_without_personal_data() -> None:
    clerk = make.staff("administrator")
    content = workbook(Kind.CARD_HOLDERS, holder(1))
    outcome = run(Kind.CARD_HOLDERS, content, "/tmp/目录\\名\x07单.xlsx", actor=staff_actor(clerk))
    assert outcome.imported is not None
    assert outcome.imported.imported_by == clerk
    assert (outcome.imported.file_name, outcome.imported.row_count) == ("名单.xlsx", 1)
    row = AuditRow.objects.get(action="register.imported")
    assert row.target == f"register-import:{outcome.imported.pk}"
    assert row.data["sha256"] == outcome.sha256
    assert make.resident_id(1)[-8:] not in str(row.data)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_template_has_the_headings_of_the_contract_and_no_rows(kind: Kind) -> None:
    headings = [heading.partition("（")[0] for heading in HEADINGS[kind]]
    assert list(open_table(register_template(kind), "模板.xlsx", required=headings)) == []


def test_two_runs_of_one_file_at_once_import_it_once(thread_race: Callable[..., list[object]]) -> None:
    load_districts()
    content = workbook(Kind.CARD_HOLDERS, *(holder(n) for n in range(1, 200)))
    outcomes = thread_race(lambda _: run(Kind.CARD_HOLDERS, content, "a.xlsx", actor=SYSTEM), times=4)
    assert sorted(outcome.is_repeat for outcome in outcomes) == [False, True, True, True]  # type: ignore[attr-defined]
    assert CardHolder.objects.count() == 199
    assert RegisterImport.objects.count() == 1


def test_two_files_about_the_same_people_at_once_both_succeed(
    thread_race: Callable[..., list[object]],
) -> None:
    load_districts()
    contents = [
        workbook(Kind.CARD_HOLDERS, *(holder(n, 所属工会=f"工会{turn}") for n in range(1, 100)))
        for turn in range(4)
    ]
    outcomes = thread_race(lambda n: run(Kind.CARD_HOLDERS, contents[n], "a.xlsx", actor=SYSTEM), times=4)
    done = sorted(counts(outcome) for outcome in outcomes)  # type: ignore[arg-type]
    assert done == [(0, 99, 0)] * 3 + [(99, 0, 0)]
    assert CardHolder.objects.values("union_name").distinct().count() == 1
