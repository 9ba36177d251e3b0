"""Identity numbers, mobiles, union-card numbers and names: their form, their check and their mask (E11)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from subsidy.rules.folding import MIDDLE_DOT, fold_dots, fold_name, fold_width
from subsidy.rules.numbers import mod_11_2
from subsidy.rules.scheme_parts import CardRule
from subsidy.rules.terms import Strictness

_RESIDENT_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD_FOREIGN = re.compile(r"[A-Z]{3}[0-9]{12}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_COUNTRY_CODE = re.compile(r"^(?:\+|00)?86(?=1[0-9]{10}$)")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200d\ufeff]")
_HAN = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD))
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
_NAME_MARKS = frozenset("- \u3000")
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})


class InvalidValue(ValueError):
    """A value that cannot be taken, with the Chinese sentence that says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def normalise_resident_id(text: str) -> str:
    """Fold width, drop spaces and hyphens, write X in upper case."""
    return _compact(text).upper()


def check_resident_id(text: str, *, today: date) -> str:
    """Return the normalised identity number (GB 11643); raises InvalidValue.

    Residence permits of Hong Kong, Macao and Taiwan (81, 82, 83) and foreign permanent residents'
    numbers beginning with 9 follow the same rule; no area code is ever refused.
    """
    number = normalise_resident_id(text)
    if len(number) == 15 and _is_digits(number):
        raise InvalidValue("证件号码是 15 位的旧号，已停止使用。请填写现在身份证上的 18 位号码。")
    if _OLD_FOREIGN.fullmatch(number):
        raise InvalidValue("证件号码是旧版永久居留证的号码，网上不能受理。请到服务站或拨打 12351 办理。")
    if len(number) != 18:
        raise InvalidValue(f"证件号码应为 18 位，您填了 {len(number)} 位。请对照证件核对。")
    if not _RESIDENT_ID.fullmatch(number):
        raise InvalidValue("证件号码应为 17 位数字加 1 位数字或 X，首位不是 0。请对照证件核对。")
    _check_birth_date(number, today)
    if mod_11_2(number[:17]) != number[17]:
        raise InvalidValue("证件号码的最后一位对不上，可能有一位填错。请对照证件逐位核对。")
    return number


def birth_date(resident_id: str) -> date:
    """Return the birth date written at positions 7–14; raises ValueError if it is no real date."""
    return date(int(resident_id[6:10]), int(resident_id[10:12]), int(resident_id[12:14]))


def normalise_mobile(text: str) -> str:
    """Fold width, drop spaces, hyphens and a leading +86."""
    return _COUNTRY_CODE.sub("", _compact(text))


def check_mobile(text: str) -> str:
    """Return the normalised mobile number; raises InvalidValue."""
    number = normalise_mobile(text)
    if not _MOBILE.fullmatch(number):
        raise InvalidValue("手机号应为 11 位数字，以 13 至 19 开头。请核对后重填。")
    return number


def normalise_card_number(text: str) -> str:
    """Fold width, drop spaces and hyphens; the number stays text."""
    return _compact(text)


def check_card_number(text: str, rule: CardRule | None = None) -> str:
    """Return the normalised card number; raises InvalidValue for what the scheme's rule refuses."""
    rule = rule or CardRule()
    number = normalise_card_number(text)
    if not _is_digits(number) or len(number) not in rule.lengths:
        shortest, longest = min(rule.lengths), max(rule.lengths)
        raise InvalidValue(f"互助服务卡卡号应为 {shortest} 至 {longest} 位数字。请对照卡面核对。")
    if rule.luhn is Strictness.REFUSE and not is_luhn(number):
        raise InvalidValue("互助服务卡卡号的校验位对不上，可能有一位填错。请对照卡面逐位核对。")
    if rule.prefix is Strictness.REFUSE and not _has_known_issuer(number, rule):
        raise InvalidValue("互助服务卡卡号的开头不是工会会员互助服务卡的号段。请确认填的是互助服务卡。")
    return number


def is_card_number_unusual(text: str, rule: CardRule | None = None) -> bool:
    """Say whether a reviewer should look at the card number (the checks set to warn or refuse)."""
    rule = rule or CardRule()
    number = normalise_card_number(text)
    if not _is_digits(number) or len(number) not in rule.lengths:
        return True
    luhn_fails = rule.luhn is not Strictness.OFF and not is_luhn(number)
    prefix_fails = rule.prefix is not Strictness.OFF and not _has_known_issuer(number, rule)
    return luhn_fails or prefix_fails


def is_luhn(digits: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the others."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    total = sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)
    return total % 10 == 0


def check_name(text: str) -> str:
    """Return a person's name as typed, without outer spaces; raises InvalidValue."""
    name = text.strip(" \u3000")
    if not 2 <= len(name) <= 50:
        raise InvalidValue("姓名应为 2 至 50 个字。请与身份证上的姓名一致。")
    if not _is_letter(name[0]):
        raise InvalidValue("姓名应以汉字或字母开头。请与身份证上的姓名一致。")
    if not all(_is_name_mark(mark) for mark in _composed(name)):
        raise InvalidValue("姓名只能有汉字、字母、间隔号“·”、空格和连字符“-”。请与身份证上的姓名一致。")
    return name


def normalise_name(text: str) -> str:
    """Return the form under which two writings of a name are equal; the typed form is what is kept."""
    return fold_name(text)


def match_name(left: str, right: str) -> bool:
    """Say whether two writings are the same name: width, spaces, case and kind of middle dot aside."""
    return normalise_name(left) == normalise_name(right)


def mask_resident_id(text: str) -> str:
    """Return e.g. 110102********2316."""
    return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}" if len(text) > 10 else "*" * len(text)


def mask_card(text: str) -> str:
    """Return e.g. 6214 **** **** 0231, whatever the length."""
    return f"{text[:4]} **** **** {text[-4:]}" if len(text) > 8 else "*" * len(text)


def mask_mobile(text: str) -> str:
    """Return e.g. 138****6620."""
    return f"{text[:3]}****{text[-4:]}" if len(text) > 7 else "*" * len(text)


def mask_name(text: str) -> str:
    """Return the first character and a star for each other one (张*，王**)."""
    return text[:1] + "*" * (len(text) - 1)


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", fold_width(text))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _check_birth_date(number: str, today: date) -> None:
    try:
        born = birth_date(number)
    except ValueError as error:
        raise InvalidValue("证件号码第 7 至 14 位不是真实的日期。请对照证件核对。") from error
    if born > today:
        raise InvalidValue("证件号码里的出生日期晚于今天。请对照证件核对。")


def _has_known_issuer(number: str, rule: CardRule) -> bool:
    return not rule.prefixes or number.startswith(rule.prefixes)


def _composed(name: str) -> str:
    """Compose base letters and marks, so that é typed in two parts is one letter; Han stays as it is."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _is_name_mark(mark: str) -> bool:
    return _is_letter(mark) or mark in _NAME_MARKS or fold_dots(mark) == MIDDLE_DOT


def _is_letter(mark: str) -> bool:
    if any(first <= ord(mark) <= last for first, last in _HAN):
        return True
    return unicodedata.category(mark) in _LETTERS and mark not in _BLANK_LETTERS
