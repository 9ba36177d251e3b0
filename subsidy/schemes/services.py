"""Loading and publishing schemes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, Malformed
from subsidy.schemes.models import Scheme


def read_definition(path: Path) -> dict[str, Any]:
    """Read a scheme's TOML file; raises Malformed with what is wrong and where."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Malformed(f"找不到方案文件 {path.name}，请核对路径。", code="NO_FILE") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Malformed(f"方案文件 {path.name} 不是合法的 TOML：{error}", code="BAD_TOML") from error


def load_scheme(mapping: dict[str, Any], *, actor: Actor, publish: bool = False) -> tuple[Scheme, bool]:
    """Store one year's definition; return it and whether anything changed.

    Raises Malformed for a bad definition and Conflict when a published scheme would change (P3).
    """
    with transaction.atomic():
        fresh = Scheme()
        try:
            fresh.set_definition(mapping)
        except ValueError as error:
            raise Malformed(f"方案内容有误：{error}", code="BAD_SCHEME") from error
        scheme = Scheme.objects.select_for_update().filter(year=fresh.year).first() or fresh
        unchanged = scheme.pk is not None and scheme.fingerprint == fresh.fingerprint
        if unchanged and (scheme.status == Scheme.Status.PUBLISHED or not publish):
            return scheme, False
        if scheme.status == Scheme.Status.PUBLISHED:
            raise Conflict(f"{scheme.year} 年度方案已发布，内容不能再改。", code="SCHEME_PUBLISHED")
        scheme.set_definition(mapping)
        if publish:
            scheme.status, scheme.published_at = Scheme.Status.PUBLISHED, clock.now()
        scheme.save()
        data = {"year": scheme.year, "fingerprint": scheme.fingerprint, "published": publish}
        record("scheme.load", actor=actor, target=f"scheme:{scheme.pk}", data=data)
    return scheme, True
