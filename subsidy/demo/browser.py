"""A small browser on the standard library: cookies, the forms of a page, and sending them as they stand."""

from __future__ import annotations

import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Final, NamedTuple

PATIENCE: Final = 30.0
ATTACHED: Final = re.compile(r'filename="([^"]+)"')
ERROR_TEXT: Final = re.compile(
    r'<(?:p|li|div)[^>]*class="[^"]*(?:field-error|error|notice|messagelist)[^"]*"[^>]*>(.*?)</(?:p|li|div)>',
    re.DOTALL,
)
TAGS: Final = re.compile(r"<[^>]+>")


class WalkError(Exception):
    """A step did not lead where it should; the message says where it led."""


class Upload(NamedTuple):
    """A file to be sent."""

    name: str
    content: bytes
    content_type: str


@dataclass(slots=True)
class Form:
    """One form of a page with the values it would send untouched."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Return the names of everything that can be filled in."""
        return {*self.values, *self.choices}


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answered."""

    url: str
    status: int
    content: bytes
    file_name: str
    forms: tuple[Form, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the page as text."""
        return self.content.decode("utf-8", "replace")

    @property
    def path(self) -> str:
        """Return the address without its host."""
        return urllib.parse.urlsplit(self.url).path

    def form(self, *, action: str = "", name: str = "") -> Form:
        """Return the form whose action ends so, or that has a field of that name; raises WalkError."""
        for form in self.forms:
            if (action and form.action.endswith(action)) or (name and name in form.names):
                return form
        raise WalkError(f"{self.path}：页面上没有要用的表单（{action or name}）。{self.complaint}")

    def link(self, pattern: str) -> str:
        """Return the first link that fits; raises WalkError."""
        for link in self.links:
            if re.search(pattern, link):
                return link
        raise WalkError(f"{self.path}：页面上没有要用的链接（{pattern}）。{self.complaint}")

    @property
    def complaint(self) -> str:
        """Return what the page says is wrong, as far as it says so."""
        found = (" ".join(TAGS.sub(" ", part).split()) for part in ERROR_TEXT.findall(self.text))
        return " ".join(dict.fromkeys(sentence for sentence in found if sentence))[:300]


class Browser:
    """Keeps the cookies of one person."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        """Open a page; raises WalkError unless it answers 200."""
        return self._open(urllib.parse.urljoin(f"{self.base_url}/", path))

    def submit(
        self, page: Page, form: Form, values: Mapping[str, str], files: Mapping[str, Upload] | None = None
    ) -> Page:
        """Send a form of a page with some values changed; raises WalkError unless the end is a 200."""
        unknown = {*values, *(files or {})} - form.names
        if unknown:
            raise WalkError(f"{page.path}：表单没有这些栏：{'、'.join(sorted(unknown))}。")
        fields = {**form.values, **values}
        body, content_type = _multipart(fields, files) if files else _urlencoded(fields)
        target = urllib.parse.urljoin(page.url, form.action)
        headers = {"Content-Type": content_type, "Referer": page.url}
        return self._open(target, body, headers)

    def _open(self, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Page:
        if not url.startswith(("http://", "https://")):
            raise WalkError(f"不是网址：{url}")
        request = urllib.request.Request(url, body, dict(headers or {}))  # noqa: S310 - checked above
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                page = _page(answer.url, answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            page = _page(error.url or url, error.code, error.read(), error.headers)
        except OSError as error:
            raise WalkError(f"连不上 {self.base_url}：{error}") from error
        if page.status != 200:
            raise WalkError(f"{request.get_method()} {page.path} 答 {page.status}。{page.complaint}")
        return page


class _Reader(HTMLParser):
    """Collects forms and links."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of what can be followed or filled in."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._take(self._form, tag, given, {name for name, _ in attrs})

    def handle_endtag(self, tag: str) -> None:
        """Leave a form, a list or a text."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Read what stands in a large text field."""
        if self._form is not None and self._area:
            self._form.values[self._area] += data

    def _take(self, form: Form, tag: str, given: Mapping[str, str], marks: set[str]) -> None:
        name = given.get("name", "")
        if tag == "input" and given.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in marks:
                form.values[name] = given.get("value", "on")
        elif tag == "input" and given.get("type") == "file":
            form.choices.setdefault(name, [])
        elif tag == "input" and name:
            form.values[name] = given.get("value", "")
        elif tag == "button" and name:
            form.choices.setdefault(name, []).append(given.get("value", ""))
        elif tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select:
            form.choices[self._select].append(given.get("value", ""))
            if "selected" in marks:
                form.values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            form.values[name] = ""


def _page(url: str, status: int, content: bytes, headers: Message) -> Page:
    attached = ATTACHED.search(headers.get("Content-Disposition", ""))
    if not headers.get("Content-Type", "").startswith("text/html"):
        return Page(url, status, content, attached[1] if attached else "")
    reader = _Reader()
    reader.feed(content.decode("utf-8", "replace"))
    return Page(url, status, content, "", tuple(reader.forms), tuple(reader.links))


def _urlencoded(fields: Mapping[str, str]) -> tuple[bytes, str]:
    return urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _multipart(fields: Mapping[str, str], files: Mapping[str, Upload]) -> tuple[bytes, str]:
    border = secrets.token_hex(16)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, file in files.items():
        head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n'
        parts += [f"{head}Content-Type: {file.content_type}\r\n\r\n".encode(), file.content, b"\r\n"]
    return b"".join([*parts, f"--{border}--\r\n".encode()]), f"multipart/form-data; boundary={border}"
