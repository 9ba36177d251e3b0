"""A repeated POST: the first answer again, a conflict for another body, one draft however many at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from applications.models import Application, IdempotencyKey
from subsidy.accounts.services import member_actor
from tests import make
from tests.api.conftest import Caller, fields, is_problem, new_application

pytestmark = pytest.mark.usefixtures("plan", "june")
KEY = "6f1c-filing-1"


@pytest.mark.django_db
def test_the_same_key_and_body_give_the_first_answer(owner: Caller) -> None:
    first = owner.post("applications/", new_application(), HTTP_IDEMPOTENCY_KEY=KEY)
    again = owner.post("applications/", new_application(), HTTP_IDEMPOTENCY_KEY=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Application.objects.count() == 1


@pytest.mark.django_db
def test_the_order_and_spacing_of_the_body_do_not_matter(owner: Caller) -> None:
    body = new_application()
    first = owner.post("applications/", body, HTTP_IDEMPOTENCY_KEY=KEY)
    again = owner.post("applications/", dict(reversed(body.items())), HTTP_IDEMPOTENCY_KEY=KEY)
    assert again.json()["id"] == first.json()["id"]


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_a_conflict(owner: Caller) -> None:
    owner.post("applications/", new_application(1), HTTP_IDEMPOTENCY_KEY=KEY)
    response = owner.post("applications/", new_application(2), HTTP_IDEMPOTENCY_KEY=KEY)
    assert is_problem(response, 409)
    assert response.json()["code"] == "KEY_REUSED"
    assert Application.objects.count() == 1


@pytest.mark.django_db
def test_without_a_key_every_post_creates(owner: Caller) -> None:
    ids = {owner.post("applications/", new_application()).json()["id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.django_db
def test_two_members_may_use_the_same_key(owner: Caller, stranger: Caller) -> None:
    first = owner.post("applications/", new_application(1), HTTP_IDEMPOTENCY_KEY=KEY).json()
    second = stranger.post("applications/", new_application(1), HTTP_IDEMPOTENCY_KEY=KEY).json()
    assert first["id"] != second["id"]


@pytest.mark.django_db
def test_a_refused_attempt_leaves_the_key_free(owner: Caller) -> None:
    refused = owner.post("applications/", new_application(card_number="123"), HTTP_IDEMPOTENCY_KEY=KEY)
    assert refused.status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert owner.post("applications/", new_application(), HTTP_IDEMPOTENCY_KEY=KEY).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 101, "a\tb", "\x7f", "键"])
def test_a_key_that_is_none_is_refused(owner: Caller, key: str) -> None:
    response = owner.post("applications/", new_application(), HTTP_IDEMPOTENCY_KEY=key)
    assert is_problem(response, 400)
    assert fields(response) == ["Idempotency-Key"]


@pytest.mark.django_db
def test_the_stored_key_tells_nothing_of_the_body(owner: Caller) -> None:
    owner.post("applications/", new_application(), HTTP_IDEMPOTENCY_KEY=KEY)
    row = IdempotencyKey.objects.get()
    assert row.digest not in {"", KEY}
    assert make.card_number(1) not in f"{row.digest}{row.target}{row.route}"


def test_sixteen_at_once_make_one_draft(thread_race: Callable[..., list[object]], owner: Caller) -> None:
    def work(_: int) -> tuple[int, str]:
        caller = Caller()
        caller.client.defaults.update(owner.client.defaults)
        response = caller.post("applications/", new_application(), HTTP_IDEMPOTENCY_KEY=KEY)
        return response.status_code, response.json().get("id", "")

    results = thread_race(work, times=16)
    assert {status for status, _ in results} == {201}  # type: ignore[misc]
    assert len({made for _, made in results}) == 1  # type: ignore[misc]
    assert Application.objects.count() == 1
    assert owner.member is not None
    assert IdempotencyKey.objects.get().actor_id == member_actor(owner.member).id
