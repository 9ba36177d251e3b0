"""What staff type into the desk's forms on the tour."""

from __future__ import annotations

from tests import make


def typed_person(n: int) -> dict[str, str]:
    """Return the person of a form."""
    return {
        "name": "李秀英",
        "resident_id": make.resident_id(n),
        "mobile": make.mobile(n),
        "card_number": make.card_number(n, "621499"),
        "employer": "北京样例机床厂",
    }


def typed_certificate(n: int) -> dict[str, str]:
    """Return an eligible level-2 certificate."""
    return {
        "level": "2",
        "certificate_number": make.certificate_number(n, "2"),
        "issued_on_year": "2023",
        "issued_on_month": "9",
        "issued_on_day": "12",
        "trade": "汽车装调工",
        "awarding_body": "北京市职业技能鉴定管理中心",
    }


def typed_annex(n: int) -> dict[str, str]:
    """Return the certificate half of annex 1."""
    return {
        "grade": "social_worker",
        "registration_number": f"2023110{n:011d}",
        "approved_on_year": "2023",
        "approved_on_month": "10",
        "approved_on_day": "20",
        "issuing_authority": "北京市人力资源和社会保障局",
    }
