"""The rules room: no Django, one table of reasons, names folded alike."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import subsidy.rules
from subsidy.rules.folding import fold_competition, fold_name
from subsidy.rules.reasons import REASONS, ReasonCode, make_reason, severity_of
from subsidy.rules.scheme_parts import Clauses
from subsidy.rules.terms import Ground
from tests.rules.conftest import ROOT

BLOCKING = """ISSUED_BEFORE_WINDOW ISSUED_AFTER_WINDOW LEVEL_NOT_COVERED GRADE_NOT_COVERED RANK_NOT_COVERED
TEAM_EVENT COMPETITION_NOT_COVERED ROUND_NOT_COVERED APPLICANT_CLASS_NOT_COVERED TRADE_NOT_COVERED
FILED_BEFORE_OPENING FILED_AFTER_CLOSING ALREADY_APPLIED ALREADY_PAID NUMBER_LEVEL_MISMATCH"""
FLAG = """CERTIFICATE_USED NUMBER_YEAR_MISMATCH NUMBER_OTHER_PROVINCE NUMBER_FILED_WITH_MINISTRY
NUMBER_UNKNOWN_LAYOUT TRADE_NOT_LISTED BODY_NOT_LISTED ISSUING_AUTHORITY_NOT_BEIJING NOT_A_CARD_HOLDER
CARD_HOLDER_MISMATCH CARD_NUMBER_UNUSUAL REGISTER_MISMATCH"""
INFO = "REGISTER_MATCH RANK_TIED"
VALUES = """dated first last subject covered award opens closes place mark meaning level year home length hint
fields"""


@pytest.mark.req("E9")
@pytest.mark.parametrize(("severity", "names"), [("blocking", BLOCKING), ("flag", FLAG), ("info", INFO)])
def test_reason_codes_are_the_contract_s(severity: str, names: str) -> None:
    assert {code.value for code in REASONS if severity_of(code).value == severity} == set(names.split())


@pytest.mark.req("E9")
@pytest.mark.parametrize("code", list(ReasonCode))
@pytest.mark.parametrize("ground", list(Ground))
def test_every_reason_has_a_clause_and_a_sentence(code: ReasonCode, ground: Ground) -> None:
    reason = make_reason(code, Clauses(), ground, **dict.fromkeys(VALUES.split(), "值"))
    assert reason.clause
    assert reason.message.endswith("。")
    assert "{" not in reason.message


def test_rules_load_without_django() -> None:
    modules = [f"subsidy.rules.{module.name}" for module in pkgutil.iter_modules(subsidy.rules.__path__)]
    script = f"import sys, {', '.join(modules)}; sys.exit('django' in sys.modules or 'celery' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(modules) > 10


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)
    assert fold_competition(fold_competition(text)) == fold_competition(text)


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        ("汽车（拖拉机）装配工", "汽车(拖拉机)装配工", True),
        ("ＣＡＤ 制图员", "cad制图员", True),
        ("茶艺师Ⅰ", "茶艺师I", True),
        ("电工", "焊工", False),
    ],
)
def test_trades_are_compared_without_width_case_and_space(left: str, right: str, is_same: bool) -> None:
    assert (fold_name(left) == fold_name(right)) is is_same
