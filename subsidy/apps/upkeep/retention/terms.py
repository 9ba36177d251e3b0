"""The one table of terms; docs/operations.md shows the same rows and a test compares them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of data with its term: how long after what, and what happens then."""

    name: str
    label: str
    lasts: timedelta
    after: str
    then: str

    @property
    def words(self) -> str:
        """Return the term as the page writes it."""
        return f"{self.after} {self.lasts.days} 天" if self.lasts else self.after


TERMS: Final = {
    term.name: term
    for term in (
        Term("sessions", "登录会话", timedelta(), "失效后", "删除"),
        Term("sign_in_codes", "登录验证码", timedelta(days=7), "发出后", "删除"),
        Term("member_tokens", "会员令牌", timedelta(days=30), "失效或注销后", "删除"),
        Term("used_tickets", "已用登录票据", timedelta(days=1), "失效后", "删除"),
        Term("refused_claims", "被拒绝的证件登记", timedelta(days=30), "拒绝后", "删除"),
        Term("sign_in_tries", "登录尝试", timedelta(days=30), "最近一次后", "删除"),
        Term("idempotency_keys", "接口的幂等键", timedelta(days=400), "使用后", "删除"),
        Term("codes_sent", "验证码短信的号码和正文", timedelta(days=1), "生成后", "清空，保留发送记录"),
        Term("notices", "其余短信的号码和正文", timedelta(days=183), "生成后", "清空，保留发送记录"),
        Term(
            "drafts",
            "从未提交的草稿",
            timedelta(days=183),
            "方案截止后",
            "清空内容，删除证书和附件，记为撤回",
        ),
        Term("orphans", "没有登记的附件文件", timedelta(days=2), "写入后", "删除"),
    )
}
