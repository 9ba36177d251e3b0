"""Loading a year's scheme: as data, once, and frozen when published (P1–P3)."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from applications.services.filing import submit
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Malformed, RuleRefused
from subsidy.schemes.models import Scheme
from subsidy.schemes.services import load_scheme, read_definition
from tests import make

pytestmark = pytest.mark.django_db
OTHER = Path(__file__).resolve().parent.parent / "data" / "scheme_other.toml"
CARD = make.card_number(7, prefix="621030")


@pytest.mark.req("P2")
def test_the_command_loads_2024_and_says_so_again_without_a_change() -> None:
    said = [StringIO(), StringIO()]
    for out in said:
        call_command("load_scheme", make.SCHEME_FILE, "--publish", "--json", stdout=out)
    first, second = (json.loads(out.getvalue()) for out in said)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["fingerprint"] == second["fingerprint"] == Scheme.objects.get(year=2024).fingerprint


@pytest.mark.req("P3")
def test_a_published_scheme_is_not_overwritten() -> None:
    make.scheme()
    with pytest.raises(Conflict, match="已发布"):
        load_scheme(read_definition(make.SCHEME_FILE) | {"title": "改过的方案"}, actor=SYSTEM)
    assert "改过" not in Scheme.objects.get(year=2024).title


@pytest.mark.req("P3")
def test_loading_is_an_audited_event() -> None:
    scheme = make.scheme()
    row = AuditRow.objects.get(action="scheme.load")
    assert row.data["fingerprint"] == scheme.fingerprint


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CommandError, match=r"找不到方案文件 none\.toml"):
        call_command("load_scheme", Path("none.toml"))


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("year = = 2024", encoding="utf-8")
    with pytest.raises(Malformed, match="不是合法的 TOML"):
        read_definition(broken)


@pytest.mark.req("P1")
def test_a_bad_value_names_its_field_and_stores_nothing() -> None:
    with pytest.raises(Malformed, match="certificate_to"):
        load_scheme(read_definition(make.SCHEME_FILE) | {"certificate_to": date(2022, 1, 1)}, actor=SYSTEM)
    assert not Scheme.objects.exists()


@pytest.mark.req("P2")
def test_another_scheme_limits_trades_with_no_change_of_code() -> None:
    plan = load_scheme(read_definition(OTHER), actor=SYSTEM, publish=True)[0]
    day = plan.rules.opens_at
    person = make.member(at=day)
    inside = plan.rules.certificate_from
    draft = make.draft(
        person,
        at=day,
        scheme=plan,
        card_number=CARD,
        certificate={"level": "3", "trade": "养老护理员", "issued_on": inside},
    )
    with clock.at(day), pytest.raises(RuleRefused) as refused:
        submit(draft, actor=member_actor(person), version=draft.version)
    assert refused.value.code == "TRADE_NOT_COVERED"


@pytest.mark.req("P2")
def test_another_scheme_pays_its_own_amounts() -> None:
    plan = load_scheme(read_definition(OTHER), actor=SYSTEM, publish=True)[0]
    day = plan.rules.opens_at
    filed = make.submitted(
        at=day,
        scheme=plan,
        card_number=CARD,
        certificate={"level": "2", "issued_on": plan.rules.certificate_from},
    )
    assert filed.award == 1500
