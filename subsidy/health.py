"""Is the process alive, and can it work: the two addresses a supervisor asks."""

from __future__ import annotations

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from subsidy.database_roles import advice, shortcoming

log = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2).ping()


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise DatabaseError("有未执行的迁移")


def _application_role() -> None:
    if found := shortcoming():
        raise DatabaseError(found)


PARTS: dict[str, Callable[[], None]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
    "app_role": _application_role,
}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process serves."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200, or 503 naming the parts that fail; what to run is told to the log, not to strangers."""
    failing = [name for name, check in PARTS.items() if not _works(name, check)]
    return JsonResponse(
        {"status": "unready" if failing else "ready", "failing": failing}, status=503 if failing else 200
    )


def _works(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except (DatabaseError, redis.RedisError, OSError) as error:
        log.warning("%s: %s", name, advice(error) or error)
        return False
    return True
