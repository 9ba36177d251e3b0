"""Filing for members at the desk: two pages at the counter, the dossier at the intake, a draft taken over."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.models import Application, Attachment
from applications.pages.forms import shown
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.notices.models import Notice
from tests import make
from tests.pages.browser import decide, error_at, photo, summary, text_of, title
from tests.pages.desk import at_desk, typed_consent, typed_dossier, typed_filing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]


def begun(role: Role, n: int = 901, **changes: Any) -> tuple[Any, Application]:
    client = at_desk(make.operator(role))
    answer = client.post("/desk/file/", typed_filing(n) | changes)
    assert answer.status_code == 302, summary(answer)
    return client, Application.objects.latest("id")


@pytest.mark.req("F2")
@pytest.mark.parametrize("role", [Role.STATION, Role.HOTLINE])
def test_a_counter_files_for_a_member_in_two_pages(role: Role) -> None:
    client, draft = begun(role, picture=photo())
    page = client.get(f"/desk/cases/{draft.public_id}/check/")
    assert "念给会员核对" in title(page)
    assert "1000" in text_of(page)
    answer = client.post(f"/desk/cases/{draft.public_id}/check/", typed_consent(draft.version))
    filed = Application.objects.get()
    assert answer["Location"] == f"/desk/cases/{draft.public_id}/"
    assert (filed.status, filed.channel, filed.award) == ("submitted", role.value, 1000)
    assert filed.consent_evidence == "电话录音：20240618-0013"
    assert filed.filed_by is not None
    assert filed.office == filed.filed_by.office
    assert Notice.objects.filter(template="filed_for_you").count() == 1
    assert Attachment.objects.get().application == filed


@pytest.mark.req("F2")
def test_nothing_is_submitted_before_the_member_heard_it_and_agreed() -> None:
    client, draft = begun(Role.STATION)
    blank = {"version": str(draft.version)}
    answer = client.post(f"/desk/cases/{draft.public_id}/check/", blank)
    assert "念给会员" in error_at(answer, "read")
    assert "录音编号" in error_at(answer, "evidence")
    assert Application.objects.get().status == "draft"
    assert Application.objects.get().version == draft.version


@pytest.mark.req("E9")
def test_a_blocking_reason_asks_for_a_written_reason_and_goes_to_the_reviewer() -> None:
    client, draft = begun(Role.STATION, issued_on_year="2022")
    path = f"/desk/cases/{draft.public_id}/check/"
    refused = client.post(path, typed_consent(draft.version))
    assert error_at(refused, "staff_reason")
    client.post(path, typed_consent(draft.version, staff_reason="证书首次颁发日期有误，原件已核"))
    filed = Application.objects.get()
    assert (filed.status, filed.staff_reason) == ("submitted", "证书首次颁发日期有误，原件已核")


@pytest.mark.req("E7")
def test_a_second_application_of_a_person_is_not_filed_whatever_the_reason() -> None:
    make.assisted(make.person(901))
    client, draft = begun(Role.STATION, certificate_number=make.certificate_number(7777))
    path = f"/desk/cases/{draft.public_id}/check/"
    assert "现在不能提交" in text_of(client.get(path))
    answer = client.post(path, typed_consent(draft.version, staff_reason="会员要求"))
    assert summary(answer)
    draft.refresh_from_db()
    assert draft.status == "draft"


WRONG = [
    ("name", "", "姓名"),
    ("name", "王=1", ""),
    ("resident_id", "110102196001010001", ""),
    ("resident_id", "12", ""),
    ("mobile", "12345678901", "手机"),
    ("mobile", "", "手机"),
    ("card_number", "62", "卡"),
    ("card_number", "abc", "卡"),
    ("level", "", "等级"),
    ("level", "9", "等级"),
    ("certificate_number", "", "证书编号"),
    ("certificate_number", "S" * 65, "证书编号"),
    ("trade", "", "工种"),
    ("trade", "车\n工", "工种"),
    ("awarding_body", "", "机构"),
    ("issued_on", "", "颁证日期"),
    ("district", "火星", "区"),
]


@pytest.mark.req("F2")
@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_every_wrong_value_is_named_beside_its_field_and_nothing_is_kept(
    name: str, value: str, words: str
) -> None:
    client = at_desk(make.operator(Role.STATION))
    changes = (
        dict.fromkeys(("issued_on_year", "issued_on_month", "issued_on_day"), "")
        if name == "issued_on"
        else {}
    )
    answer = client.post("/desk/file/", typed_filing(902) | {name: value} | changes)
    assert answer.status_code == 200
    assert words in error_at(answer, name)
    assert error_at(answer, name)
    assert Application.objects.count() == 0


@pytest.mark.parametrize(
    ("year", "month", "day"), [("2023", "2", "30"), ("2023", "13", "1"), ("x", "1", "1")]
)
def test_a_day_that_is_none_is_named(year: str, month: str, day: str) -> None:
    client = at_desk(make.operator(Role.STATION))
    parts = {"issued_on_year": year, "issued_on_month": month, "issued_on_day": day}
    answer = client.post("/desk/file/", typed_filing(902) | parts)
    assert "颁证日期" in error_at(answer, "issued_on") or "年、月、日" in error_at(answer, "issued_on")
    assert Application.objects.count() == 0


def test_several_wrong_values_of_person_and_certificate_are_named_at_once() -> None:
    client = at_desk(make.operator(Role.STATION))
    answer = client.post("/desk/file/", typed_filing(902, mobile="1", card_number="2", trade=""))
    assert len(summary(answer)) == 3


@pytest.mark.req("A2")
def test_a_file_that_is_no_picture_is_refused_and_nothing_is_kept() -> None:
    client = at_desk(make.operator(Role.STATION))
    broken = SimpleUploadedFile("证书.jpg", b"no picture", content_type="image/jpeg")
    answer = client.post("/desk/file/", typed_filing(903) | {"picture": broken})
    assert error_at(answer, "picture")
    assert Application.objects.count() == 0


def test_a_name_that_differs_from_the_one_on_record_is_refused_by_name() -> None:
    make.assisted(make.person(904))
    client = at_desk(make.operator(Role.STATION))
    answer = client.post("/desk/file/", typed_filing(904, name="张三"))
    assert "姓名" in error_at(answer, "name")
    assert Application.objects.count() == 1


@pytest.mark.req("F2")
def test_a_station_takes_over_a_draft_by_number_and_identity_number() -> None:
    draft = make.draft()
    client = at_desk(make.operator(Role.STATION))
    given = {"number": draft.number, "resident_id": draft.member.resident_id}
    answer = client.post("/desk/take-over/", given)
    draft.refresh_from_db()
    assert answer["Location"] == f"/desk/cases/{draft.public_id}/edit/"
    assert (draft.channel, draft.consent) == ("station", None)


@pytest.mark.req("F2")
@pytest.mark.parametrize("what", ["number", "resident_id", "both"])
def test_a_wrong_number_and_a_wrong_person_get_the_same_answer(what: str) -> None:
    draft = make.draft()
    given = {"number": draft.number, "resident_id": str(draft.member.resident_id)}
    wrong = {"number": "ZT2024-0000009-X", "resident_id": make.resident_id(777)}
    given |= wrong if what == "both" else {what: wrong[what]}
    answer = at_desk(make.operator(Role.STATION)).post("/desk/take-over/", given)
    assert summary(answer) == ["没有找到这份申报。请核对申报编号和证件号码。"]


@pytest.mark.req("F3")
def test_the_intake_registers_a_whole_dossier_and_files_it_as_of_the_day_it_came() -> None:
    client = at_desk(make.operator(Role.INTAKE))
    scans = {"scan_id_front": photo(), "scan_certificate": photo("red")}
    answer = client.post("/desk/intake/", typed_dossier(905, received_on_day="3") | scans)
    draft = Application.objects.get()
    assert answer["Location"] == f"/desk/cases/{draft.public_id}/check/", summary(answer)
    assert Attachment.objects.count() == 2
    client.post(answer["Location"], {"version": str(draft.version)})
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert draft.first_filed_at is not None
    assert draft.first_filed_at.isoformat().startswith("2024-06-02T16:00")


@pytest.mark.req("F3")
def test_a_dossier_with_a_missing_copy_stays_a_draft_that_says_which() -> None:
    client = at_desk(make.operator(Role.INTAKE))
    client.post("/desk/intake/", typed_dossier(905, has_card=""))
    draft = Application.objects.get()
    page = client.get(f"/desk/cases/{draft.public_id}/")
    assert "互助服务卡复印件：还没有收到" in text_of(page)
    answer = client.post(f"/desk/cases/{draft.public_id}/check/", {"version": str(draft.version)})
    assert draft.status == "draft"
    assert summary(answer)
    given = typed_dossier(version=str(draft.version))
    client.post(f"/desk/cases/{draft.public_id}/dossier/", given)
    draft.refresh_from_db()
    client.post(f"/desk/cases/{draft.public_id}/check/", {"version": str(draft.version)})
    draft.refresh_from_db()
    assert draft.status == "submitted"


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("year", "month", "day"), [("2024", "6", "19"), ("2023", "12", "31"), ("2024", "2", "30"), ("", "", "")]
)
def test_a_day_of_receipt_that_cannot_be_is_named_and_nothing_is_kept(
    year: str, month: str, day: str
) -> None:
    client = at_desk(make.operator(Role.INTAKE))
    parts = {"received_on_year": year, "received_on_month": month, "received_on_day": day}
    answer = client.post("/desk/intake/", typed_dossier(906) | parts)
    assert "接收日期" in error_at(answer, "received_on")
    assert Application.objects.count() == 0


@pytest.mark.req("F3")
@pytest.mark.parametrize("name", ["grade", "registration_number", "issuing_authority"])
def test_every_field_of_annex_1_is_wanted(name: str) -> None:
    client = at_desk(make.operator(Role.INTAKE))
    answer = client.post("/desk/intake/", typed_dossier(906) | {name: ""})
    assert error_at(answer, name)
    assert Application.objects.count() == 0


@pytest.mark.req("F3")
def test_a_broken_scan_is_named_by_its_copy_and_nothing_is_kept() -> None:
    client = at_desk(make.operator(Role.INTAKE))
    broken = SimpleUploadedFile("a.pdf", b"no pdf", content_type="application/pdf")
    answer = client.post("/desk/intake/", typed_dossier(907) | {"scan_id_back": broken})
    assert "身份证反面" in error_at(answer, "scan_id_back")
    assert Application.objects.count() == 0


@pytest.mark.req("F2")
def test_looking_up_a_case_tells_the_state_hides_the_numbers_and_is_recorded() -> None:
    case = make.submitted()
    client = at_desk(make.operator(Role.HOTLINE))
    before = AuditRow.objects.filter(action="application.find").count()
    given = {"number": case.number, "resident_id": str(case.member.resident_id)}
    page = text_of(client.post("/desk/look-up/", given))
    assert "正在审核" in page
    for secret in (case.member.resident_id, case.member.card_number, case.member.mobile):
        assert str(secret) not in page
    assert AuditRow.objects.filter(action="application.find").count() == before + 1


@pytest.mark.parametrize(("number", "resident_id"), [("", ""), ("x", "y"), ("x" * 65, "1" * 65)])
def test_a_look_up_with_nonsense_is_refused_with_a_sentence(number: str, resident_id: str) -> None:
    client = at_desk(make.operator(Role.HOTLINE))
    answer = client.post("/desk/look-up/", {"number": number, "resident_id": resident_id})
    assert answer.status_code == 200
    assert summary(answer)


@pytest.mark.req("F2")
def test_a_returned_case_is_sent_again_with_the_members_evidence() -> None:
    operator = make.operator("station")
    case = decide(make.assisted(operator_=operator), "return", remarks={"card_number": "请核对卡号。"})
    client, address = at_desk(operator), f"/desk/cases/{case.public_id}/edit/"
    typed = shown(case.certificate) | {"version": str(case.version), "card_number": make.card_number(4711)}
    refused = client.post(address, typed)
    assert "请填写本人同意的方式和凭据" in text_of(refused)
    client.post(address, typed | {"evidence": "通话录音 000777"})
    case.refresh_from_db()
    assert (case.status, case.consent_evidence) == ("submitted", "通话录音 000777")
