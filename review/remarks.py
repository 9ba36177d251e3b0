"""Which fields may be returned for correction, and for which reasons an application is refused (V3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from subsidy.rules.terms import Ground

_COMMON: Final = {"card_number": "互助服务卡卡号", "picture": "证书照片"}
RETURNABLE: Final[Mapping[Ground, Mapping[str, str]]] = {
    Ground.SKILL: {
        "trade": "工种名称",
        "level": "技能等级",
        "certificate_number": "证书编号",
        "issued_on": "颁证日期",
        "awarding_body": "鉴定（认定）机构名称",
        **_COMMON,
    },
    Ground.SOCIAL_WORK: {
        "grade": "级别",
        "registration_number": "管理号",
        "approved_on": "批准日期",
        "issuing_authority": "签发单位",
        **_COMMON,
    },
    Ground.COMPETITION: {"competition": "赛事名称", "trade": "工种名称", "rank": "名次", **_COMMON},
}


class Refusal(NamedTuple):
    """One reason for which a reviewer refuses; the clause is a name in the scheme's Clauses, or "ground"."""

    label: str
    clause: str
    sentence: str


REFUSALS: Final[Mapping[str, Refusal]] = {
    "NOT_IN_SCOPE": Refusal("不属于助推条件", "ground", "您的证书或名次不属于本年度的助推条件。"),
    "OUTSIDE_WINDOW": Refusal(
        "首次取证日期不在范围", "first_issue", "首次取得证书的日期不在本年度的范围内。"
    ),
    "CERTIFICATE_NOT_FOUND": Refusal(
        "证书查询不到", "ground", "没有查到这本证书，或证书内容与发证机构的登记不符。"
    ),
    "CERTIFICATE_UNREADABLE": Refusal(
        "证书照片不能核对", "numbers", "证书照片看不清或不完整，不能核对证书内容。"
    ),
    "NOT_A_MEMBER": Refusal(
        "不是持卡会员", "applicant", "没有查到您的北京市工会会员身份或工会会员互助服务卡。"
    ),
    "IDENTITY_MISMATCH": Refusal("身份信息不符", "applicant", "姓名或证件号码与会员登记、证书上的不符。"),
    "CARD_NOT_OWN": Refusal("不是本人的卡", "payout", "填写的互助服务卡不是本人的卡，资助只发到本人的卡上。"),
    "SECOND_GRANT": Refusal("已享受过一次", "one_grant", "您本年度已享受过一次资助，每人每年只能享受一次。"),
    "CORRECTION_OVERDUE": Refusal("补正期限已过", "closing", "补正期限已过，没有收到您补正的内容。"),
    "OTHER": Refusal("其他原因", "ground", "其他原因，见审核说明。"),
}
NEEDS_NOTE: Final = frozenset({"OTHER"})
