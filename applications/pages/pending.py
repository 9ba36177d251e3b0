"""What a browser has typed but not filed yet, kept sealed in its session (A2)."""

from __future__ import annotations

import base64
import json
from typing import Any

from django.http import HttpRequest

from subsidy.crypto import Unreadable, new_data_key, open_data_key, seal, unseal

CONTEXT = "session.pending"


def keep(request: HttpRequest, name: str, value: Any) -> None:
    """Keep a value for this browser until it is fetched, forgotten or the session ends."""
    key, wrapped = new_data_key()
    sealed = seal(key, json.dumps(value).encode(), CONTEXT)
    request.session[name] = [wrapped, base64.b64encode(sealed).decode()]


def kept(request: HttpRequest, name: str) -> Any:
    """Return the kept value; None when there is none, or its key is gone."""
    try:
        wrapped, sealed = request.session[name]
        return json.loads(unseal(open_data_key(wrapped), base64.b64decode(sealed), CONTEXT))
    except (KeyError, ValueError, Unreadable):
        return None


def forget(request: HttpRequest, name: str) -> None:
    """Drop a kept value."""
    request.session.pop(name, None)
