"""rotate_field_keys moves every encrypted value and data key under the current key, and nothing else."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as configured
from django.core.management import CommandError, call_command

from subsidy.accounts import totp
from subsidy.accounts.roles import Role
from subsidy.accounts.services.second_factor import bind_second_factor, totp_secret
from subsidy.apps.upkeep.custody.check import check_backup
from subsidy.apps.upkeep.custody.columns import encrypted_columns
from subsidy.audit.models import AuditRow
from tests import make
from tests.accounts import people
from tests.custody import year

NEW = ("k2", b"the new field key, thirty-two by")

pytestmark = pytest.mark.django_db


def rotate() -> dict[str, Any]:
    out = StringIO()
    call_command("rotate_field_keys", json=True, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.req("A2", "A8")
def test_after_rotation_the_old_key_is_no_longer_needed(settings: Any) -> None:
    year.begun()
    settings.FIELD_KEYS = [NEW, *configured.FIELD_KEYS]
    assert rotate()["key"] == "k2"
    settings.FIELD_KEYS = [NEW]
    report = check_backup()
    assert report.findings == []
    assert set(report.keys) == {"k2"}


def test_every_column_that_holds_values_is_moved_and_counted(settings: Any) -> None:
    year.begun()
    settings.FIELD_KEYS = [NEW, *configured.FIELD_KEYS]
    held = {column.label: sum(column.key_ids().values()) for column in encrypted_columns()}
    moved = rotate()["moved"]
    assert moved.pop("payouts.datakey.wrapped") == 2
    assert moved == {place: count for place, count in held.items() if count}


@pytest.mark.req("A2", "A4")
def test_second_factors_are_moved_and_checked_with_the_rest(settings: Any) -> None:
    user = people.staff("reviewer", Role.REVIEWER)
    codes = bind_second_factor(user, secret := totp.new_secret())
    settings.FIELD_KEYS = [NEW, *configured.FIELD_KEYS]
    moved = rotate()["moved"]
    assert (moved["mfa.authenticator.secret"], moved["mfa.authenticator.seed"]) == (1, 1)
    settings.FIELD_KEYS = [NEW]
    assert totp_secret(user) == secret
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes
    assert check_backup().findings == []
    settings.FIELD_KEYS = [("k9", b"another key of thirty-two bytes!")]
    assert {finding.check for finding in check_backup().findings} == {"field-key"}


@pytest.mark.req("A2")
@pytest.mark.usefixtures("as_application")
def test_the_application_itself_may_rotate_and_check(settings: Any) -> None:
    make.scheme()
    make.card_holder(make.member())
    settings.FIELD_KEYS = [NEW, *configured.FIELD_KEYS]
    assert rotate()["moved"]
    settings.FIELD_KEYS = [NEW]
    assert check_backup().findings == []


def test_a_second_rotation_moves_nothing_and_leaves_no_trace(settings: Any) -> None:
    make.member()
    settings.FIELD_KEYS = [NEW, *configured.FIELD_KEYS]
    assert rotate()["moved"]
    assert rotate()["moved"] == {}
    assert AuditRow.objects.filter(action="keys.rotate").count() == 1


def test_a_value_whose_key_is_gone_stops_the_rotation(settings: Any) -> None:
    person = make.member()
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match="保留旧密钥"):
        call_command("rotate_field_keys")
    assert person.pk
    assert not AuditRow.objects.filter(action="keys.rotate").exists()
