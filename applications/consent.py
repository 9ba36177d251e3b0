"""The consent texts, by version; an old version stays here for as long as somebody gave it (A2)."""

from __future__ import annotations

import hashlib
from typing import Final

CURRENT: Final = "2024-01"
TEXTS: Final = {
    "2024-01": (
        "本人确保以上信息资料真实有效。为办理本次助推资助，本人同意北京市职工技术协会和北京市总工会职工服务中心"
        "收集、使用我的姓名、身份证号、手机号、证书信息，并单独同意使用我的身份证号和工会会员互助服务卡卡号"
        "核对身份、发放资助。这些信息只用于本助推计划的审核、发放和查账，按会计档案的年限保存；"
        "不提供身份证号或卡号就无法把资助发到本人的卡上。本人可以随时查看、更正自己的信息，"
        "在审核通过前可以撤回申报。"
    ),
}


def text_digest(version: str) -> str:
    """Return the SHA-256 of a consent text; raises KeyError for an unknown version."""
    return hashlib.sha256(TEXTS[version].encode()).hexdigest()
