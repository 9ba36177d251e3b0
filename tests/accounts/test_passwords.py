"""Which passwords the staff may not choose, each refusal in words."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from subsidy.accounts.models import StaffUser
from subsidy.demo.offices import PASSWORD

pytestmark = pytest.mark.req("A4")

USER = StaffUser(username="wangxiulan88", display_name="王秀兰审核员样例")


def refusals(password: str) -> str:
    try:
        validate_password(password, USER)
    except ValidationError as refusal:
        return "".join(refusal.messages)
    return ""


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("seven77", "至少 10 个字符"),
        ("19850612001", "不能全是数字"),
        ("1q2w3e4r5t", "太常见"),
        ("wangxiulan8", "工号或姓名太相似"),
        ("王秀兰审核员样例的", "工号或姓名太相似"),
        ("gonghui12351", "只由“工会”"),
        ("Beijing-2024", "只由“工会”"),
        ("ADMIN@zhutui1", "只由“工会”"),
    ],
)
def test_a_guessable_password_is_refused_with_the_reason(password: str, words: str) -> None:
    assert words in refusals(password)


@pytest.mark.parametrize(
    "password",
    [
        "three-quiet-herons",
        "春天的北京下了一场小雨呢",
        "a" * 8 + "bcdefgh" * 10,
        "我 爱 吃 炸 酱 面",
        PASSWORD,
    ],
)
def test_a_long_sentence_of_any_kind_will_do(password: str) -> None:
    assert refusals(password) == ""
