"""Finance sees who is on hold and why: on the dashboard, in the list, on the batch and the result file."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from subsidy import clock
from subsidy.accounts.models import StaffUser
from tests import make
from tests.payouts.money import Desk, answer

HELD = "admin:payouts_payoutbatch_held"


def page(user: StaffUser, name: str, *args: int, status: int = 200) -> str:
    client = Client()
    client.force_login(user)
    with clock.at(make.DAY):
        response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.req("D4")
def test_a_contradiction_is_shown_wherever_finance_looks(desk: Desk) -> None:
    batch = desk.sent(1)
    desk.apply(answer(batch, "LIMIT").bytes())
    later = desk.stage(answer(batch, serial="2").bytes())
    assert "被说成已到账" in page(desk.checker, "admin:payouts_resultfile_change", later.pk)
    assert "暂停发放的申报" not in page(desk.checker, "admin:index")
    desk.apply(answer(batch, serial="3").bytes())
    assert "暂停发放的申报" in page(desk.checker, "admin:index")
    assert "卡系统后来说已到账" in page(desk.maker, "admin:payouts_payoutbatch_change", batch.pk)
    applied = batch.results.latest("id")
    assert "被说成已到账" in page(desk.maker, "admin:payouts_resultfile_change", applied.pk)
    listed = page(desk.maker, HELD)
    assert batch.lines.get().application.number in listed
    assert "系统内的处理以后提供" in listed


def test_a_name_that_no_file_carries_is_listed_with_what_to_do(desk: Desk) -> None:
    (held,) = desk.approved(1)
    Application.objects.filter(pk=held.pk).update(name="王|五")
    text = page(desk.checker, HELD)
    assert held.number in text
    assert "姓名更正前不会列入批次" in text


def test_an_ordinary_batch_speaks_of_no_hold(desk: Desk) -> None:
    batch = desk.sent(1)
    applied = desk.apply(answer(batch, "CLOSED").bytes())
    assert "暂停发放" not in page(desk.maker, "admin:payouts_payoutbatch_change", batch.pk)
    assert "被说成" not in page(desk.maker, "admin:payouts_resultfile_change", applied.pk)
    assert "没有暂停发放的申报" in page(desk.maker, HELD)


def test_nobody_but_finance_sees_the_list(desk: Desk) -> None:
    assert "暂停发放" not in page(desk.reviewer, HELD, status=403)
