"""Somebody at the desk, and what they type there."""

from __future__ import annotations

from typing import Any

from django.test import Client

from subsidy.accounts.models import StaffUser
from tests import make
from tests.pages.browser import certificate


def at_desk(operator: StaffUser) -> Client:
    """Return a browser in which a member of staff has signed in."""
    client = Client()
    client.force_login(operator)
    return client


def typed_person(n: int, **changes: str) -> dict[str, str]:
    """Return the person of a form."""
    return {
        "name": "李秀英",
        "resident_id": make.resident_id(n),
        "mobile": make.mobile(n),
        "card_number": make.card_number(n),
        "employer": "北京样例机床厂",
    } | changes


def typed_filing(n: int, **changes: str) -> dict[str, str]:
    """Return the first page of an assisted filing, filled in."""
    return typed_person(n) | certificate(n) | changes


def typed_consent(version: int, **changes: str) -> dict[str, str]:
    """Return the second page of an assisted filing, filled in."""
    given = {"read": "1", "way": "电话录音", "evidence": "20240618-0013", "version": str(version)}
    return given | changes


def typed_dossier(n: int = 0, **changes: Any) -> dict[str, Any]:
    """Return the papers of the day of the tests, all copies ticked; with n the fields of annex 1."""
    papers = {
        "received_on_year": "2024",
        "received_on_month": "6",
        "received_on_day": "18",
        "has_id_front": "1",
        "has_id_back": "1",
        "has_card": "1",
        "has_certificate": "1",
        "shelf_mark": "A-03",
    }
    return papers | (typed_person(n) | typed_annex(n) if n else {}) | changes


def typed_annex(n: int, **changes: str) -> dict[str, str]:
    """Return the certificate half of annex 1."""
    return {
        "grade": "social_worker",
        "registration_number": f"2023110{n:011d}",
        "approved_on_year": "2023",
        "approved_on_month": "10",
        "approved_on_day": "20",
        "issuing_authority": "北京市人力资源和社会保障局",
    } | changes
