"""A small house with one of everything, every address of it, and people of every kind at the door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from applications.models import Application, Attachment
from applications.services.attachments import attach
from applications.services.filing import submit
from payouts.models import PayoutBatch
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor
from subsidy.audit.actors import Actor
from subsidy.rules.terms import AttachmentKind
from subsidy.uploads import accept
from tests import make
from tests.pages.browser import photo, signed_in
from tests.payouts.money import Desk, answer

HOSTILE = '"><img src=x onerror=alert(1)>'
"""What somebody types who wants to run a script in a colleague's page."""


@dataclass(frozen=True)
class Address:
    """One route of the resolver with a concrete path to it."""

    name: str
    route: str
    path: str


class World:
    """A member with a filed case and its picture, a case filed at a station, money sent and answered."""

    def __init__(self) -> None:
        self.money = Desk.set_up()
        self.batch: PayoutBatch = self.money.sent(2)
        self.money.stage(answer(self.batch).bytes())
        self.owner: Member = make.member(employer=HOSTILE)
        self.case: Application = make.draft(
            self.owner, certificate={"trade": HOSTILE, "awarding_body": HOSTILE}
        )
        self.picture = _picture(self.case, member_actor(self.owner))
        with clock.at(make.DAY):
            self.case = submit(self.case, actor=member_actor(self.owner), version=self.case.version)
        self.operator: StaffUser = make.operator(Role.STATION)
        whom = make.person(employer=HOSTILE)
        self.assisted: Application = make.assisted(whom, operator_=self.operator, consent_evidence=HOSTILE)

    def member(self, **options: Any) -> Client:
        """Return the owner's browser."""
        client = signed_in(self.owner)
        return as_strict(client, **options)

    def staff(self, role: Role, **options: Any) -> Client:
        """Return the browser of somebody with this role; the station's is that of the assisted case."""
        client = Client()
        client.force_login(self.colleague(role))
        return as_strict(client, **options)

    def colleague(self, role: Role) -> StaffUser:
        """Return the one person of a role."""
        ours = {
            Role.STATION: self.operator,
            Role.FINANCE_MAKER: self.money.maker,
            Role.FINANCE_CHECKER: self.money.checker,
            Role.REVIEWER: self.money.reviewer,
        }
        return ours.get(role) or make.operator(role)

    @cached_property
    def addresses(self) -> list[Address]:
        """Return every route with a path that leads to something that is there."""
        return [Address(name, route, self._path(name, route, names)) for name, route, names in routes()]

    def _path(self, name: str, route: str, names: tuple[str, ...]) -> str:
        unnamed = {"favicon.ico": "/favicon.ico", "admin/(?P<url>.*)$": "/admin/nowhere/"}
        if name == "api-nowhere":
            return "/api/v1/nowhere/"
        if name.endswith("-"):
            return unnamed.get(route) or "/" + route.replace("<path:object_id>", "1")
        if name == "admin:app_list":
            return "/admin/payouts/"
        return reverse(name, kwargs={one: self._value(one, name) for one in names})

    def _value(self, argument: str, name: str) -> Any:
        case, picture = self.assisted if name.startswith("desk") else self.case, self.picture
        if name == "admin:review_queueitem_picture":
            return {"pk": case.pk, "public_id": picture.public_id}[argument]
        known: dict[str, Any] = {
            "public_id": case.public_id,
            "id": case.public_id,
            "attachment_id": picture.public_id,
            "ground": "skill",
            "content_type_id": 1,
            "file_pk": self.batch.files.latest("pk").pk,
        }
        return known.get(argument) or _newest(name)


def _picture(case: Application, actor: Actor) -> Attachment:
    with clock.at(make.DAY):
        return attach(case, actor=actor, kind=AttachmentKind.CERTIFICATE, upload=accept(photo()))


def ask(client: Client, method: str, path: str, **options: Any) -> Any:
    """Send a request and let go of the answer's file, if it has one."""
    response: Any = client.generic(method, path, **options)
    if response.streaming:
        request_finished.disconnect(close_old_connections)  # as Django's test client does around its own
        response.close()
        request_finished.connect(close_old_connections)
    return response


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is done inside, as Django's own test cases do: durable blocks may nest in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def as_strict(client: Client, *, csrf: bool = False, **headers: str) -> Client:
    """Let errors be answered as the site answers them; on request let CSRF be checked too."""
    client.defaults |= headers
    client.raise_request_exception = False
    client.handler.enforce_csrf_checks = csrf
    return client


def anybody(**options: Any) -> Client:
    """Return a visitor's browser."""
    return as_strict(Client(), **options)


def routes() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield name, route and argument names of everything the resolver knows."""
    yield from _below(get_resolver().url_patterns, "", "")


def _below(patterns: list[Any], space: str, before: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _below(one.url_patterns, one.namespace or space, route)
        elif isinstance(one, URLPattern):
            name = f"{space}:{one.name or '-'}" if space else one.name or "-"
            yield name, route, tuple(one.pattern.converters)


def _newest(name: str) -> int:
    """Return the key of the newest row of the model that an admin address is about, else 1."""
    app, _, rest = name.removeprefix("admin:").partition("_")
    if app not in apps.app_configs:
        return 1
    model = apps.get_model(app, rest.partition("_")[0])
    row = model._default_manager.order_by("-pk").first()
    return row.pk if row else 1
