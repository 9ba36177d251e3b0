"""Who may open a page: its owner, never a stranger, a visitor or staff; and what no page shows (A1, A2)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.models import Application, Attachment
from applications.services.attachments import attach
from subsidy.accounts.services import member_actor
from subsidy.rules.terms import AttachmentKind
from subsidy.uploads import accept
from tests import make
from tests.pages.browser import decide, photo, signed_in, text_of
from tests.pages.test_cases import paid_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("A1", "A2")]
OWN_PAGES = ["", "applicant/", "certificate/", "card/", "check/", "filed/", "withdraw/"]
OWN_POSTS = ["applicant/", "certificate/", "card/", "check/", "withdraw/", "correct/", "new-card/"]
MEMBER_PAGES = ["/me/", "/apply/", "/apply/applicant/"]
WRITES = ("INSERT", "UPDATE", "DELETE")


def address(case: Application, name: str) -> str:
    return f"/applications/{case.public_id}/{name}"


def with_picture(case: Application) -> Attachment:
    """Return the picture added to a draft."""
    upload = accept(photo())
    return attach(case, actor=member_actor(case.member), kind=AttachmentKind.CERTIFICATE, upload=upload)


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_visitor_is_asked_to_sign_in_and_brought_back(name: str) -> None:
    case = make.draft()
    target = address(case, name)
    response = Client().get(target)
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={target.replace('/', '%2F')}"


@pytest.mark.parametrize("page", MEMBER_PAGES)
def test_a_visitor_has_no_pages_of_a_member(page: str) -> None:
    assert Client().get(page)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_strangers_case_does_not_exist(name: str) -> None:
    case, stranger = make.draft(), make.member()
    assert signed_in(stranger).get(address(case, name)).status_code == 404
    assert signed_in(case.member).get(address(case, name)).status_code == 200


@pytest.mark.parametrize("name", OWN_POSTS)
def test_a_stranger_and_a_visitor_change_nothing(name: str) -> None:
    case, stranger = make.submitted(), make.member()
    fields = {"version": case.version, "consent": "2024-01", "card_number": make.card_number(9)}
    assert signed_in(stranger).post(address(case, name), fields).status_code == 404
    assert Client().post(address(case, name), fields)["Location"].startswith("/sign-in/")
    before = case.version
    case.refresh_from_db()
    assert case.version == before


@pytest.mark.parametrize("name", OWN_POSTS)
def test_a_post_from_elsewhere_is_refused(name: str) -> None:
    case = make.submitted()
    client = signed_in(case.member)
    client.handler.enforce_csrf_checks = True
    assert client.post(address(case, name), {"version": case.version}).status_code == 403


def test_a_staff_session_has_no_member_pages() -> None:
    case = make.submitted()
    client = Client()
    client.force_login(make.staff("reviewer"))
    assert client.get(address(case, ""))["Location"].startswith("/sign-in/")
    assert client.get("/me/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("page", ["/me/", "/apply/", "/sign-in/"])
def test_personal_pages_stay_out_of_every_cache(page: str) -> None:
    client = Client() if page == "/sign-in/" else signed_in(make.member())
    assert "no-store" in client.get(page)["Cache-Control"]


def test_a_case_stays_out_of_every_cache() -> None:
    case = make.submitted()
    assert "no-store" in signed_in(case.member).get(address(case, ""))["Cache-Control"]


def test_the_owner_sees_the_picture_as_nothing_but_a_picture() -> None:
    case = make.draft()
    picture = with_picture(case)
    response = signed_in(case.member).get(address(case, f"attachments/{picture.public_id}/"))
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    assert content.startswith(b"\xff\xd8\xff")
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == 'inline; filename="certificate.jpg"'


def test_nobody_else_sees_the_picture_not_even_below_a_case_of_their_own() -> None:
    case, other = make.draft(), make.draft()
    picture = with_picture(case)
    name = f"attachments/{picture.public_id}/"
    assert signed_in(other.member).get(address(case, name)).status_code == 404
    assert signed_in(other.member).get(address(other, name)).status_code == 404
    assert Client().get(address(case, name))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("name", [*OWN_PAGES, "correct/", "new-card/"])
def test_looking_changes_nothing(name: str) -> None:
    case = make.draft()
    client = signed_in(case.member)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(address(case, name))
    assert not [q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(WRITES)]


@pytest.mark.parametrize(
    "page", ["/", "/check/?of=skill-2", "/me/", "/apply/?of=skill-2", "/apply/applicant/", "/sign-in/"]
)
def test_looking_around_changes_nothing(page: str) -> None:
    client = signed_in(make.member())
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    assert not [q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(WRITES)]


@pytest.mark.parametrize("name", OWN_PAGES)
def test_no_page_of_a_draft_shows_a_whole_number(name: str) -> None:
    case = make.draft()
    assert_masked(case, text_of(signed_in(case.member).get(address(case, name))))


@pytest.mark.parametrize("what", ["return", "approve", "reject"])
def test_no_page_of_a_decided_case_shows_a_whole_number(what: str) -> None:
    case = decide(
        make.submitted(), what, **({"remarks": {"card_number": "请核对"}} if what == "return" else {})
    )
    client = signed_in(case.member)
    for page in (address(case, ""), address(case, "filed/"), "/me/"):
        assert_masked(case, text_of(client.get(page)))


def test_the_page_of_a_failed_payment_shows_no_whole_number() -> None:
    case = paid_with("CLOSED")
    assert_masked(case, text_of(signed_in(case.member).get(address(case, ""))))


def assert_masked(case: Application, page: str) -> None:
    """Fail when a whole number stands on the page."""
    person = case.member
    assert person.resident_id not in page
    assert person.mobile not in page
    assert person.card_number not in page
    assert case.card_number not in page


def test_the_list_costs_the_same_for_one_case_as_for_many() -> None:
    person = make.member()
    make.draft(person)
    few = queries_of(person.pk, "/me/")
    for _ in range(9):
        make.draft(person)
    assert queries_of(person.pk, "/me/") == few <= 8


@pytest.mark.parametrize("what", ["submit", "return", "approve"])
def test_a_status_page_costs_few_queries(what: str) -> None:
    case = make.submitted() if what == "submit" else decide(make.submitted(), what)
    assert queries_of(case.member_id, address(case, "")) <= 8


def queries_of(member_id: int, page: str) -> int:
    """Return how many queries a page takes its owner."""
    client = signed_in(Application.objects.filter(member_id=member_id)[0].member)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)
