"""View-only pages, masked columns, capped counts and keyset paging of the admin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory

from subsidy import backoffice, clock
from subsidy.audit.actors import SYSTEM
from subsidy.audit.admin import AuditRowAdmin
from subsidy.audit.models import AuditRow
from subsidy.audit.services import record
from subsidy.backoffice import (
    CappedPaginator,
    KeysetAdmin,
    KeysetChangeList,
    ReadOnlyAdmin,
    masked,
    open_doors,
)
from subsidy.notices.admin import HIDDEN, NoticeAdmin
from subsidy.notices.models import Notice
from subsidy.notices.services import enqueue
from subsidy.rules.identity import mask_mobile
from tests.powers import Everything

pytestmark = pytest.mark.django_db

MOBILE = "13800006620"


def ask(path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = Everything()
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


class ByTime(KeysetAdmin):
    """Rows by a column that may repeat."""

    keyset = "real_at"
    list_filter = ["realm"]
    list_per_page = 3


class ByTimeBackwards(ByTime):
    keyset = "-real_at"


class BySender(ByTime):
    """Rows by a column that may be unknown."""

    keyset = "actor_id"


class BySenderBackwards(ByTime):
    keyset = "-actor_id"


class ById(ByTime):
    keyset = "pk"


def change_list(admin_class: type[KeysetAdmin], query: str = "") -> KeysetChangeList:
    found = admin_class(AuditRow, admin.site).get_changelist_instance(ask(f"/{query}"))
    assert isinstance(found, KeysetChangeList)
    return found


def pages(admin_class: type[KeysetAdmin], query: str = "") -> Iterator[list[int]]:
    """Follow the next links to the end."""
    for _ in range(20):
        page = change_list(admin_class, query)
        yield [row.pk for row in page.result_list]
        query = page.next_link
        if not query:
            return
    pytest.fail("the next links never end")


@pytest.fixture
def rows() -> list[AuditRow]:
    """Eleven rows: five share an instant, and five have no sender."""
    now = clock.real_now()
    return [
        AuditRow.objects.create(
            action="test",
            realm="system" if number % 2 else "staff",
            actor_id=None if number % 2 else 50 - number // 4,
            business_at=now,
            real_at=now if number in range(3, 8) else now - timedelta(minutes=number),
        )
        for number in range(11)
    ]


def _sender(row: AuditRow) -> tuple[bool, int]:
    return (row.actor_id is None, row.actor_id or 0)


@pytest.mark.parametrize(
    ("admin_class", "key", "reverse"),
    [
        (ByTime, lambda row: (row.real_at, row.pk), False),
        (ByTimeBackwards, lambda row: (row.real_at, row.pk), True),
        (BySender, lambda row: (*_sender(row), row.pk), False),
        (BySenderBackwards, lambda row: (*_sender(row), row.pk), True),
        (ById, lambda row: row.pk, False),
    ],
)
def test_the_next_links_visit_every_row_once_and_in_order(
    rows: list[AuditRow], admin_class: type[KeysetAdmin], key: Callable[[AuditRow], Any], reverse: bool
) -> None:
    seen = list(pages(admin_class))
    assert [len(page) for page in seen] == [3, 3, 3, 2]
    assert list(chain.from_iterable(seen)) == [row.pk for row in sorted(rows, key=key, reverse=reverse)]


def test_a_row_that_comes_in_between_shifts_nobody(rows: list[AuditRow]) -> None:
    first = change_list(ById)
    record("test.new", actor=SYSTEM)
    second = change_list(ById, first.next_link)
    assert [row.pk for row in second.result_list] == [row.pk for row in rows[3:6]]


def test_the_next_page_keeps_the_filters(rows: list[AuditRow]) -> None:
    staff = {row.pk for row in rows if row.realm == "staff"}
    assert set(chain.from_iterable(pages(ById, "?realm__exact=staff"))) == staff


def test_the_keyset_parameter_never_counts_as_a_filter(rows: list[AuditRow]) -> None:
    page = change_list(ById, f"?after={rows[2].pk}")
    assert "after" not in page.get_filters_params()
    assert [row.pk for row in page.result_list] == [row.pk for row in rows[3:6]]


def test_choosing_a_filter_starts_again_at_the_first_row(rows: list[AuditRow]) -> None:
    page = change_list(ById, f"?after={rows[2].pk}")
    assert "after" not in parse_qs(urlsplit(page.get_query_string({"realm__exact": "staff"})).query)
    assert page.first_link == "?"
    assert change_list(ById).first_link == ""


def test_an_order_that_the_user_clicked_pages_by_number(rows: list[AuditRow]) -> None:
    page = change_list(ById, "?o=-1")
    assert not page.uses_keyset
    assert page.next_link == ""


@pytest.mark.parametrize("token", ["x", "1~yesterday", "~"])
def test_a_token_that_is_none_is_an_error_of_the_address(token: str) -> None:
    with pytest.raises(backoffice.IncorrectLookupParameters):
        change_list(ByTime, f"?after={token}")


def test_a_count_stops_one_past_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoffice, "COUNT_CAP", 5)
    AuditRow.objects.bulk_create(
        AuditRow(action="t", realm="system", business_at=clock.now(), real_at=clock.now()) for _ in range(9)
    )
    count = CappedPaginator(AuditRow.objects.all(), 3).count
    assert count == 6
    assert Template("{{ count }}").render(Context({"count": count})) == "5+"


def test_a_small_count_is_shown_as_it_is(rows: list[AuditRow]) -> None:
    count = CappedPaginator(AuditRow.objects.all(), 3).count
    assert Template("{{ count }}").render(Context({"count": count})) == "11"


def test_a_list_page_asks_the_database_little(
    rows: list[AuditRow], django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(2):
        assert list(change_list(ById).result_list)


def test_a_read_only_admin_lets_nobody_change_anything() -> None:
    class Locked(ReadOnlyAdmin):
        pass

    locked, request = Locked(AuditRow, admin.site), ask()
    assert locked.has_view_permission(request)
    assert not locked.has_add_permission(request)
    assert not locked.has_change_permission(request)
    assert not locked.has_delete_permission(request)
    assert locked.get_actions(request) == {}


def test_a_read_only_admin_refuses_even_a_direct_call() -> None:
    locked = ReadOnlyAdmin(AuditRow, admin.site)
    for call in (
        lambda: locked.save_model(ask(), AuditRow(), None, True),
        lambda: locked.delete_model(ask(), AuditRow()),
        lambda: locked.delete_queryset(ask(), AuditRow.objects.all()),
    ):
        with pytest.raises(PermissionDenied):
            call()


def test_the_walk_names_each_door_that_stands_open() -> None:
    site = admin.AdminSite(name="trial")
    site.register(AuditRow, ReadOnlyAdmin)
    site.register(Notice)
    assert set(open_doors(ask(), site)) == {("notices.Notice", verb) for verb in ("add", "change", "delete")}


@pytest.mark.req("A2")
def test_a_masked_column_never_shows_the_whole_value() -> None:
    column = masked("mobile", mask_mobile, "手机号")
    assert column(Notice(mobile=MOBILE)) == "138****6620"
    assert column(Notice(mobile="")) == backoffice.EMPTY
    assert column.__name__ == "masked_mobile"


def _page(response: Any) -> str:
    return response.render().content.decode()


@pytest.mark.req("A2")
def test_the_outbox_pages_show_masked_numbers_and_no_code() -> None:
    notice = enqueue("sign_in_code", mobile=MOBILE, member_id=5, context={"code": "402117", "minutes": "5"})
    outbox = NoticeAdmin(Notice, admin.site)
    html = _page(outbox.changelist_view(ask())) + _page(outbox.change_view(ask(), str(notice.pk)))
    assert "138****6620" in html
    assert HIDDEN in html
    assert MOBILE not in html
    assert "402117" not in html


@pytest.mark.req("A3")
def test_the_audit_pages_show_rows_and_offer_no_change() -> None:
    record("application.approve", actor=SYSTEM, target="application:12")
    log = AuditRowAdmin(AuditRow, admin.site)
    html = _page(log.changelist_view(ask("/?q=application:12")))
    html += _page(log.change_view(ask(), str(AuditRow.objects.get().pk)))
    assert "application:12" in html
    assert not re.search(r'name="_(save|addanother|continue)"|deletelink', html)
