"""The outbox as staff read it."""

from __future__ import annotations

from django.contrib import admin

from subsidy.backoffice import KeysetAdmin, ReadOnlyAdmin, masked
from subsidy.notices.models import Notice
from subsidy.notices.templates import TEMPLATES, NoticeTemplate
from subsidy.rules.identity import mask_mobile

EMPTIED = "（已过保留期限，内容已清空）"
HIDDEN = "（含验证码，不显示）"


@admin.register(Notice)
class NoticeAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Messages, newest first; numbers masked, codes hidden."""

    list_display = [
        "id",
        "template",
        "member_id",
        masked("mobile", mask_mobile, "手机号"),
        "status",
        "sent_at",
    ]
    list_filter = ["status", "template"]
    fields = [
        "template",
        "member_id",
        "phone",
        "text",
        "status",
        "attempts",
        "sent_at",
        "reference",
        "last_error",
    ]
    readonly_fields = ["phone", "text"]
    search_fields = ["=member_id"]
    search_help_text = "按会员编号查找"
    list_per_page = 50

    @admin.display(description="手机号")
    def phone(self, notice: Notice) -> str:
        """Return the number masked."""
        return mask_mobile(notice.mobile) if notice.mobile else EMPTIED

    @admin.display(description="短信内容")
    def text(self, notice: Notice) -> str:
        """Return the text, except one that opens an account."""
        if notice.body is None:
            return EMPTIED
        return HIDDEN if TEMPLATES[NoticeTemplate(notice.template)].is_secret else notice.body
