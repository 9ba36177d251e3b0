"""The queue page: order, saved views, search by shape, filters, bounds, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from review.services import return_for_correction, take, take_next
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.rules.workflow import ApplicationStatus
from tests import make
from tests.review.cases import assisted

pytestmark = [pytest.mark.django_db, pytest.mark.req("V1")]
QUEUE = "/admin/review/queueitem/"
NUMBER = re.compile(r'<small class="code nowrap">(ZT2024-\d{7}-[0-9X])')


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, query: str = "", at: Any = make.DAY) -> list[str]:
    with clock.at(at):
        response = client.get(f"{QUEUE}?{query}" if query else QUEUE)
    assert response.status_code == 200, response.headers.get("Location")
    table = response.content.decode().partition('id="result_list"')[2].partition("</table>")[0]
    return NUMBER.findall(table)


@pytest.fixture
def reviewer() -> StaffUser:
    return make.staff("reviewer")


def test_the_queue_shows_what_is_due_first_on_top(reviewer: StaffUser) -> None:
    ages = [3, 40, 0, 12]
    cases = {age: make.submitted(at=make.DAY - timedelta(days=age)).number for age in ages}
    assert listed(signed_in(reviewer)) == [cases[age] for age in (40, 12, 3, 0)]


def test_an_overdue_case_says_by_how_many_days(reviewer: StaffUser) -> None:
    make.submitted(at=make.DAY - timedelta(days=33))
    with clock.at(make.DAY):
        page = signed_in(reviewer).get(QUEUE).content.decode()
    assert "逾期 2 天" in page


def test_only_cases_in_review_stand_in_the_queue(reviewer: StaffUser) -> None:
    waiting, sent_back = make.submitted(), make.submitted()
    make.draft()
    return_for_correction(
        sent_back, reviewer=reviewer, version=sent_back.version, remarks={"trade": "请按证书填写"}
    )
    assert listed(signed_in(reviewer)) == [waiting.number]


def test_the_saved_views_narrow_the_queue(reviewer: StaffUser) -> None:
    other = make.staff("reviewer")
    late = make.submitted(at=make.DAY - timedelta(days=40))
    today = make.submitted(at=make.DAY.replace(month=5))
    fresh = assisted(make.staff("station"), 941)
    take(late, reviewer=reviewer)
    take(today, reviewer=other)
    client = signed_in(reviewer)
    found = {view: listed(client, f"view={view}") for view in ("mine", "free", "late", "today", "assisted")}
    assert found == {
        "mine": [late.number],
        "free": [fresh.number],
        "late": [late.number],
        "today": [today.number],
        "assisted": [fresh.number],
    }


def test_a_case_returned_and_not_answered_in_time_has_its_view(reviewer: StaffUser) -> None:
    case = make.submitted()
    with clock.at(make.DAY):
        return_for_correction(case, reviewer=reviewer, version=case.version, remarks={"trade": "请改"})
    client = signed_in(reviewer)
    assert listed(client, "view=unanswered") == []
    assert listed(client, "view=unanswered", make.DAY + timedelta(days=15)) == [case.number]


def test_the_views_carry_their_counts_and_the_empty_view_says_so(reviewer: StaffUser) -> None:
    make.submitted()
    with clock.at(make.DAY):
        page = signed_in(reviewer).get(f"{QUEUE}?view=paper").content.decode()
    assert re.search(r"全部在审 <b>1</b>", page)
    assert "没有纸质材料的申报" in page
    assert "回到全部在审" in page


SHAPES: dict[str, Callable[[Application], str]] = {
    "application number": lambda case: case.number,
    "application number in lower case": lambda case: case.number.lower(),
    "certificate number": lambda case: case.certificate.certificate_number,  # type: ignore[union-attr]
    "certificate number with spaces": lambda case: " ".join(
        case.certificate.certificate_number  # type: ignore[union-attr]
    ),
    "mobile": lambda case: case.member.mobile or "",
    "identity number": lambda case: case.member.resident_id or "",
    "identity number in lower case": lambda case: (case.member.resident_id or "").lower(),
    "card number": lambda case: case.card_number or "",
    "card number as on the card": lambda case: f"{case.card_number[:4]} {case.card_number[4:]}",  # type: ignore[index]
    "card tail": lambda case: case.card_tail,
    "name": lambda case: case.name,
    "surname": lambda case: case.name[:1],
}


def searched(client: Client, term: str) -> Any:
    """Type the term into the box above the queue."""
    with clock.at(make.DAY):
        return client.post(reverse("find"), {"term": term, "list": "review_queueitem"})


@pytest.mark.parametrize("shape", SHAPES)
def test_the_search_finds_a_case_by_the_shape_of_the_term(reviewer: StaffUser, shape: str) -> None:
    make.submitted(make.member(701, name="马玉兰"))
    wanted, client = make.submitted(make.member(702, name="欧阳志远")), signed_in(reviewer)
    way = searched(client, SHAPES[shape](wanted)).headers["Location"]
    case = reverse("admin:review_queueitem_change", args=[wanted.pk])
    assert way == case or listed(client, way.partition("?")[2]) == [wanted.number]


@pytest.mark.parametrize("term", ["ZT2024-0000001-0", "13900000000", "0000", "阳志", "S0000", "%", "_"])
def test_the_search_finds_nothing_by_a_part_or_a_wrong_number(reviewer: StaffUser, term: str) -> None:
    make.submitted(make.member(703, name="欧阳志远"))
    client = signed_in(reviewer)
    answer = searched(client, term)
    if answer.status_code == 302:
        assert listed(client, answer.headers["Location"].partition("?")[2]) == []
    else:
        assert answer.status_code == 404
        assert "没有找到您可以看的记录" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("ground__exact=skill", True),
        ("ground__exact=competition", False),
        ("certificate__level__exact=2", True),
        ("certificate__level__exact=1", False),
        ("channel__exact=member", True),
        ("received=today", True),
        ("received=earlier", False),
    ],
)
def test_the_filters_narrow_the_queue(reviewer: StaffUser, query: str, hit: bool) -> None:
    case = make.submitted()
    assert listed(signed_in(reviewer), query) == ([case.number] if hit else [])


def test_the_next_page_goes_on_where_the_last_one_ended(
    reviewer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.admin.QueueItemAdmin.list_per_page", 2)
    numbers = [make.submitted(at=make.DAY - timedelta(days=age)).number for age in (9, 7, 7, 2, 1)]
    client, seen, query = signed_in(reviewer), [], "view=free"
    while True:
        with clock.at(make.DAY):
            page = client.get(f"{QUEUE}?{query}").content.decode()
        seen += NUMBER.findall(page.partition('id="result_list"')[2].partition("</table>")[0])
        link = re.search(r'rel="next" href="\?([^"]+)"', page)
        if link is None:
            break
        query = link[1].replace("&amp;", "&")
        assert "view=free" in query
    assert seen == numbers


def test_no_full_number_stands_on_the_queue_page(reviewer: StaffUser) -> None:
    case = make.submitted()
    with clock.at(make.DAY):
        page = signed_in(reviewer).get(QUEUE).content.decode()
    for secret in (case.card_number, case.member.resident_id, case.member.mobile):
        assert secret not in page


def test_the_queue_page_asks_the_same_however_many_rows_it_shows(reviewer: StaffUser) -> None:
    counts = []
    for more in (2, 6):
        for _ in range(more):
            make.submitted()
        take_next(reviewer=make.staff("reviewer"))
        client = signed_in(reviewer)
        with clock.at(make.DAY), CaptureQueriesContext(connection) as queries:
            client.get(QUEUE)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 22


def test_the_next_button_opens_the_case_that_is_due_first(reviewer: StaffUser) -> None:
    make.submitted()
    first = make.submitted(at=make.DAY - timedelta(days=5))
    response = signed_in(reviewer).post(reverse("admin:review_queueitem_next"))
    assert response.headers["Location"] == f"{QUEUE}{first.pk}/change/"


def test_the_next_button_with_an_empty_queue_says_so(reviewer: StaffUser) -> None:
    response = signed_in(reviewer).post(reverse("admin:review_queueitem_next"), follow=True)
    assert "没有等您办理的申报了" in response.content.decode()


def test_ticked_cases_are_taken_and_given_back(reviewer: StaffUser) -> None:
    cases = [make.submitted() for _ in range(2)]
    client = signed_in(reviewer)
    ticked = {"_selected_action": [case.pk for case in cases]}
    for action, held in (("take_selected", 2), ("release_selected", 0)):
        client.post(QUEUE, {"action": action, "index": "0", **ticked})
        assert len(listed(client, "view=mine")) == held
    assert set(Application.objects.values_list("status", flat=True)) == {ApplicationStatus.SUBMITTED}


@pytest.mark.parametrize("role", ["hotline", "station", "intake", "finance_maker", "administrator"])
@pytest.mark.req("A1")
def test_staff_without_a_part_in_the_review_do_not_see_the_queue(role: str) -> None:
    make.submitted()
    assert signed_in(make.staff(role)).get(QUEUE).status_code == 403


@pytest.mark.req("A1")
def test_the_auditor_reads_the_queue_and_is_offered_no_deed() -> None:
    case = make.submitted()
    client = signed_in(make.staff("auditor"))
    page = client.get(QUEUE).content.decode()
    assert case.number in page
    assert "办下一件" not in page
    assert "take_selected" not in page
    assert client.post(reverse("admin:review_queueitem_next")).status_code == 403


@pytest.mark.req("A1")
def test_nobody_sees_the_queue_without_signing_in() -> None:
    assert Client().get(QUEUE).status_code == 302


def test_the_next_button_is_no_link(reviewer: StaffUser) -> None:
    make.submitted()
    assert signed_in(reviewer).get(reverse("admin:review_queueitem_next")).status_code == 405
