"""How often something may be asked: counted in real time by Redis, for all processes together."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from redis import Redis, RedisError

logger = logging.getLogger(__name__)
SPACE = "limit"  # before every key; each test counts in a space of its own
PATIENCE = 2  # seconds; a limit must not hold up the request that it guards


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a minute. Without Redis nothing is counted: then all are let in, or nobody if `closed`."""

    name: str
    a_minute: int
    closed: bool = False

    @property
    def window(self) -> int:
        """Return the seconds after which counting begins anew."""
        return 60


# What guesses at secrets is counted in the database as well (codes, passwords), so a lost Redis may let
# callers in there; and rather all members filing uncounted than nobody filing on the last day. Only who
# searches for people by number stands before no other fence: without a count nobody searches.
OPEN = Limit("open", 240)
SCHEMA = Limit("schema", 30)
CODE = Limit("code", 60)
MEMBER = Limit("member", 240)
WRITING = Limit("writing", 240)
UPLOAD = Limit("upload", 30)
EXPORT = Limit("export", 30)
SEARCH = Limit("search", 120, closed=True)


def wait(limit: Limit, who: str) -> int:
    """Count one request of somebody; return the seconds to wait, 0 when it may go on."""
    key = f"{SPACE}:{limit.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    try:
        with _redis(settings.REDIS_URL).pipeline(transaction=True) as steps:
            steps.set(key, 0, ex=limit.window, nx=True)
            steps.incr(key)
            steps.ttl(key)
            _, count, left = steps.execute()
    except RedisError:
        logger.warning("redis is out of reach, requests of kind %s are not counted", limit.name)
        return limit.window if limit.closed else 0
    return 0 if count <= limit.a_minute else max(1, left)


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
