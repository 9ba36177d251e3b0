"""What each step of an application is called on the pages of those who work with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACTIONS: Final[Mapping[str, str]] = {
    "draft": "建立草稿",
    "prepare": "按大赛名册预先建立",
    "receive": "收到纸质材料",
    "take_over": "接手草稿",
    "submit": "提交",
    "change": "修改",
    "resubmit": "补正后再提交",
    "switch": "改报，原申报撤回",
    "withdraw": "撤回",
    "purge": "逾期未提交，清空草稿",
    "decline": "选择不领取",
    "object": "提出异议",
    "settle_objection": "处理异议",
    "return": "退回补正，审核计时暂停",
    "approve": "审核通过",
    "reject": "审核未通过",
    "revoke": "撤销",
    "card": "更正卡号",
    "correct": "更正会员资料",
    "in_payment": "编入发放批次",
    "set_aside": "冻结时移出批次",
    "payment": "登记发放结果",
    "resend": "没有结果，改为再次发放",
    "recovered": "登记追回",
    "payment_cancelled": "取消发放批次",
}


def action_label(action: str) -> str:
    """Return the step in words; one without words of its own keeps its code."""
    return ACTIONS.get(action, action)
