"""The shipped districts."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from subsidy.accounts.models import District
from subsidy.accounts.services import load_districts

pytestmark = pytest.mark.django_db


def test_all_districts_of_the_city_and_the_development_area_are_shipped() -> None:
    assert load_districts() == 17
    assert District.objects.get(code="110108").name == "海淀区"
    assert District.objects.filter(name="北京经济技术开发区").exists()


def test_loading_twice_changes_nothing_and_mends_a_name() -> None:
    load_districts()
    District.objects.filter(code="110101").update(name="旧名")
    call_command("load_districts")
    assert District.objects.count() == 17
    assert District.objects.get(code="110101").name == "东城区"
