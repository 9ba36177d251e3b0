"""Browsers that remember every address they asked for, and every refusal they read."""

from __future__ import annotations

from typing import Any

from django.test import Client

from subsidy.accounts.models import StaffUser
from tests.accounts.people import desk_address

STAFF = ("/admin/", "/desk/", "/staff/")


class Recorder:
    """What went over the wire where it could be logged on the way."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.refusals: list[str] = []
        self.statuses: list[int] = []
        self.staff_pages: dict[str, str] = {}

    def note(self, request: dict[str, Any], response: Any) -> None:
        """Keep the request line, the referrer, where the answer leads, and the words of an error."""
        self.addresses.append(f"{request.get('PATH_INFO', '')}?{request.get('QUERY_STRING', '')}")
        self.addresses += [str(response.headers.get(name, "")) for name in ("Location", "Content-Location")]
        self.statuses.append(response.status_code)
        path, is_page = str(request.get("PATH_INFO", "")), "html" in response.headers.get("Content-Type", "")
        if is_page and request.get("REQUEST_METHOD") == "GET" and path.startswith(STAFF):
            self.staff_pages[path] = response.content.decode()
        if response.status_code >= 400 and "json" in response.headers.get("Content-Type", ""):
            self.refusals.append(response.content.decode())
        if response.status_code >= 500:
            self.refusals.append(response.content.decode())


class Browser(Client):
    """A client that tells the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(raise_request_exception=False, REMOTE_ADDR=desk_address())
        self.recorder = recorder

    def request(self, **request: Any) -> Any:
        """Send it and note it."""
        response = super().request(**request)
        self.recorder.note(request, response)
        return response

    def staffed(self, user: StaffUser) -> Browser:
        """Let a member of staff sit here."""
        self.force_login(user)
        return self
