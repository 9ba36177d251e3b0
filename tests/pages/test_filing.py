"""A skill certificate filed through the pages, step by step (F1, F5)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application
from subsidy import clock
from subsidy.accounts.services import load_districts
from tests import make
from tests.pages.browser import (
    begun,
    certificate,
    error_at,
    last_code,
    photo,
    ready,
    signed_in,
    step,
    summary,
    text_of,
    title,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
CLOSES = datetime(2024, 11, 1, tzinfo=clock.SHANGHAI)


@pytest.mark.req("F1")
def test_a_newcomer_files_from_the_start_page_to_the_status_page() -> None:
    load_districts()
    client = Client()
    assert "开始申报" in text_of(client.get("/"))
    assert client.get("/apply/")["Location"] == "/sign-in/?next=%2Fapply%2F"
    client.post("/sign-in/", {"mobile": make.mobile(5), "next": "/apply/"})
    assert client.post("/sign-in/code/", {"code": last_code(), "next": "/apply/"})["Location"] == "/apply/"
    assert client.post("/apply/", {"ground": "skill"})["Location"] == "/apply/applicant/"
    who = {"name": "王建国", "resident_id": make.resident_id(5), "district": "110102", "then": "next"}
    begun_at = client.post("/apply/applicant/", who)
    case = Application.objects.get()
    assert begun_at["Location"] == f"/applications/{case.public_id}/certificate/"
    done = step(client, case, "certificate", **certificate(5, training_hours="120"))
    assert done["Location"] == f"/applications/{case.public_id}/card/"
    done = step(client, case, "card", card_number=make.card_number(5), picture=photo(), then="next")
    assert done["Location"] == f"/applications/{case.public_id}/check/"
    page = text_of(client.get(done["Location"]))
    assert all(words in page for words in ("二级（技师）", "2023 年 9 月 12 日", "120", "王建国", "西城区"))
    done = step(client, case, "check", consent="2024-01")
    assert done["Location"] == f"/applications/{case.public_id}/"
    case.refresh_from_db()
    assert (case.status, case.award, case.channel) == ("submitted", 1000, "member")
    assert case.attachments.count() == 1
    assert case.number in text_of(client.get(done["Location"]))


def test_what_was_asked_before_is_filled_in_at_the_certificate() -> None:
    client = signed_in(make.member())
    asked = {"of": "skill-3", "dated_on_year": "2023", "dated_on_month": "5", "dated_on_day": "6"}
    assert 'name="of" value="skill-3"' in text_of(client.get("/apply/", asked))
    client.post("/apply/", {"ground": "skill", **asked})
    client.post("/apply/applicant/", {"then": "next"})
    case = Application.objects.get()
    page = text_of(client.get(f"/applications/{case.public_id}/certificate/"))
    assert 'value="3" id="id_level_3" checked' in page
    assert 'name="issued_on_year" inputmode="numeric" maxlength="4" size="4" value="2023"' in page


@pytest.mark.parametrize("ground", ["social_work", "competition"])
def test_the_other_grounds_are_led_to_their_own_door(ground: str) -> None:
    response = signed_in(make.member()).post("/apply/", {"ground": ground})
    assert response["Location"] == f"/apply/{ground}/"
    assert not Application.objects.exists()


def test_choosing_nothing_is_explained() -> None:
    response = signed_in(make.member()).post("/apply/", {"ground": ""})
    assert error_at(response, "ground") == "请选择您凭什么申报。"


def test_every_wrong_field_of_the_applicant_is_named_at_once() -> None:
    client = Client()
    client.post("/sign-in/", {"mobile": make.mobile(6)})
    client.post("/sign-in/code/", {"code": last_code()})
    response = client.post("/apply/applicant/", {"name": "王", "resident_id": "11010219", "then": "next"})
    assert "2 至 50 个字" in error_at(response, "name")
    assert "应为 18 位，您填了 8 位" in error_at(response, "resident_id")
    assert len(summary(response)) == 2
    assert 'value="11010219"' in text_of(response)
    empty = client.post("/apply/applicant/", {"then": "next"})
    assert (error_at(empty, "name"), error_at(empty, "resident_id")) == ("请填写姓名。", "请填写身份证号。")
    assert not Application.objects.exists()


def test_a_number_that_belongs_to_another_is_refused_without_saying_whose() -> None:
    make.member(8, name="李明")
    client = Client()
    client.post("/sign-in/", {"mobile": make.mobile(9)})
    client.post("/sign-in/code/", {"code": last_code()})
    who = {"name": "李明", "resident_id": make.resident_id(8), "then": "next"}
    response = client.post("/apply/applicant/", who)
    assert "12351" in error_at(response, "resident_id")
    assert not Application.objects.exists()


def test_a_known_member_is_not_asked_for_name_and_number_again() -> None:
    person = make.member()
    page = text_of(signed_in(person).get("/apply/applicant/"))
    assert 'name="resident_id"' not in page
    assert person.masked_resident_id in page


def cardless() -> tuple[Client, Application]:
    """Return a browser and the draft of somebody who has no card on record yet."""
    client = Client()
    client.post("/sign-in/", {"mobile": make.mobile(17)})
    client.post("/sign-in/code/", {"code": last_code()})
    who = {"name": "赵敏", "resident_id": make.resident_id(17), "then": "next"}
    client.post("/apply/applicant/", who)
    return client, Application.objects.get()


@pytest.mark.parametrize(
    ("number", "sentence"), [("", "请填写互助服务卡卡号。"), ("123", "应为 16 至 19 位数字")]
)
def test_a_wrong_card_is_explained_beside_the_field(number: str, sentence: str) -> None:
    client, case = cardless()
    response = step(client, case, "card", card_number=number, then="next")
    assert sentence in error_at(response, "card_number")


def test_the_card_typed_once_is_the_members_own_from_then_on() -> None:
    client, case = cardless()
    step(client, case, "card", card_number="6214 0000 0000 0173", then="later")
    case.refresh_from_db()
    assert case.card_tail == "0173"
    assert case.member.card_tail == "0173"


def test_a_file_that_is_no_picture_is_explained_and_nothing_is_kept() -> None:
    client, case = begun()
    text = SimpleUploadedFile("证书.jpg", b"plainly no picture", content_type="image/jpeg")
    response = step(client, case, "card", card_number=make.card_number(77), picture=text, then="next")
    assert "只接受 JPEG、PNG 图片或 PDF" in error_at(response, "picture")
    before = case.card_index
    case.refresh_from_db()
    assert case.card_index == before
    assert not case.attachments.exists()


def test_a_second_picture_replaces_the_first_on_the_page_and_loses_nothing() -> None:
    client, case = begun()
    step(client, case, "certificate", **certificate(4))
    step(client, case, "card", picture=photo("white"), then="next")
    step(client, case, "card", picture=photo("black"), then="next")
    assert case.attachments.count() == 2
    current = case.attachments.get(superseded_at=None)
    assert str(current.public_id) in text_of(client.get(f"/applications/{case.public_id}/check/"))


def test_submitting_without_the_tick_asks_for_it() -> None:
    client, case = ready()
    response = step(client, case, "check")
    assert "打勾" in error_at(response, "consent")
    case.refresh_from_db()
    assert case.status == "draft"


@pytest.mark.req("A2")
def test_submitting_records_the_consent_with_its_version() -> None:
    client, case = ready()
    step(client, case, "check", consent="2024-01")
    case.refresh_from_db()
    assert case.consent is not None
    assert (case.consent.version, case.consent.channel) == ("2024-01", "member")


def test_a_second_click_on_submit_leads_to_the_one_application() -> None:
    client, case = ready()
    version = case.version
    for _ in range(2):
        response = client.post(
            f"/applications/{case.public_id}/check/", {"version": version, "consent": "2024-01"}
        )
        assert response["Location"] == f"/applications/{case.public_id}/"
    case.refresh_from_db()
    assert case.events.filter(action="submit").count() == 1


def test_beginning_twice_keeps_one_draft() -> None:
    client, case = begun()
    assert client.post("/apply/applicant/", {"then": "next"})["Location"].startswith(
        f"/applications/{case.public_id}/"
    )
    assert Application.objects.count() == 1
    assert "接着填这份草稿" in text_of(client.get("/apply/"))


@pytest.mark.req("E7")
def test_who_has_a_live_application_cannot_begin_another() -> None:
    case = make.submitted()
    client = signed_in(case.member)
    assert title(client.get("/apply/")) == "您已经有一份申报"
    assert client.post("/apply/applicant/", {"then": "next"})["Location"] == "/apply/"
    assert Application.objects.count() == 1


@pytest.mark.req("E7")
def test_a_draft_beside_a_live_application_is_refused_at_submit_with_its_clause() -> None:
    client, case = ready()
    make.submitted(case.member)
    response = step(client, case, "check", consent="2024-01")
    assert "您本年度已有一件申报" in summary(response)[0]
    case.refresh_from_db()
    assert case.status == "draft"


@pytest.mark.req("E8")
def test_after_closing_nothing_can_be_begun_or_submitted() -> None:
    client, case = ready()
    with clock.at(CLOSES):
        assert title(signed_in(make.member()).get("/apply/")) == "本年度申报已经截止"
        response = step(client, case, "check", consent="2024-01")
        assert "截止" in summary(response)[0]
        assert title(client.get(f"/applications/{case.public_id}/")) == "草稿没有提交"
    case.refresh_from_db()
    assert case.status == "draft"


@pytest.mark.parametrize(
    ("name", "leads_to"), [("check", "certificate"), ("card", "card"), ("certificate", "certificate")]
)
def test_a_step_that_is_not_ready_leads_back_to_the_first_unfinished_one(name: str, leads_to: str) -> None:
    client, case = begun()
    response = client.get(f"/applications/{case.public_id}/{name}/", follow=True)
    assert response.request["PATH_INFO"] == f"/applications/{case.public_id}/{leads_to}/"


@pytest.mark.parametrize("name", ["applicant", "certificate", "card", "check"])
def test_a_submitted_application_has_no_steps_any_more(name: str) -> None:
    case = make.submitted()
    client = signed_in(case.member)
    address = f"/applications/{case.public_id}/{name}/"
    assert client.get(address)["Location"] == f"/applications/{case.public_id}/"
    assert client.post(address, {"version": case.version})["Location"] == f"/applications/{case.public_id}/"
