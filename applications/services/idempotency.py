"""A repeated POST gives the first answer: key row, work and answer stand in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from applications.models import IdempotencyKey
from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, Malformed

HEADER = "Idempotency-Key"
LONGEST = 100
ONCE = "idempotencykey_once"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one actor on one route, with the digest of what was asked."""

    actor: Actor
    route: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """From what the answer is rendered, at first and again: a status and what was made."""

    status_code: int
    target: str


def read_key(
    header: str, *, actor: Actor, route: str, asked: Any, file_hashes: Sequence[str] = ()
) -> Key | None:
    """Return the key of a request, None without one; raises Malformed for a key that is none.

    The digest is keyed, since the fields hold numbers that could be guessed from a plain one.
    """
    if not header:
        return None
    if len(header) > LONGEST or not header.isascii() or not header.isprintable():
        raise Malformed(f"{HEADER} 应是不超过 {LONGEST} 个可见的英文字符。", code="bad_key", field=HEADER)
    plain = json.dumps([asked, list(file_hashes)], ensure_ascii=False, sort_keys=True, default=str)
    digest = hashlib.sha256(plain.encode()).hexdigest()
    return Key(actor, route, header, blind_index("code", f"request\0{digest}"))


def run_once(key: Key | None, work: Callable[[], Outcome]) -> Outcome:
    """Do the work, or return the outcome of the time when it was done; raises Conflict for another body.

    A refused or failed attempt leaves nothing behind and may be repeated with the same key.
    """
    if key is None:
        return work()
    first = _first(key)
    if first is not None:
        return first
    try:
        return _do(key, work)
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
    return _first(key) or _do(key, work)


def _do(key: Key, work: Callable[[], Outcome]) -> Outcome:
    """Insert the key first: a parallel twin waits at the unique index until we are done."""
    with transaction.atomic():
        row = IdempotencyKey.objects.create(**_scope(key), digest=key.digest, created_at=clock.real_now())
        outcome = work()
        row.status_code, row.target = outcome.status_code, outcome.target
        row.save(update_fields=["status_code", "target"])
    return outcome


def _first(key: Key) -> Outcome | None:
    row = IdempotencyKey.objects.filter(**_scope(key)).first()
    if row is None or row.status_code is None:
        return None
    if row.digest != key.digest:
        raise Conflict(
            f"这个 {HEADER} 已经用于另一份内容，请换一个新的键再提交。", code="KEY_REUSED", field=HEADER
        )
    return Outcome(row.status_code, row.target)


def _scope(key: Key) -> dict[str, Any]:
    return {"realm": key.actor.realm, "actor_id": key.actor.id, "route": key.route, "key": key.text}
