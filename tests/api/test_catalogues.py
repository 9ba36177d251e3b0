"""Schemes, trades and awarding bodies: found however they are written (P1, F1)."""

from __future__ import annotations

from typing import Any

import pytest

from subsidy import clock
from subsidy.audit.actors import SYSTEM
from subsidy.errors import Malformed
from subsidy.registers.models import AwardingBody, Trade
from subsidy.registers.services import load_starter_catalogues, upsert_trades
from subsidy.schemes.models import Scheme
from tests import make
from tests.api.conftest import Caller, is_problem

pytestmark = pytest.mark.django_db


@pytest.mark.req("P1", "P2")
def test_the_scheme_says_what_it_funds_and_through_which_doors(
    anybody: Caller, plan: Scheme, june: None
) -> None:
    (scheme,) = anybody.get("schemes/").json()
    assert (scheme["year"], scheme["status"]) == (2024, "open")
    assert scheme["closes_at"] == "2024-11-01T00:00:00+08:00"
    assert (scheme["certificate_from"], scheme["certificate_to"]) == ("2023-01-01", "2023-12-31")
    assert scheme["doors"] == {
        "skill": ["member", "hotline", "station"],
        "social_work": ["paper"],
        "competition": ["roster"],
    }
    assert {"ground": "skill", "level": 1, "amount": 2000, "clause": "三（一）"}.items() <= scheme["awards"][
        0
    ].items()
    assert [row["ranks"] for row in scheme["awards"] if row["ground"] == "competition"] == [[1, 1], [2, 10]]


@pytest.mark.parametrize(("year", "status"), [(2023, "upcoming"), (2024, "open"), (2025, "closed")])
@pytest.mark.req("E8")
def test_a_scheme_opens_and_closes_by_the_business_clock(
    anybody: Caller, plan: Scheme, year: int, status: str
) -> None:
    with clock.at(make.DAY.replace(year=year)):
        assert anybody.get("schemes/").json()[0]["status"] == status


def test_a_draft_scheme_is_not_shown(anybody: Caller, plan: Scheme) -> None:
    Scheme.objects.update(status=Scheme.Status.DRAFT)
    assert anybody.get("schemes/").json() == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("汽车装调工", "汽车装调工"),
        ("汽车（拖拉机）装配工", "汽车（拖拉机）装配工"),
        ("汽车(拖拉机)装配工", "汽车（拖拉机）装配工"),
        ("汽车拖拉机装配", "汽车（拖拉机）装配工"),
        (" 数 控 车 工 ", "数控车工"),
        ("维修电工", "电工"),
        ("养老护理", "养老护理员"),
    ],
)
@pytest.mark.req("F1")
def test_a_trade_is_found_however_it_is_written(
    anybody: Caller, catalogues: None, typed: str, name: str
) -> None:
    found = anybody.client.get("/api/v1/trades/", {"q": typed}).json()
    assert found[0]["name"] == name
    assert set(found[0]) == {"id", "name", "code", "matched", "retired"}


@pytest.mark.req("F1")
def test_the_writing_that_fits_is_told(anybody: Caller, catalogues: None) -> None:
    found = anybody.client.get("/api/v1/trades/", {"q": "维修电工"}).json()
    assert found[0]["matched"] == "维修电工"


@pytest.mark.req("F1")
def test_a_retired_trade_is_found_and_marked(anybody: Caller, catalogues: None, june: None) -> None:
    retired = anybody.client.get("/api/v1/trades/", {"q": "汽车（拖拉机）装配工"}).json()
    current = anybody.client.get("/api/v1/trades/", {"q": "汽车装调工"}).json()
    assert (retired[0]["retired"], current[0]["retired"]) == (True, False)


@pytest.mark.req("F1")
def test_a_body_is_found_by_its_alias(anybody: Caller, catalogues: None) -> None:
    found = anybody.client.get("/api/v1/awarding-bodies/", {"q": "职鉴中心"}).json()
    assert found[0]["name"] == "北京市职业技能鉴定管理中心"


@pytest.mark.parametrize("path", ["trades/", "awarding-bodies/"])
@pytest.mark.parametrize("q", ["", "工", "%", "_", "\\", "'", "|", "no such thing"])
def test_a_search_answers_at_most_twenty(
    anybody: Caller, catalogues: None, path: str, q: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(2):
        response = anybody.client.get(f"/api/v1/{path}", {"q": q})
    assert response.status_code == 200
    assert len(response.json()) <= 20


@pytest.mark.parametrize("q", ["%", "_", "no such thing"])
def test_a_wildcard_finds_nothing(anybody: Caller, catalogues: None, q: str) -> None:
    assert anybody.client.get("/api/v1/trades/", {"q": q}).json() == []


@pytest.mark.parametrize("q", ["字" * 201, "a\x00b", "a\nb"])
def test_a_query_that_is_no_text_is_refused(anybody: Caller, catalogues: None, q: str) -> None:
    assert is_problem(anybody.client.get("/api/v1/trades/", {"q": q}), 400)


def test_loading_the_starter_catalogues_again_changes_nothing() -> None:
    trades, bodies = load_starter_catalogues(actor=SYSTEM)
    again = load_starter_catalogues(actor=SYSTEM)
    assert trades.created == Trade.objects.count() > 100
    assert bodies.created == AwardingBody.objects.count() > 20
    assert [(one.created, one.changed) for one in again] == [(0, 0), (0, 0)]


def test_every_invented_body_says_so(catalogues: None) -> None:
    invented = AwardingBody.objects.exclude(name="北京市职业技能鉴定管理中心")
    assert invented
    assert all("示例数据" in body.filed_with for body in invented)


def test_a_changed_row_changes_its_entry(catalogues: None) -> None:
    code = Trade.objects.get(name="电工").code
    row = {"编码": code, "名称": "电工", "职业": "电工", "别名": "强电工"}
    assert upsert_trades([row], actor=SYSTEM).changed == 1
    assert Trade.objects.get(code=code).aliases == ["强电工"]


def test_rows_with_errors_change_nothing_and_are_all_named() -> None:
    rows = [
        {"编码": "A1", "名称": "甲工"},
        {"编码": "", "名称": "乙工"},
        {"编码": "A3", "停用日期": "2023-02-30"},
    ]
    with pytest.raises(Malformed) as refused:
        upsert_trades(rows, actor=SYSTEM)
    assert [error.field for error in refused.value.errors] == ["第 3 行", "第 4 行"]
    assert not Trade.objects.exists()
