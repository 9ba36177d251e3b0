"""Values open only where they belong, keys can be exchanged, and nothing is searched but by digest."""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.test.utils import isolate_apps
from pytest_django.fixtures import Settings

from subsidy import crypto
from subsidy.notices.models import Notice
from subsidy.notices.services import enqueue

MOBILE = "13800006620"
OLD, NEW = ("k1", b"a" * 32), ("k2", b"b" * 32)


@pytest.fixture
def keys(settings: Settings) -> Settings:
    settings.FIELD_KEYS = [OLD]
    return settings


def _notice(mobile: str = MOBILE) -> Notice:
    return enqueue("withdrawn", mobile=mobile, member_id=1, context={"number": "ZT2024-0000001-C"})


def _stored(notice: Notice, column: str = "mobile") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM notices_notice WHERE id = %s", [notice.pk])
        return cursor.fetchone()[0]


@pytest.mark.req("A2")
@pytest.mark.django_db
def test_the_database_holds_the_key_id_and_no_plain_text(keys: Settings) -> None:
    stored = _stored(_notice())
    assert stored.startswith("k1$")
    assert MOBILE not in stored


@pytest.mark.django_db
def test_a_value_comes_back_as_it_was_written() -> None:
    assert Notice.objects.get(pk=_notice().pk).mobile == MOBILE


@pytest.mark.django_db
def test_rare_characters_survive() -> None:
    assert Notice.objects.get(pk=_notice("䶮㛃𬎆·Ａ").pk).mobile == "䶮㛃𬎆·Ａ"


@pytest.mark.django_db
def test_an_empty_text_is_encrypted_too() -> None:
    notice = _notice("")
    assert len(_stored(notice)) > 20
    assert Notice.objects.get(pk=notice.pk).mobile == ""


@pytest.mark.django_db
def test_the_same_text_is_never_stored_alike() -> None:
    assert _stored(_notice()) != _stored(_notice())


@pytest.mark.django_db
def test_update_and_bulk_update_encrypt_as_save_does() -> None:
    notice = _notice()
    Notice.objects.filter(pk=notice.pk).update(mobile="13900000001")
    assert "13900000001" not in _stored(notice)
    notice.mobile = "13900000002"
    Notice.objects.bulk_update([notice], ["mobile"])
    assert "13900000002" not in _stored(notice)
    assert Notice.objects.get(pk=notice.pk).mobile == "13900000002"


@pytest.mark.django_db
def test_a_value_moved_to_another_field_does_not_open() -> None:
    notice = _notice()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_notice SET body = mobile WHERE id = %s", [notice.pk])
    with pytest.raises(crypto.Unreadable, match=r"notices\.notice\.body"):
        Notice.objects.get(pk=notice.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("damaged", ["k1$AAAA", "k1$not base64", "plain 13800006620", "k9$AAAA", ""])
def test_a_damaged_value_is_refused_without_repeating_it(damaged: str, keys: Settings) -> None:
    notice = _notice()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_notice SET mobile = %s WHERE id = %s", [damaged, notice.pk])
    with pytest.raises(crypto.Unreadable) as caught:
        Notice.objects.get(pk=notice.pk)
    assert "13800006620" not in str(caught.value)


@pytest.mark.django_db
def test_a_value_that_is_no_text_is_refused_without_repeating_it() -> None:
    with pytest.raises(TypeError) as caught:
        Notice.objects.filter(pk=_notice().pk).update(mobile=13800006620)
    assert "13800006620" not in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["mobile", "mobile__startswith", "mobile__in", "mobile__lower__contains"])
def test_a_lookup_is_refused_and_points_to_the_digest(lookup: str) -> None:
    with pytest.raises(FieldError, match="digest"):
        Notice.objects.filter(**{lookup: [MOBILE] if lookup.endswith("in") else MOBILE}).exists()


@pytest.mark.django_db
def test_asking_whether_a_value_is_there_is_allowed() -> None:
    notice = _notice()
    assert Notice.objects.filter(mobile__isnull=False).get() == notice


@isolate_apps("subsidy.notices")
def test_a_unique_encrypted_column_is_a_system_check_error() -> None:
    class Careless(models.Model):
        secret = crypto.EncryptedTextField(unique=True)

        class Meta:
            app_label = "notices"

    assert "crypto.E001" in [found.id for found in Careless._meta.get_field("secret").check()]


@pytest.mark.django_db
def test_rotation_moves_every_value_to_the_current_key_and_counts_it_once(keys: Settings) -> None:
    notices = [_notice() for _ in range(5)]
    keys.FIELD_KEYS = [NEW, OLD]
    assert crypto.rotate(Notice.objects.all(), "mobile", batch=2) == 5
    assert crypto.rotate(Notice.objects.all(), "mobile", batch=2) == 0
    keys.FIELD_KEYS = [NEW]
    assert Notice.objects.values_list("mobile", flat=True).filter(pk=notices[0].pk).get() == MOBILE


@pytest.mark.django_db
def test_after_rotation_the_old_key_alone_opens_nothing(keys: Settings) -> None:
    notice = _notice()
    keys.FIELD_KEYS = [NEW, OLD]
    crypto.rotate(Notice.objects.all(), "mobile")
    keys.FIELD_KEYS = [OLD]
    with pytest.raises(crypto.Unreadable):
        Notice.objects.get(pk=notice.pk)


@pytest.fixture
def data_key(keys: Settings) -> tuple[bytes, str]:
    return crypto.new_data_key()


def test_a_data_key_seals_bytes_for_one_context_only(data_key: tuple[bytes, str]) -> None:
    sealed = crypto.seal(data_key[0], b"exact bytes", "file 1")
    assert b"exact bytes" not in sealed
    assert crypto.unseal(data_key[0], sealed, "file 1") == b"exact bytes"
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(data_key[0], sealed, "file 2")


def test_sealed_bytes_changed_by_one_bit_do_not_open(data_key: tuple[bytes, str]) -> None:
    sealed = bytearray(crypto.seal(data_key[0], b"exact bytes", "file 1"))
    for place in range(len(sealed)):
        sealed[place] ^= 1
        with pytest.raises(crypto.Unreadable):
            crypto.unseal(data_key[0], bytes(sealed), "file 1")
        sealed[place] ^= 1


def test_rewrapping_changes_the_wrapper_and_not_the_key(data_key: tuple[bytes, str], keys: Settings) -> None:
    raw, wrapped = data_key
    keys.FIELD_KEYS = [NEW, OLD]
    again = crypto.rewrap(wrapped)
    keys.FIELD_KEYS = [NEW]
    assert again.startswith("k2$")
    assert crypto.open_data_key(again) == raw


def test_a_data_key_without_its_field_key_does_not_open(data_key: tuple[bytes, str], keys: Settings) -> None:
    keys.FIELD_KEYS = [NEW]
    with pytest.raises(crypto.Unreadable):
        crypto.open_data_key(data_key[1])


@pytest.mark.req("A2")
def test_a_digest_depends_on_kind_value_and_key(settings: Settings) -> None:
    settings.BLIND_INDEX_KEY = b"c" * 32
    digest = crypto.blind_index("mobile", MOBILE)
    assert digest == crypto.blind_index("mobile", MOBILE)
    assert len(digest) == 64
    assert digest != crypto.blind_index("card", MOBILE)
    assert digest != crypto.blind_index("mobile", "13800006621")
    settings.BLIND_INDEX_KEY = b"d" * 32
    assert digest != crypto.blind_index("mobile", MOBILE)


@pytest.mark.parametrize(("kind", "value"), [("email", "a"), ("mobile", "")])
def test_an_unknown_kind_or_an_empty_value_has_no_digest(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        crypto.blind_index(kind, value)
