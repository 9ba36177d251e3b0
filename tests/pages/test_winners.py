"""A winner's answer, a member's objection and annex 1 in the browser (F2, F3, F4)."""

from __future__ import annotations

import pytest
from django.test import Client

from applications.models import Application, Objection
from subsidy.accounts.roles import Role
from tests import make
from tests.pages.browser import error_at, signed_in, summary, text_of, title
from tests.pages.desk import at_desk, typed_annex, typed_dossier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]


def agreed(place: Application, **changes: str) -> dict[str, str]:
    given = {"version": str(place.version), "card_number": make.card_number(981), "consent": "2024-01"}
    return given | changes


@pytest.mark.req("F4")
def test_a_winner_confirms_with_card_and_consent() -> None:
    place = make.roster_place(981)
    client = signed_in(place.member)
    assert "去确认" in text_of(client.get(f"/applications/{place.public_id}/"))
    assert "确认后才算申报" in title(client.get(f"/applications/{place.public_id}/confirm/"))
    client.post(f"/applications/{place.public_id}/confirm/", agreed(place))
    place.refresh_from_db()
    assert (place.status, place.award) == ("submitted", 1000)


@pytest.mark.req("F4")
@pytest.mark.parametrize(("field", "value"), [("card_number", ""), ("card_number", "12"), ("consent", "")])
def test_a_confirmation_that_lacks_something_names_it(field: str, value: str) -> None:
    place = make.roster_place(981)
    answer = signed_in(place.member).post(
        f"/applications/{place.public_id}/confirm/", agreed(place, **{field: value})
    )
    assert error_at(answer, field)
    place.refresh_from_db()
    assert place.status == "awaiting_confirmation"


@pytest.mark.req("F4")
def test_a_winner_with_another_application_has_to_choose() -> None:
    place = make.roster_place(981)
    other = make.submitted(place.member, card_number=make.card_number(981))
    client, path = signed_in(place.member), f"/applications/{place.public_id}/confirm/"
    assert other.number in text_of(client.get(path))
    assert error_at(client.post(path, agreed(place)), "switch")
    client.post(path, agreed(place, switch="1"))
    other.refresh_from_db()
    place.refresh_from_db()
    assert (other.status, place.status) == ("withdrawn", "submitted")


@pytest.mark.req("F4")
def test_a_winner_declines_after_reading_what_it_means() -> None:
    place = make.roster_place(981)
    client, path = signed_in(place.member), f"/applications/{place.public_id}/decline/"
    assert "不领取" in title(client.get(path))
    client.post(path, {"version": str(place.version)})
    place.refresh_from_db()
    assert place.status == "withdrawn"


@pytest.mark.req("F4")
def test_a_desk_confirms_for_a_winner_with_evidence() -> None:
    place = make.roster_place(982)
    client = at_desk(make.operator(Role.HOTLINE))
    given = {
        "number": place.number,
        "resident_id": make.resident_id(982),
        "mobile": make.mobile(982),
        "card_number": make.card_number(982),
    }
    unread = client.post("/desk/confirm/", given)
    assert error_at(unread, "read")
    assert error_at(unread, "evidence")
    done = client.post("/desk/confirm/", given | {"read": "1", "way": "电话录音", "evidence": "7"})
    assert done["Location"] == f"/desk/cases/{place.public_id}/"
    place.refresh_from_db()
    assert (place.status, place.consent_evidence) == ("submitted", "电话录音：7")


@pytest.mark.req("F2")
def test_a_member_objects_to_what_was_filed_in_their_name() -> None:
    case = make.assisted()
    client, path = signed_in(case.member), f"/applications/{case.public_id}/object/"
    assert path in text_of(client.get(f"/applications/{case.public_id}/"))
    assert error_at(client.post(path, {"text": " "}), "text")
    client.post(path, {"text": "我没有同意"})
    assert Objection.objects.get().application == case
    assert "正在处理" in text_of(client.get(path))


@pytest.mark.req("A1")
@pytest.mark.parametrize("step", ["confirm", "decline", "object"])
def test_a_stranger_finds_none_of_these_pages(step: str) -> None:
    place = make.roster_place(981)
    path = f"/applications/{place.public_id}/{step}/"
    assert signed_in(make.member()).get(path).status_code == 404
    assert Client().get(path)["Location"].startswith("/sign-in/")


FIELDS = [
    "姓　名",
    "手机号",
    "身份证号",
    "工作单位",
    "互助服务卡",
    "职　务",
    "级　别",
    "管理号",
    "批准日期",
    "签发单位",
    "申请人签字",
    "收件日期",
]


@pytest.mark.req("F3")
@pytest.mark.parametrize("field", FIELDS)
def test_the_blank_form_has_every_field_of_annex_1(field: str) -> None:
    assert field in text_of(Client().get("/forms/social-worker/"))


@pytest.mark.req("F3")
def test_annex_1_typed_online_is_printed_and_registered_by_its_number() -> None:
    member = make.member(983)
    client = signed_in(member)
    typed = typed_annex(983) | {"card_number": make.card_number(983), "position": "项目主管"}
    answer = client.post("/forms/social-worker/fill/", typed)
    draft = Application.objects.get()
    assert answer["Location"] == f"/forms/social-worker/{draft.public_id}/", summary(answer)
    sheet = text_of(client.get(answer["Location"]))
    for shown in (
        draft.number,
        make.resident_id(983),
        make.card_number(983),
        "项目主管",
        "2023 年 10 月 20 日",
    ):
        assert shown in sheet
    clerk = at_desk(make.operator(Role.INTAKE))
    found = {"number": draft.number, "resident_id": make.resident_id(983)}
    received = clerk.post("/desk/intake/online/", typed_dossier() | found)
    assert received["Location"] == f"/desk/cases/{draft.public_id}/check/", summary(received)
    draft.refresh_from_db()
    clerk.post(received["Location"], {"version": str(draft.version)})
    draft.refresh_from_db()
    assert (draft.status, draft.channel, draft.award) == ("submitted", "paper", 1000)


@pytest.mark.req("F3")
def test_annex_1_typed_twice_is_one_draft_with_the_later_words() -> None:
    member = make.member(984)
    client = signed_in(member)
    typed = typed_annex(984) | {"card_number": make.card_number(984)}
    client.post("/forms/social-worker/fill/", typed)
    draft = Application.objects.get()
    page = client.get("/forms/social-worker/fill/")
    assert f'value="{draft.certificate.registration_number}"' in text_of(page)  # type: ignore[union-attr]
    client.post("/forms/social-worker/fill/", typed | {"grade": "senior", "version": str(draft.version)})
    again = Application.objects.get()
    assert again.certificate is not None
    assert again.certificate.grade == "senior"


@pytest.mark.parametrize("name", ["grade", "registration_number", "issuing_authority", "card_number"])
def test_annex_1_names_what_is_missing_and_keeps_nothing(name: str) -> None:
    client = signed_in(make.member(985))
    typed = typed_annex(985) | {"card_number": make.card_number(985)} | {name: ""}
    assert error_at(client.post("/forms/social-worker/fill/", typed), name)
    assert Application.objects.count() == 0


@pytest.mark.req("A2")
def test_a_filled_form_is_its_owners_alone() -> None:
    client = signed_in(make.member(986))
    client.post("/forms/social-worker/fill/", typed_annex(986) | {"card_number": make.card_number(986)})
    path = f"/forms/social-worker/{Application.objects.get().public_id}/"
    assert signed_in(make.member()).get(path).status_code == 404
    assert Client().get(path)["Location"].startswith("/sign-in/")


def test_a_draft_of_annex_1_is_not_edited_as_a_skill_certificate() -> None:
    client = signed_in(make.member(987))
    client.post("/forms/social-worker/fill/", typed_annex(987) | {"card_number": make.card_number(987)})
    draft = Application.objects.get()
    for step in ("applicant", "certificate", "card", "check"):
        answer = client.post(f"/applications/{draft.public_id}/{step}/", {"version": "1"})
        assert answer["Location"] == f"/applications/{draft.public_id}/"
