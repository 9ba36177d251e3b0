"""What a password of the staff may not be: short, common, like its owner, or of the house's own words."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError

OWN_WORDS: Final = (
    *("administrator", "guanliyuan", "zhigong", "gonghui", "beijing", "zhutui", "shenhe", "caiwu"),
    *("password", "subsidy", "12351", "mima", "zjgh", "bjgh", "admin"),
)
LEAST_BESIDE: Final = 6
"""So many characters must be left when the house's own words are taken out."""


class LongEnough(MinimumLengthValidator):
    """At least so many characters; no rule of what kind they are."""

    def get_error_message(self) -> str:
        """Say how many are wanted."""
        return f"密码太短，至少 {self.min_length} 个字符。"


class NotLikeOwner(UserAttributeSimilarityValidator):
    """Unlike user name and name."""

    def get_error_message(self) -> str:
        """Say what it is like."""
        return "密码和工号或姓名太相似，请换一个。"


class NotCommon(CommonPasswordValidator):
    """Not among the twenty thousand that everybody tries first."""

    def get_error_message(self) -> str:
        """Say why."""
        return "这个密码太常见，别人容易猜到，请换一个。"


class NotDigitsAlone(NumericPasswordValidator):
    """Not a number: a birthday, a telephone."""

    def get_error_message(self) -> str:
        """Say why."""
        return "密码不能全是数字，请加上字母或汉字。"


class NotOurWords:
    """Not the house's own words with a year behind them."""

    def validate(self, password: str, user: object = None) -> None:
        """Refuse what is hardly more than such words."""
        rest = password.casefold()
        for word in OWN_WORDS:
            rest = rest.replace(word, "")
        if len(rest) < LEAST_BESIDE and rest != password.casefold():
            raise ValidationError(self.get_help_text(), code="password_of_our_words")

    def get_help_text(self) -> str:
        """Say what to leave out."""
        return "密码不能只由“工会”“北京”“管理员”一类的拼音和几位数字组成，请换一个。"
