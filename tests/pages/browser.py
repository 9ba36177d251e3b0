"""A member at a browser, and what stands on the page they get."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from applications.models import Application
from review.services import approve, reject, return_for_correction, take
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.services.sessions import MEMBER_EPOCH, MEMBER_ID
from subsidy.notices.models import Notice
from tests import make

REMARKS = {"awarding_body": "请按证书写全称。", "picture": "照片右下角没拍到。"}


def signed_in(member: Member) -> Client:
    """Return a browser in which the member has signed in."""
    client = Client()
    session = client.session
    session[MEMBER_ID], session[MEMBER_EPOCH] = member.pk, member.session_epoch
    session.save()
    return client


def text_of(response: Any) -> str:
    """Return the page."""
    return str(response.content.decode())


def error_at(response: Any, field: str) -> str:
    """Return the sentence under a field; empty when there is none."""
    found = re.search(rf'id="error_{field}">.*?错误：</span>(.*?)</span>', text_of(response), re.S)
    return found.group(1) if found else ""


def summary(response: Any) -> list[str]:
    """Return the lines of the error summary."""
    block = re.search(r'id="error-summary".*?</ul>', text_of(response), re.S)
    return re.findall(r"<li>(?:<a[^>]*>)?(.*?)(?:</a>)?</li>", block.group(0)) if block else []


def title(response: Any) -> str:
    """Return the h1 without its marks."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text_of(response), re.S)
    return re.sub(r"<[^>]+>", "", found.group(1)).strip() if found else ""


def last_code() -> str:
    """Return the digits of the last code sent."""
    body = Notice.objects.filter(template="sign_in_code").latest("id").body
    found = re.search(r"验证码 (\d{6})", body)
    return found.group(1) if found else ""


def photo(colour: str = "white", name: str = "证书.jpg") -> SimpleUploadedFile:
    """Return a small picture as a phone sends it."""
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def certificate(n: int, **changes: str) -> dict[str, str]:
    """Return the second step filled in for a level-2 certificate."""
    return {
        "level": "2",
        "certificate_number": make.certificate_number(n, "2"),
        "issued_on_year": "2023",
        "issued_on_month": "9",
        "issued_on_day": "12",
        "trade": "汽车装调工",
        "awarding_body": "北京市职业技能鉴定管理中心",
        "then": "next",
    } | changes


def decide(case: Application, what: str, reviewer: StaffUser | None = None, **given: Any) -> Application:
    """Let a reviewer approve, return or reject a case on the day of the tests."""
    reviewer = reviewer or make.staff("reviewer")
    deeds: dict[str, tuple[Any, dict[str, Any]]] = {
        "approve": (approve, {}),
        "return": (return_for_correction, {"remarks": REMARKS}),
        "reject": (reject, {"reasons": ["CERTIFICATE_NOT_FOUND"]}),
    }
    deed, usual = deeds[what]
    with clock.at(make.DAY):
        take(case, reviewer=reviewer)
        deed(case, reviewer=reviewer, version=case.version, **(usual | given))
    case.refresh_from_db()
    return case


def begun(person: Member | None = None) -> tuple[Client, Application]:
    """Return a browser and the empty draft begun in it."""
    client = signed_in(person or make.member())
    client.post("/apply/applicant/", {"employer": "北京样例公交维修有限公司", "then": "next"})
    return client, Application.objects.get()


def step(client: Client, case: Application, name: str, **fields: Any) -> Any:
    """Send one step with the version that its page shows."""
    case.refresh_from_db()
    return client.post(f"/applications/{case.public_id}/{name}/", {"version": case.version, **fields})


def ready(n: int = 7) -> tuple[Client, Application]:
    """Return a browser and a draft that only waits to be submitted."""
    client, case = begun()
    step(client, case, "certificate", **certificate(n))
    step(client, case, "card", card_number=make.card_number(n), then="next")
    case.refresh_from_db()
    return client, case
