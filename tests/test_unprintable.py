"""What cannot be printed, typed into any search or filter, finds nothing and breaks nothing."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests import make

TERMS = ["\0", "a\0b", "\u202e", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\n"]
LISTS = sorted(
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
)

pytestmark = pytest.mark.django_db


def auditor() -> Client:
    """Return a browser of the one role that reads every list."""
    client = Client()
    client.force_login(make.staff("auditor"))
    return client


@pytest.mark.parametrize("address", LISTS)
def test_a_list_of_the_back_office_takes_any_search(address: str) -> None:
    client = auditor()
    for term in TERMS:
        assert client.get(address, {"q": term}).status_code in {200, 302}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_of_the_back_office_takes_any_filter(address: str) -> None:
    client = auditor()
    model_admin = next(
        one
        for model, one in admin.site._registry.items()
        if address.endswith(f"/{model._meta.app_label}/{model._meta.model_name}/")
    )
    names = [one for one in model_admin.list_filter if isinstance(one, str)]
    for name in [*(f"{one}__exact" for one in names), "after", "o", "p", "view", "received"]:
        assert client.get(address, {name: "\0"}).status_code in {200, 302, 400}, name


@pytest.mark.parametrize("term", TERMS)
def test_the_desks_list_takes_any_search(term: str) -> None:
    client = Client()
    client.force_login(make.operator("station"))
    assert client.get("/desk/cases/", {"q": term}).status_code == 200
