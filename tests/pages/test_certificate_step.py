"""The second step: the certificate word for word, every refusal beside its field (F1, E9, E10)."""

from __future__ import annotations

import pytest

from tests import make
from tests.pages.browser import begun, certificate, error_at, step, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]


@pytest.mark.req("E9", "E10")
def test_a_number_of_another_level_is_explained_as_in_the_ruler() -> None:
    client, case = begun()
    number = make.certificate_number(3, "3")
    response = step(client, case, "certificate", **certificate(3, certificate_number=number))
    assert error_at(response, "certificate_number") == (
        "编号第 16 位是 3，表示三级（高级工）；您选的是二级（技师）。请对照证书改编号或等级。"
    )
    assert '<li class="bad"><b>3</b>等级' in text_of(response)
    assert "证书上确实是这样？" in text_of(response)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"level": ""}, "level", "请选择技能等级。"),
        ({"level": "9"}, "level", "请选择技能等级。"),
        ({"certificate_number": ""}, "certificate_number", "请填写证书编号。"),
        ({"trade": ""}, "trade", "请填写工种名称。"),
        ({"awarding_body": ""}, "awarding_body", "请填写鉴定（认定）机构名称。"),
        ({"issued_on_year": ""}, "issued_on", "这一天不存在，或年、月、日没有填全，请对照证书核对。"),
        ({"issued_on_month": "13"}, "issued_on", "这一天不存在，或年、月、日没有填全，请对照证书核对。"),
        ({"issued_on_day": "十"}, "issued_on", "请填写完整的年、月、日，例如 2023 年 9 月 12 日。"),
        ({"training_hours": "1" * 65}, "training_hours", "培训学时不能超过 64 个字。"),
        ({"trade": "汽车\x00"}, "trade", "工种名称含有换行等无法显示的字符，请删除后重填。"),
    ],
)
def test_a_wrong_field_of_the_certificate_is_explained_beside_it(
    changes: dict[str, str], field: str, sentence: str
) -> None:
    client, case = begun()
    response = step(client, case, "certificate", **certificate(4, **changes))
    assert response.status_code == 200
    assert error_at(response, field) == sentence
    assert f'href="#id_{field}"' in text_of(response)
    case.refresh_from_db()
    assert case.certificate is None


@pytest.mark.req("E9")
def test_a_date_outside_the_window_stops_but_is_kept_as_a_draft() -> None:
    client, case = begun()
    response = step(client, case, "certificate", **certificate(4, issued_on_year="2022"))
    assert "早于 2023 年 1 月 1 日" in error_at(response, "issued_on")
    case.refresh_from_db()
    assert case.certificate is not None
    assert case.status == "draft"


def test_an_unfinished_page_is_kept_for_this_browser() -> None:
    client, case = begun()
    response = step(client, case, "certificate", level="1", trade="汽车", then="later")
    assert response["Location"] == "/me/"
    page = text_of(client.get(f"/applications/{case.public_id}/certificate/"))
    assert 'value="汽车"' in page
    assert "汽车" not in str(dict(client.session.items()))


def test_a_finished_page_can_be_saved_for_later() -> None:
    client, case = begun()
    assert step(client, case, "certificate", **certificate(4, then="later"))["Location"] == "/me/"
    case.refresh_from_db()
    assert case.certificate is not None
    assert "草稿已保存" in text_of(client.get("/me/"))


def test_an_optional_answer_can_be_emptied_again() -> None:
    client, case = begun()
    step(client, case, "certificate", **certificate(4, training_body="样例培训学校"))
    step(client, case, "certificate", **certificate(4))
    case.refresh_from_db()
    assert case.certificate is not None
    assert case.certificate.training_body == ""


def test_a_stale_page_is_told_so_and_keeps_what_was_typed() -> None:
    client, case = begun()
    fields = certificate(4, trade="电工") | {"version": "99"}
    response = client.post(f"/applications/{case.public_id}/certificate/", fields)
    assert "刚刚有了变化" in summary(response)[0]
    assert 'value="电工"' in text_of(response)
