"""One-time codes: single use, five tries, bound to a browser, limited by number and address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from subsidy.accounts.models import Member, SignInCode
from subsidy.accounts.services import codes, redeem_code, request_code
from subsidy.audit.models import AuditRow
from subsidy.errors import RuleRefused, TooManyRequests
from subsidy.notices.models import Notice
from tests.accounts.people import IP, MOBILE, NONCE, OTHER_MOBILE, last_code, signed_in, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.req("A4")]


def age(seconds: int) -> None:
    """Let the codes sent so far have been sent earlier, and expire earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_signincode SET created_at = created_at - %(s)s * interval '1 second',"
            " expires_at = expires_at - %(s)s * interval '1 second' WHERE used_at IS NULL",
            {"s": seconds},
        )


def test_the_code_on_the_phone_signs_in() -> None:
    member = signed_in()
    assert member.mobile == MOBILE
    assert member.mobile_verified_at is not None
    assert AuditRow.objects.get(action="member.sign_in").target == f"member:{member.pk}"


def test_the_second_sign_in_finds_the_same_member() -> None:
    first = signed_in()
    age(61)
    SignInCode.objects.all().delete()
    assert signed_in() == first
    assert Member.objects.count() == 1


def test_a_wrong_code_is_refused_with_the_field_named() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused) as refusal:
        redeem_code(MOBILE, wrong(last_code()), nonce=NONCE, ip=IP)
    assert (refusal.value.field, refusal.value.code) == ("code", "CODE_INVALID")
    assert not Member.objects.exists()


def test_a_code_works_only_once() -> None:
    signed_in()
    with pytest.raises(RuleRefused):
        redeem_code(MOBILE, last_code(), nonce=NONCE, ip=IP)


def test_the_right_code_after_five_wrong_ones_is_refused() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    for _ in range(5):
        with pytest.raises(RuleRefused):
            redeem_code(MOBILE, wrong(last_code()), nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused):
        redeem_code(MOBILE, last_code(), nonce=NONCE, ip=IP)
    assert SignInCode.objects.get().attempts == 5


def test_the_right_code_at_the_fifth_try_is_accepted() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    for _ in range(4):
        with pytest.raises(RuleRefused):
            redeem_code(MOBILE, wrong(last_code()), nonce=NONCE, ip=IP)
    assert redeem_code(MOBILE, last_code(), nonce=NONCE, ip=IP).mobile == MOBILE


def test_a_code_from_another_browser_is_refused() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused):
        redeem_code(MOBILE, last_code(), nonce="another-browser", ip=IP)
    assert SignInCode.objects.get().attempts == 0


def test_a_code_for_another_number_is_refused() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused):
        redeem_code(OTHER_MOBILE, last_code(), nonce=NONCE, ip=IP)


def test_a_code_is_refused_after_ten_minutes() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    age(601)
    with pytest.raises(RuleRefused):
        redeem_code(MOBILE, last_code(), nonce=NONCE, ip=IP)


def test_only_the_latest_code_counts() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    first = last_code()
    age(61)
    request_code(MOBILE, nonce=NONCE, ip=IP)
    if first != last_code():
        with pytest.raises(RuleRefused):
            redeem_code(MOBILE, first, nonce=NONCE, ip=IP)
    assert redeem_code(MOBILE, last_code(), nonce=NONCE, ip=IP).pk


def test_neither_number_nor_code_is_stored_in_clear() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    code = last_code()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c)::text FROM accounts_signincode c")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT mobile, body FROM notices_notice")
        sent = "".join(cursor.fetchone())
    assert MOBILE not in kept + sent
    assert f'"{code}"' not in kept
    assert NONCE not in kept
    assert code not in sent


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(RuleRefused) as refusal:
        request_code("12345", nonce=NONCE, ip=IP)
    assert refusal.value.field == "mobile"
    assert not Notice.objects.exists()


def test_a_second_code_within_a_minute_is_refused_with_the_wait() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(TooManyRequests) as refusal:
        request_code(MOBILE, nonce="another-browser", ip="192.0.2.8")
    assert 50 <= refusal.value.retry_after <= 60


def test_a_known_and_an_unknown_number_cost_the_same_queries() -> None:
    signed_in(MOBILE)
    SignInCode.objects.all().delete()
    shapes = []
    for mobile in (MOBILE, OTHER_MOBILE):
        with CaptureQueriesContext(connection) as queries:
            assert request_code(mobile, nonce=NONCE, ip=IP) is None
        shapes.append([query["sql"].split(" ")[0] for query in queries])
        assert not any("accounts_member" in query["sql"] for query in queries)
    assert shapes[0] == shapes[1]


def test_known_and_unknown_numbers_cost_the_same_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash work of asking and of a wrong try, counted where it is done."""
    signed_in(MOBILE)
    SignInCode.objects.all().delete()
    kinds: list[str] = []
    digest = codes.blind_index
    monkeypatch.setattr(codes, "blind_index", lambda kind, value: kinds.append(kind) or digest(kind, value))
    work = []
    for mobile in (MOBILE, OTHER_MOBILE):
        kinds.clear()
        request_code(mobile, nonce=NONCE, ip=IP)
        with pytest.raises(RuleRefused):
            redeem_code(mobile, wrong(last_code()), nonce=NONCE, ip=IP)
        work.append(list(kinds))
    assert work[0] == work[1]
    assert len(work[0]) == 7


def test_a_wrong_code_costs_the_same_for_known_and_unknown() -> None:
    signed_in(MOBILE)
    SignInCode.objects.all().delete()
    answers = []
    for mobile in (MOBILE, OTHER_MOBILE):
        request_code(mobile, nonce=NONCE, ip=IP)
        with CaptureQueriesContext(connection) as queries, pytest.raises(RuleRefused) as refusal:
            redeem_code(mobile, wrong(last_code()), nonce=NONCE, ip=IP)
        answers.append((refusal.value.message, refusal.value.code, len(queries)))
    assert answers[0] == answers[1]


def test_the_database_refuses_a_sixth_try() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(IntegrityError, match="signincode_tries_are_limited"):
        SignInCode.objects.update(attempts=6)


def test_the_database_refuses_to_touch_a_used_code() -> None:
    signed_in()
    with pytest.raises(DatabaseError, match="signincode_is_used_once"), transaction.atomic():
        SignInCode.objects.update(used_at=None)


def test_the_database_refuses_to_give_tries_back() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with pytest.raises(RuleRefused):
        redeem_code(MOBILE, wrong(last_code()), nonce=NONCE, ip=IP)
    with pytest.raises(DatabaseError, match="signincode_is_used_once"):
        SignInCode.objects.update(attempts=0)


def guess_at_random(number: int, *, rounds: int) -> list[object]:
    """Try codes for the number in one of four sessions; the first is the one that asked."""
    outcomes: list[object] = []
    for turn in range(rounds):
        guess = f"{(number * rounds + turn) * 101 % 1_000_000:06d}"
        try:
            outcomes.append(redeem_code(MOBILE, guess, nonce=f"browser-{number % 4}", ip=IP))
        except RuleRefused as refusal:
            outcomes.append(refusal.code)
    return outcomes


def checked_of(thread_race: Callable[..., list[object]], *, rounds: int) -> tuple[int, set[object]]:
    """Return how many of 32 × rounds tries were checked against the one code, and all that came of them."""
    request_code(MOBILE, nonce="browser-0", ip=IP)
    answers = thread_race(lambda number: guess_at_random(number, rounds=rounds), times=32)
    code = SignInCode.objects.get()
    outcomes = {one for answer in answers for one in answer}  # type: ignore[attr-defined]
    return code.attempts, outcomes - set(Member.objects.all())


def test_of_640_guesses_by_32_threads_in_four_sessions_five_are_checked(
    thread_race: Callable[..., list[object]],
) -> None:
    assert checked_of(thread_race, rounds=20) == (5, {"CODE_INVALID"})


@pytest.mark.long
def test_of_10000_guesses_by_32_threads_in_four_sessions_five_are_checked(
    thread_race: Callable[..., list[object]],
) -> None:
    assert checked_of(thread_race, rounds=313) == (5, {"CODE_INVALID"})


@pytest.mark.django_db(transaction=True)
def test_a_try_inside_a_callers_transaction_is_an_error() -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        redeem_code(MOBILE, last_code(), nonce=NONCE, ip=IP)


def test_of_32_threads_with_a_wrong_code_five_are_checked(thread_race: Callable[..., list[object]]) -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    guess = wrong(last_code())
    results = thread_race(lambda number: redeem_code(MOBILE, guess, nonce=NONCE, ip=IP), times=32)
    assert all(isinstance(result, RuleRefused) for result in results)
    assert SignInCode.objects.get().attempts == 5


def test_of_32_threads_with_the_right_code_one_gets_in(thread_race: Callable[..., list[object]]) -> None:
    request_code(MOBILE, nonce=NONCE, ip=IP)
    code = last_code()
    results = thread_race(lambda number: redeem_code(MOBILE, code, nonce=NONCE, ip=IP), times=32)
    assert sum(isinstance(result, Member) for result in results) == 1
    assert sum(isinstance(result, RuleRefused) for result in results) == 31
    assert Member.objects.count() == 1
    assert SignInCode.objects.get().attempts == 1
