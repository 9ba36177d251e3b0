"""The result codes: what each means, whether it is final, who acts, and what the member is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from subsidy.rules.terms import Term


class Code(Term):
    """The closed list to which every union-card system's own codes are mapped."""

    PAID = "PAID", "已到账"
    NAME_MISMATCH = "NAME_MISMATCH", "户名不符"
    NO_SUCH_ACCOUNT = "NO_SUCH_ACCOUNT", "无此账户"
    CLOSED = "CLOSED", "已销户"
    FROZEN_OR_LOST = "FROZEN_OR_LOST", "冻结或挂失"
    ABNORMAL_STATUS = "ABNORMAL_STATUS", "账户状态异常"
    LIMIT = "LIMIT", "超过限额"
    INVALID_DATA = "INVALID_DATA", "数据不合规格"
    BANK_BUSY = "BANK_BUSY", "银行系统忙"
    PROCESSING = "PROCESSING", "处理中"
    BOUNCED = "BOUNCED", "退汇"
    UNKNOWN = "UNKNOWN", "结果不明"


class WhoActs(Term):
    """Who has to do something before the money can go again."""

    NOBODY = "nobody", "无需处理"
    MEMBER = "member", "会员改卡或确认卡号"
    FINANCE = "finance", "财务核对后进下一批"
    BANK = "bank", "等卡系统的补充回盘"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says; `advice` is for the member and fits a message."""

    code: Code
    is_final: bool
    is_retryable: bool
    acts: WhoActs
    advice: str


def _final(code: Code, acts: WhoActs, advice: str) -> Meaning:
    return Meaning(code, is_final=True, is_retryable=True, acts=acts, advice=advice)


def _waiting(code: Code) -> Meaning:
    """While money may still arrive, a line is never failed: sending it again could pay twice."""
    advice = "卡系统还没有给出结果，有结果后会通知您，您不用做什么。"
    return Meaning(code, is_final=False, is_retryable=False, acts=WhoActs.BANK, advice=advice)


NOTHING = "钱已到您的工会会员互助服务卡。"
RENEW = "请登录更正或确认收款卡号，更正后会进入下一批发放。"
MEANINGS: Mapping[Code, Meaning] = {
    meaning.code: meaning
    for meaning in (
        Meaning(Code.PAID, is_final=True, is_retryable=False, acts=WhoActs.NOBODY, advice=NOTHING),
        _final(Code.NAME_MISMATCH, WhoActs.MEMBER, f"卡的户名与申报姓名不一致。{RENEW}"),
        _final(Code.NO_SUCH_ACCOUNT, WhoActs.MEMBER, f"没有这个卡号。{RENEW}"),
        _final(Code.CLOSED, WhoActs.MEMBER, f"这张卡已销户。请换一张工会会员互助服务卡。{RENEW}"),
        _final(Code.FROZEN_OR_LOST, WhoActs.MEMBER, f"这张卡已冻结或挂失，请先到银行网点解除。{RENEW}"),
        _final(Code.ABNORMAL_STATUS, WhoActs.MEMBER, f"这张卡状态异常，请先到银行网点处理。{RENEW}"),
        _final(Code.LIMIT, WhoActs.FINANCE, "超过卡的收款限额，财务会在下一批重新发放，您不用做什么。"),
        _final(Code.INVALID_DATA, WhoActs.FINANCE, "数据不合卡系统规格，财务会核对后重新发放。"),
        _waiting(Code.BANK_BUSY),
        _waiting(Code.PROCESSING),
        _final(Code.BOUNCED, WhoActs.MEMBER, f"银行把钱退回来了。{RENEW}"),
        _waiting(Code.UNKNOWN),
    )
}
NEEDS_MEMBER = frozenset(code for code, meaning in MEANINGS.items() if meaning.acts is WhoActs.MEMBER)

# The real table is the bank's to give; until then our own words are read, and these usual numbers.
OWN_WORDS: Mapping[str, Code] = {code.value: code for code in Code}
DEFAULT_TABLE: Mapping[str, Code] = {
    **OWN_WORDS,
    "0000": Code.PAID,
    "E101": Code.NO_SUCH_ACCOUNT,
    "E102": Code.NAME_MISMATCH,
    "E107": Code.CLOSED,
    "E111": Code.FROZEN_OR_LOST,
    "E112": Code.ABNORMAL_STATUS,
    "E120": Code.LIMIT,
    "E130": Code.INVALID_DATA,
    "E201": Code.BANK_BUSY,
    "E202": Code.PROCESSING,
    "E301": Code.BOUNCED,
    "E999": Code.UNKNOWN,
}


def read_code(raw: str) -> Meaning:
    """Return what a raw code means; one that is not in the table is unknown, never a failure."""
    return MEANINGS[DEFAULT_TABLE.get(raw, Code.UNKNOWN)]


def is_known(raw: str) -> bool:
    """Say whether the table has the raw code."""
    return raw in DEFAULT_TABLE
