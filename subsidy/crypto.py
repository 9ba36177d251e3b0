"""The only file that touches keys: encrypted fields, the envelope of immutable rows, and keyed digests."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache
from typing import Any, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError
from django.db import models, transaction
from django.db.models.functions import Cast

NONCE_BYTES = 12
KEY_BYTES = 32
DATA_KEY_CONTEXT = "data-key"
DIGEST_KINDS = frozenset({"resident_id", "mobile", "card", "code"})


class Unreadable(ValueError):
    """A sealed value does not open: wrong key, wrong place or altered bytes; it never carries the value."""


def current_key_id() -> str:
    """Name the key that encrypts from now on."""
    return settings.FIELD_KEYS[0][0]


def new_data_key() -> tuple[bytes, str]:
    """Make a data key for one immutable row: (raw bytes, wrapped text to keep in the table)."""
    raw = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
    return raw, _wrap(raw, DATA_KEY_CONTEXT)


def open_data_key(wrapped: str) -> bytes:
    """Return the raw data key; `Unreadable` when its field key is gone."""
    return _unwrap(wrapped, DATA_KEY_CONTEXT)


def rewrap(wrapped: str) -> str:
    """Wrap the same data key under the current field key."""
    return _wrap(open_data_key(wrapped), DATA_KEY_CONTEXT)


def seal(data_key: bytes, data: bytes, context: str) -> bytes:
    """Encrypt bytes under a data key; `context` must be given again to open them."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(data_key).encrypt(nonce, data, context.encode())


def unseal(data_key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal` made; `Unreadable` on another key, another context or altered bytes."""
    sealed = bytes(sealed)
    try:
        return _cipher(data_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise Unreadable(f"sealed value of {context} cannot be opened") from None


def seal_text(text: str, context: str) -> str:
    """Encrypt a text that lies in no field of ours; `context` must be given again to open it."""
    return _wrap(text.encode(), context)


def open_text(sealed: str, context: str) -> str:
    """Decrypt what `seal_text` made; `Unreadable` on another key, another context or altered text."""
    return _unwrap(sealed, context).decode()


def blind_index(kind: str, value: str) -> str:
    """Return the keyed digest (64 hex) by which an already normalised value is found and kept unique."""
    if kind not in DIGEST_KINDS:
        raise ValueError(f"unknown kind of digest: {kind}")
    if not value:
        raise ValueError(f"an empty {kind} has no digest")
    return hmac.digest(settings.BLIND_INDEX_KEY, f"{kind}\0{value}".encode(), "sha256").hex()


def rotate(queryset: models.QuerySet[Any], name: str, *, batch: int = 500) -> int:
    """Re-encrypt the values of one encrypted field that lie under an older key; return how many."""
    done = 0
    while changed := _rotate_some(queryset, name, batch):
        done += changed
    return done


def _rotate_some(queryset: models.QuerySet[Any], name: str, batch: int) -> int:
    stale = (
        queryset.filter(**{f"{name}__isnull": False})
        .annotate(sealed_text=Cast(name, models.TextField()))
        .exclude(sealed_text__startswith=f"{current_key_id()}$")
        .order_by("pk")
    )
    with transaction.atomic():
        rows = list(stale.select_for_update(of=("self",))[:batch])
        queryset.model._base_manager.bulk_update(rows, [name])
    return len(rows)


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _wrap(data: bytes, context: str) -> str:
    kid, key = settings.FIELD_KEYS[0]
    return f"{kid}${base64.b64encode(seal(key, data, context)).decode()}"


def _unwrap(text: str, context: str) -> bytes:
    kid, _, body = text.partition("$")
    key = dict(settings.FIELD_KEYS).get(kid)
    if key is None:
        raise Unreadable(f"value of {context} names a key that is not loaded")
    try:
        sealed = base64.b64decode(body, validate=True)
    except binascii.Error:
        raise Unreadable(f"value of {context} is not sealed text") from None
    return unseal(key, sealed, context)


class EncryptedTextField(models.TextField):
    """Text kept as `kid$base64(nonce + ciphertext)` and bound to its app, model and field."""

    description = "加密文本"

    @property
    def context(self) -> str:
        """The place a value belongs to; a value moved to another field does not open."""
        meta = self.model._meta
        return f"{meta.app_label}.{meta.model_name}.{self.name}"

    def get_prep_value(self, value: Any) -> str | None:
        value = models.Field.get_prep_value(self, value)
        if value is None or isinstance(value, str):
            return value
        raise TypeError(f"{self.context} takes text only")

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            return value
        text = self.get_prep_value(value)
        return None if text is None else _wrap(text.encode(), self.context)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else _unwrap(value, self.context).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else self._refuse(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        self._refuse(lookup_name)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):
            found.append(
                checks.Error("加密字段不能建索引或唯一约束", hint="改用摘要列", obj=self, id="crypto.E001")
            )
        return found

    def _refuse(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted: no '{lookup_name}' lookup, search by its digest column")
