"""Do the loaded keys open what is stored: encrypted columns, wrapped data keys and digests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings

from payouts.models import DataKey
from subsidy.apps.upkeep.custody.columns import UNSEALED, Column, encrypted_columns
from subsidy.apps.upkeep.custody.report import Report
from subsidy.crypto import Unreadable, open_data_key

NOT_LOADED = (
    "FIELD_KEYS 里没有编号为 {key} 的密钥，用它加密的 {total} 个值打不开。"
    "请从密钥备份中找出 {key}，加到 FIELD_KEYS。"
)
WRONG_KEY = (
    "FIELD_KEYS 里的 {key} 不是当初加密的那一把（{total} 个值都打不开）。请从密钥备份中找出原来的 {key}。"
)
DAMAGED = "有些值用 {key} 打不开，别的值都打得开：备份损坏，或有人改动过。请换一份备份。"
PLAIN = "有些值不是密文：有人绕过系统写过库。请查明来源。"
WRONG_DIGEST_KEY = (
    "BLIND_INDEX_KEY 不是当初的那一把（抽查的 {total} 个摘要全部不符）：按号码查不到人，也拦不住重复申报。"
    "请从密钥备份中找出原来的 BLIND_INDEX_KEY；找回之前不要开放服务。"
)
DIGESTS_DIFFER = "有些摘要与解密后的值不符：按这些号码会查不到人。请换一份备份，或查明是谁改过。"
EMPTY = "库里没有任何加密的数据，无从核对。请确认 DATABASE_URL 指向恢复后的数据库。"


@dataclass
class Tally:
    """How many were right, and which were not."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)


def check_keys(report: Report, limit: int | None) -> None:
    """Open a sample of every encrypted column and every data key, and compare the digests."""
    by_key: dict[str, Tally] = defaultdict(Tally)
    digests = Tally()
    for column in encrypted_columns():
        for key_id, total in column.key_ids().items():
            report.keys[key_id] = report.keys.get(key_id, 0) + total
            _try_values(column, key_id, limit, by_key[key_id], digests)
    _try_data_keys(report, by_key)
    report.count("values", sum(tally.right + len(tally.wrong) for tally in by_key.values()))
    report.count("digests", digests.right + len(digests.wrong))
    for key_id, tally in sorted(by_key.items()):
        _judge_key(report, key_id, tally)
    _judge_digests(report, digests)
    if not by_key:
        report.add("empty", EMPTY)


def _try_values(column: Column, key_id: str, limit: int | None, tally: Tally, digests: Tally) -> None:
    for value in column.values(key_id, limit):
        try:
            plain = column.opened(value)
        except Unreadable:
            tally.wrong.append(column.row(value.pk))
            continue
        tally.right += 1
        if column.digest and column.agrees(value, plain):
            digests.right += 1
        elif column.digest:
            digests.wrong.append(column.row(value.pk))


def _try_data_keys(report: Report, by_key: dict[str, Tally]) -> None:
    for row in DataKey.objects.order_by("pk"):
        key_id = row.wrapped.partition("$")[0] if "$" in row.wrapped else UNSEALED
        report.keys[key_id] = report.keys.get(key_id, 0) + 1
        report.count("data_keys")
        try:
            open_data_key(row.wrapped)
            by_key[key_id].right += 1
        except Unreadable:
            by_key[key_id].wrong.append(f"payouts.datakey:{row.pk}")


def _judge_key(report: Report, key_id: str, tally: Tally) -> None:
    if not tally.wrong:
        return
    total = report.keys[key_id]
    if key_id == UNSEALED:
        report.add("value", PLAIN, tally.wrong)
    elif key_id not in dict(settings.FIELD_KEYS):
        report.add("field-key", NOT_LOADED.format(key=key_id, total=total), tally.wrong)
    elif not tally.right:
        report.add("field-key", WRONG_KEY.format(key=key_id, total=total), tally.wrong)
    else:
        report.add("value", DAMAGED.format(key=key_id), tally.wrong)


def _judge_digests(report: Report, digests: Tally) -> None:
    if digests.wrong and not digests.right:
        report.add("digest-key", WRONG_DIGEST_KEY.format(total=len(digests.wrong)), digests.wrong)
    elif digests.wrong:
        report.add("digest", DIGESTS_DIFFER, digests.wrong)
