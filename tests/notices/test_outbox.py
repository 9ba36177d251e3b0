"""Messages are written with the caller's work, sent after commit, tried again, and carry no full number."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from string import Formatter

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from subsidy import clock
from subsidy.errors import RuleRefused
from subsidy.notices import queue, services, tasks
from subsidy.notices.checks import check_gateway
from subsidy.notices.models import Notice, NoticeStatus
from subsidy.notices.services import Letter, enqueue, enqueue_many
from subsidy.notices.templates import TEMPLATES, NoticeTemplate

MOBILE = "13800006620"
NUMBER = "ZT2024-0000001-C"
SAMPLES = {
    "number": NUMBER,
    "amount": "2000",
    "card_tail": "0231",
    "code": "402117",
    "minutes": "5",
    "deadline": "2024-07-18",
    "due": "2024-07-18",
    "office": "朝阳服务站",
    "reason": "户名不符",
    "tail": "8000",
    "what": "姓名",
}

pytestmark = pytest.mark.django_db


class FakeGateway:
    """Stands for an SMS gateway at the adapter's edge; it may be told to fail."""

    sent: list[tuple[str, str]] = []
    broken = False

    def send(self, mobile: str, body: str) -> str:
        if FakeGateway.broken:
            raise ConnectionError(f"gateway refused {mobile}")
        FakeGateway.sent.append((mobile, body))
        return "receipt-1"


@pytest.fixture(autouse=True)
def gateway(settings: Settings) -> Iterator[type[FakeGateway]]:
    settings.SMS_BACKEND = f"{__name__}.FakeGateway"
    FakeGateway.sent, FakeGateway.broken = [], False
    queue.breaker.reset()
    yield FakeGateway
    queue.breaker.reset()


def write(template: str = "withdrawn", **context: str) -> Notice:
    return enqueue(template, mobile=MOBILE, member_id=5, context=context or {"number": NUMBER})


def later(notice: Notice, **columns: object) -> None:
    """Let time pass for a row: move its instants back instead of waiting."""
    Notice.objects.filter(pk=notice.pk).update(**columns)


@pytest.mark.req("F7")
@pytest.mark.parametrize("template", list(NoticeTemplate))
def test_every_template_renders_with_exactly_its_variables(template: NoticeTemplate) -> None:
    context = {name: SAMPLES[name] for name in TEMPLATES[template].variables}
    body = write(template, **context).body
    assert all(value in body for value in context.values())
    assert "{" not in body


@pytest.mark.parametrize("template", list(NoticeTemplate))
def test_the_variables_of_a_template_are_those_its_text_names(template: NoticeTemplate) -> None:
    wording = TEMPLATES[template]
    assert {name for _, name, _, _ in Formatter().parse(wording.text) if name} == wording.variables


@pytest.mark.req("F7")
def test_submit_return_approve_reject_paid_and_failed_payment_have_a_notice() -> None:
    events = {"submitted", "returned", "approved", "rejected", "paid", "payment_failed"}
    assert events <= {template.value for template in NoticeTemplate}


@pytest.mark.parametrize("context", [{}, {"number": NUMBER, "name": "张三"}, {"name": "张三"}])
def test_other_variables_than_the_template_s_own_are_refused(context: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="variables"):
        enqueue("withdrawn", mobile=MOBILE, member_id=5, context=context)


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(ValueError, match="lottery"):
        enqueue("lottery", mobile=MOBILE, member_id=5, context={})


@pytest.mark.req("F7")
@pytest.mark.parametrize(
    "text",
    [
        "6214830100000231",
        "11010219900307231X",
        "卡号 6214 8301 0000 0231 有误",
        "6214-8301-0000-0231",
        "６２１４８３０１０００００２３１",
        "123456789012",
    ],
)
def test_a_value_that_could_be_a_full_number_is_refused(text: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        write("payment_failed", number=NUMBER, reason=text)
    assert (caught.value.code, caught.value.field) == ("NOTICE_CARRIES_NUMBER", "reason")
    assert text not in caught.value.message
    assert not Notice.objects.exists()


@pytest.mark.parametrize("text", ["6214 **** **** 0231", "12345678901", "2024-06-18"])
def test_masked_and_short_numbers_may_be_sent(text: str) -> None:
    assert text in write("payment_failed", number=NUMBER, reason=text).body


@pytest.mark.parametrize("text", ["两行\n内容", "", "长" * 81, "零宽\u200b字"])
def test_a_value_with_control_characters_or_no_sensible_length_is_refused(text: str) -> None:
    with pytest.raises(RuleRefused):
        write("payment_failed", number=NUMBER, reason=text)


@pytest.mark.req("A2")
def test_number_and_text_lie_encrypted() -> None:
    write("sign_in_code", code="402117", minutes="5")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text FROM notices_notice n")
        stored = cursor.fetchone()[0]
    assert MOBILE not in stored
    assert "402117" not in stored


@pytest.mark.req("A7")
def test_a_notice_carries_business_time_and_is_sent_in_real_time() -> None:
    june = clock.real_now() - timedelta(days=500)
    with clock.at(june):
        notice = write()
    assert notice.business_at == june
    assert abs(notice.next_attempt_at - clock.real_now()) < timedelta(seconds=5)


def test_a_notice_vanishes_with_the_work_it_tells_of() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_sending_hands_it_over_once_and_notes_the_receipt(gateway: type[FakeGateway]) -> None:
    notice = write()
    assert tasks.send_notice(notice.pk)
    assert not tasks.send_notice(notice.pk)
    assert gateway.sent == [(MOBILE, notice.body)]
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.reference) == ("sent", 1, "receipt-1")
    assert notice.sent_at is not None


def test_a_failed_attempt_waits_and_is_tried_again(gateway: type[FakeGateway]) -> None:
    notice = write()
    gateway.broken = True
    assert not services.send(notice.pk)
    gateway.broken = False
    assert services.sweep() == 0
    later(notice, next_attempt_at=clock.real_now())
    assert services.sweep() == 1
    notice.refresh_from_db()
    assert (notice.status, notice.attempts) == ("sent", 2)


def test_an_error_note_names_the_kind_and_never_the_number(
    gateway: type[FakeGateway], caplog: pytest.LogCaptureFixture
) -> None:
    notice = write()
    gateway.broken = True
    services.send(notice.pk)
    notice.refresh_from_db()
    assert notice.last_error == "ConnectionError"
    assert MOBILE not in caplog.text


def test_the_attempts_are_capped(gateway: type[FakeGateway]) -> None:
    notice = write()
    gateway.broken = True
    for _ in range(services.MAX_ATTEMPTS):
        later(notice, next_attempt_at=clock.real_now())
        services.sweep()
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.last_error) == (
        "failed",
        services.MAX_ATTEMPTS,
        "ConnectionError",
    )
    later(notice, next_attempt_at=clock.real_now())
    assert not services.send(notice.pk)


def test_a_message_that_came_too_late_to_be_of_use_is_not_sent(gateway: type[FakeGateway]) -> None:
    notice = write("sign_in_code", code="402117", minutes="5")
    later(notice, useful_until=clock.real_now() - timedelta(seconds=1))
    assert services.sweep() == 0
    notice.refresh_from_db()
    assert (notice.status, gateway.sent) == ("expired", [])


def test_a_sender_that_died_after_its_claim_is_followed_up(gateway: type[FakeGateway]) -> None:
    notice = write()
    later(
        notice,
        status=NoticeStatus.SENDING.value,
        attempts=1,
        next_attempt_at=clock.real_now() + timedelta(minutes=4),
    )
    assert services.sweep() == 0
    later(notice, next_attempt_at=clock.real_now())
    assert services.sweep() == 1
    assert len(gateway.sent) == 1


def test_a_worn_out_claim_is_closed_and_not_sent(gateway: type[FakeGateway]) -> None:
    notice = write()
    later(notice, status=NoticeStatus.SENDING.value, attempts=services.MAX_ATTEMPTS)
    assert services.sweep() == 0
    notice.refresh_from_db()
    assert (notice.status, gateway.sent) == ("failed", [])


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_send_each_message_once(
    thread_race: Callable[..., list[object]], gateway: type[FakeGateway]
) -> None:
    pks = [write().pk for _ in range(10)]
    results = thread_race(lambda number: [services.send(pk) for pk in pks], times=8)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert len(gateway.sent) == 10
    assert set(Notice.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_a_bulk_step_writes_its_messages_in_few_statements_and_the_sweep_sends_them(
    gateway: type[FakeGateway], django_assert_max_num_queries: Callable[[int], object]
) -> None:
    letters = (Letter(MOBILE, member_id, {"number": NUMBER}) for member_id in range(200))
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        assert enqueue_many("withdrawn", letters) == 200
    assert tasks.send_due_notices() == 200
    assert len(gateway.sent) == 200


def test_the_hint_goes_out_after_commit_and_carries_only_the_id(
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(queue, "_publish", lambda task, *args: published.append((task, args)))
    with django_capture_on_commit_callbacks(execute=True):
        notice = write()
        assert published == []
    assert published == [("subsidy.notices.tasks.send_notice", (notice.pk,))]


def test_the_hints_name_tasks_that_exist() -> None:
    assert {queue.SEND_ONE, queue.SEND_DUE} == {tasks.send_notice.name, tasks.send_due_notices.name}


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the queue at a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = queue.current_app._get_current_object()
    with monkeypatch.context() as patch:
        patch.setitem(app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
        patch.setattr(app, "_pool", None)
        patch.setattr(app.amqp, "_producer_pool", None)
        yield
        app.pool.force_close_all()


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_neither_breaks_nor_delays_the_request(dead_broker: None) -> None:
    started = time.monotonic()
    for _ in range(20):
        write()
    assert time.monotonic() - started < 3
    assert Notice.objects.count() == 20
    assert queue.breaker.is_open()


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_broker_dropped_is_sent_by_the_sweep(
    dead_broker: None, gateway: type[FakeGateway]
) -> None:
    write()
    assert services.sweep() == 1
    assert len(gateway.sent) == 1


def test_the_console_shows_the_text_and_a_masked_number(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_BACKEND = "console"
    services.send(write("sign_in_code", code="402117", minutes="5").pk)
    assert "402117" in caplog.text
    assert "138****6620" in caplog.text
    assert MOBILE not in caplog.text


def test_the_outbox_backend_keeps_the_message_in_its_row(settings: Settings) -> None:
    settings.SMS_BACKEND = "outbox"
    notice = write()
    assert services.send(notice.pk)
    notice.refresh_from_db()
    assert (notice.status, notice.reference) == ("sent", "outbox")


@pytest.mark.parametrize(
    "columns", [{"status": "lost"}, {"status": "sent"}, {"sent_at": clock.real_now(), "status": "pending"}]
)
def test_the_database_refuses_an_unknown_or_half_told_state(columns: dict[str, object]) -> None:
    notice = write()
    with pytest.raises(IntegrityError, match="notice_"), transaction.atomic():
        later(notice, **columns)


@pytest.mark.req("A4")
@pytest.mark.parametrize("name", ["console", "subsidy.notices.backends.ConsoleBackend"])
def test_the_console_gateway_is_refused_outside_a_demonstration(settings: Settings, name: str) -> None:
    settings.SMS_BACKEND, settings.DEMO = name, False
    assert [error.id for error in check_gateway()] == ["notices.E001"]
    settings.DEMO = True
    assert check_gateway() == []


@pytest.mark.req("A4")
def test_another_gateway_is_accepted_in_production(settings: Settings) -> None:
    settings.SMS_BACKEND, settings.DEMO = "outbox", False
    assert check_gateway() == []
