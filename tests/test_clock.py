"""Business time is shifted or held; real time never is."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from subsidy import clock

NOON = datetime(2024, 6, 18, 12, 0, tzinfo=clock.SHANGHAI)


@pytest.mark.req("A7")
def test_the_offset_moves_business_time_and_leaves_real_time(settings: Settings) -> None:
    settings.BUSINESS_CLOCK_OFFSET = timedelta(days=-400)
    behind = clock.real_now() - clock.now()
    assert abs(behind - timedelta(days=400)) < timedelta(seconds=5)
    assert abs(datetime.now(UTC) - clock.real_now()) < timedelta(seconds=5)
    assert clock.is_shifted()


@pytest.mark.req("A7")
def test_a_shifted_clock_keeps_ticking(settings: Settings) -> None:
    settings.BUSINESS_CLOCK_OFFSET = timedelta(days=-400)
    first = clock.now()
    assert clock.now() > first


def test_without_an_offset_nothing_is_shifted(settings: Settings) -> None:
    settings.BUSINESS_CLOCK_OFFSET = timedelta(0)
    assert not clock.is_shifted()
    assert abs(clock.now() - clock.real_now()) < timedelta(seconds=5)


def test_at_holds_business_time_only_within_its_block() -> None:
    with clock.at(NOON):
        assert clock.now() == NOON
        assert clock.real_now() != NOON
    assert clock.now() != NOON


def test_blocks_nest_and_an_error_restores_the_outer_instant() -> None:
    with clock.at(NOON):
        with pytest.raises(KeyError), clock.at(NOON + timedelta(days=1)):
            raise KeyError
        assert clock.now() == NOON


def test_another_thread_does_not_see_a_held_instant() -> None:
    seen: list[datetime] = []
    with clock.at(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != NOON


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"), clock.at(datetime(2024, 6, 18)):
        pass


def test_today_is_the_date_in_beijing() -> None:
    with clock.at(datetime(2024, 10, 31, 16, 0, tzinfo=UTC)):
        assert clock.today().isoformat() == "2024-11-01"
