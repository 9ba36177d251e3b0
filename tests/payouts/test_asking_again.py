"""Money and reveals ask again who sits there after ten minutes, and nothing filled in is lost on the way."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from payouts.models import PayoutBatch
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import PROVED_AT, RECENT
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from tests import make
from tests.accounts.people import fresh_code, sign_in, wrong
from tests.payouts.money import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4", "D2")]

DEEDS = ("freeze", "approve", "export", "cancel")


def text(response: Any) -> str:
    return str(response.content.decode())


def at_work(user: StaffUser, ago: timedelta = RECENT) -> Client:
    """Return a browser in which somebody signed in whole, so long ago."""
    client = sign_in(user.username, make.PASSWORD)
    assert SESSION_KEY in client.session
    session = client.session
    session[PROVED_AT] = (clock.real_now() - ago).timestamp()
    session.save()
    return client


def deed(name: str, batch: PayoutBatch) -> str:
    return reverse(f"admin:payouts_payoutbatch_{name}", args=[batch.pk])


def carried(response: Any) -> dict[str, str]:
    """Return the form of the question as a browser would send it back."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text(response))
    return {html.unescape(name): html.unescape(value) for name, value in found}


def post(client: Client, path: str, data: dict[str, str] | None = None) -> Any:
    with clock.at(make.DAY):
        return client.post(path, data or {})


def test_within_ten_minutes_nothing_is_asked(desk: Desk) -> None:
    batch = desk.built(1)
    client = at_work(desk.maker, RECENT - timedelta(seconds=30))
    assert post(client, deed("freeze", batch)).status_code == 302
    batch.refresh_from_db()
    assert batch.status == "frozen"


@pytest.mark.parametrize("name", DEEDS)
def test_after_ten_minutes_money_asks_first_and_does_nothing(desk: Desk, name: str) -> None:
    batch = desk.built(1)
    response = post(at_work(desk.maker), deed(name, batch), {"note": "写错了"})
    assert (response.status_code, "请再确认一次身份" in text(response)) == (403, True)
    assert response["Cache-Control"].find("no-store") >= 0
    before = batch.status
    batch.refresh_from_db()
    assert batch.status == before


def test_the_right_code_does_at_once_what_was_asked_with_everything_filled_in(desk: Desk) -> None:
    batch = desk.built(1)
    client, path = at_work(desk.maker), deed("cancel", batch)
    question = post(client, path, {"note": '金额"核对"不上 & 重做'})
    assert carried(question)["note"] == '金额"核对"不上 & 重做'
    done = post(client, path, carried(question) | {"proof_code": fresh_code(desk.maker)})
    assert done.status_code == 302
    batch.refresh_from_db()
    assert (batch.status, batch.note) == ("cancelled", '金额"核对"不上 & 重做')
    assert AuditRow.objects.get(action="staff.prove").data == {"by": "second_factor"}


def test_the_password_will_do_where_the_phone_is_not_at_hand(desk: Desk) -> None:
    batch = desk.built(1)
    client, path = at_work(desk.maker), deed("freeze", batch)
    assert post(client, path, {"proof_password": make.PASSWORD}).status_code == 302
    batch.refresh_from_db()
    assert batch.status == "frozen"


def test_a_wrong_answer_asks_again_with_everything_kept(desk: Desk) -> None:
    batch = desk.built(1)
    client, path = at_work(desk.maker), deed("cancel", batch)
    for answer, words in (
        ({"proof_code": wrong(fresh_code(desk.maker))}, "口令不正确"),
        ({"proof_password": "no such word"}, "密码不正确"),
    ):
        again = post(client, path, {"note": "重做"} | answer)
        assert (again.status_code, words in text(again)) == (403, True)
        assert carried(again)["note"] == "重做"
        assert not {"proof_code", "proof_password"} & set(carried(again))


def test_wrong_answers_are_limited_and_say_so(desk: Desk) -> None:
    batch = desk.built(1)
    client, path = at_work(desk.maker), deed("freeze", batch)
    for _ in range(5):
        post(client, path, {"proof_password": "no such word"})
    assert "暂停登录" in text(post(client, path, {"proof_password": make.PASSWORD}))
    batch.refresh_from_db()
    assert batch.status == "open"
    assert client.get("/admin/").status_code == 200


def test_the_answer_is_no_right_of_its_own(desk: Desk) -> None:
    batch = desk.built(1)
    auditor = make.staff(Role.AUDITOR)
    assert post(at_work(auditor), deed("freeze", batch), {"proof_password": make.PASSWORD}).status_code == 403
    stranger = post(Client(), deed("freeze", batch), {"proof_password": make.PASSWORD})
    assert stranger.status_code == 302
    batch.refresh_from_db()
    assert batch.status == "open"


def test_the_question_needs_the_token_of_its_page(desk: Desk) -> None:
    batch = desk.built(1)
    client = at_work(desk.maker)
    client.handler.enforce_csrf_checks = True
    response = post(client, deed("freeze", batch), {"proof_password": make.PASSWORD})
    assert response.status_code == 403
    assert not AuditRow.objects.filter(action="staff.prove").exists()


def test_a_page_that_asks_leads_back_where_one_was(desk: Desk) -> None:
    client = at_work(desk.maker)
    asked = client.get("/staff/2fa/totp/activate/")
    assert asked["Location"] == "/staff/2fa/reauthenticate/?next=/staff/2fa/totp/activate/"
    page = client.get(asked["Location"])
    assert "改用密码" in text(page)
    answer = {"code": fresh_code(desk.maker), "next": "/staff/2fa/totp/activate/"}
    done = client.post(asked["Location"], answer)
    assert done["Location"] == "/staff/2fa/totp/activate/"
    assert client.get(done["Location"]).status_code == 200


def test_the_time_of_signing_in_counts_as_a_proof(desk: Desk) -> None:
    client = sign_in(desk.maker.username, make.PASSWORD)
    age = clock.real_now().timestamp() - client.session[PROVED_AT]
    assert 0 <= age < RECENT.total_seconds()
