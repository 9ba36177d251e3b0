"""The services do all their work as the application's role, which owns nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client

from applications.services.cards import correct_card
from payouts import books
from payouts.models import PayoutLine
from review.services import revoke
from subsidy import clock, database_roles
from subsidy.accounts.models import MemberToken, SignInCode
from subsidy.accounts.roles import Role
from subsidy.accounts.services import issue_token, member_actor, redeem_code, request_code, revoke_token
from subsidy.audit import sealer, verifier
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow, AuditSeal
from subsidy.demo.seed import seed
from subsidy.errors import RuleRefused
from subsidy.notices.models import Notice
from subsidy.notices.services import sweep
from subsidy.registers.services import load_starter_catalogues
from subsidy.rules.workflow import PaymentStatus
from tests import make
from tests.accounts.people import (
    IP,
    MOBILE,
    NONCE,
    PASSWORD,
    desk_address,
    last_code,
    signed_in,
    staff,
    wrong,
)
from tests.payouts.money import Desk, answer

pytestmark = pytest.mark.usefixtures("groups")


def who() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def all_deferred_rules_hold() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.req("D1", "D2", "D3", "D4")
def test_money_travels_from_filing_to_the_card_and_again_after_a_correction(as_application: None) -> None:
    assert who() == settings.APP_ROLE
    desk = Desk.set_up()
    first = desk.sent(2)
    desk.apply(answer(first, "NO_SUCH_ACCOUNT").bytes())
    failed = PayoutLine.objects.get(batch=first, status="failed").application
    with clock.at(make.DAY):
        correct_card(
            failed,
            actor=member_actor(failed.member),
            version=failed.version,
            card_number=make.card_number(9_999),
        )
    desk.apply(answer(desk.again()).bytes())
    failed.refresh_from_db()
    assert failed.payment == PaymentStatus.PAID
    all_deferred_rules_hold()
    assert books.verify(make.DAY).findings == []
    assert who() == settings.APP_ROLE


@pytest.mark.req("A4")
def test_a_member_signs_in_by_code_and_holds_a_token(as_application: None) -> None:
    member = signed_in()
    token = issue_token(member)
    revoke_token(token)
    assert SignInCode.objects.get().used_at is not None
    assert MemberToken.objects.get().member == member


@pytest.mark.req("A4")
def test_wrong_guesses_are_counted(as_application: None) -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused):
        redeem_code(MOBILE, wrong(last_code()), nonce=NONCE, ip=IP)
    assert SignInCode.objects.get().attempts == 1


@pytest.mark.req("A1")
def test_staff_sign_in_and_out_over_http(as_application: None) -> None:
    staff("reviewer", Role.REVIEWER)
    client = Client(REMOTE_ADDR=desk_address())
    client.post("/staff/login/", {"login": "reviewer", "password": PASSWORD})
    assert SESSION_KEY in client.session
    client.post("/staff/logout/")
    assert SESSION_KEY not in client.session
    assert AuditRow.objects.filter(realm="staff").exists()


@pytest.mark.req("A3")
def test_the_log_is_sealed_and_verified(as_committing_application: None) -> None:
    for _ in range(3):
        make.member()
    assert who() == settings.APP_ROLE
    assert sealer.seal() > 0
    assert AuditSeal.objects.count() == 1
    assert verifier.verify().findings == []


def test_short_messages_leave_the_outbox(as_committing_application: None) -> None:
    signed_in()
    sweep()
    assert Notice.objects.get().status == "sent"


def test_catalogues_load_twice(as_application: None) -> None:
    load_starter_catalogues(actor=SYSTEM)
    load_starter_catalogues(actor=SYSTEM)
    assert who() == settings.APP_ROLE


@pytest.mark.req("V3")
def test_an_approval_is_revoked(as_application: None) -> None:
    desk = Desk.set_up()
    (approved,) = desk.approved()
    with clock.at(make.DAY):
        revoke(
            approved, reviewer=make.staff(Role.REVIEW_LEAD), version=approved.version, note="证书后来被注销"
        )
    approved.refresh_from_db()
    assert approved.status == "revoked"
    all_deferred_rules_hold()


def test_the_year_of_the_demonstration_needs_no_more(as_application: None, tmp_path: Path) -> None:
    connection.atomic_blocks[-1]._from_testcase = True  # type: ignore[attr-defined]
    with clock.at(make.DAY):
        cases = seed(members=20, folder=tmp_path, report=None)
    all_deferred_rules_hold()
    assert {case.story.code for case in cases}
    assert who() == settings.APP_ROLE


def test_the_owner_is_the_owner_again_after_working_as_the_application(
    application_role: None, db: None
) -> None:
    before = who()
    with database_roles.as_application():
        assert who() == settings.APP_ROLE
    assert who() == before != settings.APP_ROLE
    assert "assume_role" not in connection.settings_dict["OPTIONS"]
