"""The shapes of what finance sends; the services judge the content."""

from __future__ import annotations

from typing import Any

from django import forms

from payouts.formats.shapes import Totals
from subsidy.schemes.models import Scheme


class BuildForm(forms.Form):
    """For which scheme to build."""

    scheme = forms.ModelChoiceField(Scheme.objects.published(), label="年度方案")


class NoteForm(forms.Form):
    """A note, asked for where something is given up."""

    note = forms.CharField(label="原因", required=False, max_length=500)


class RecoveryForm(forms.Form):
    """How much came back, typed anew as a second look, and why."""

    amount = forms.IntegerField(
        label="收到的金额",
        min_value=1,
        max_value=10**9,
        error_messages={"required": "请填写收到的金额。", "invalid": "金额请填整数元，例如 1000。"},
    )
    reason = forms.CharField(
        label="理由和收款凭证号",
        max_length=500,
        error_messages={"required": "请写明追回的理由和收款凭证号，会员会看到。"},
    )


class UploadForm(forms.Form):
    """A result file; count and total are typed when the file has no header."""

    file = forms.FileField(
        label="回盘文件",
        max_length=120,
        error_messages={
            "required": "请选择卡系统发来的回盘文件。",
            "empty": "文件是空的。请向卡系统重新索取。",
            "max_length": "文件名超过 120 个字。请改短文件名再导入。",
        },
    )
    count = forms.IntegerField(label="行数", required=False, min_value=1, max_value=999_000)
    paid = forms.IntegerField(label="到账金额", required=False, min_value=0, max_value=10**11)

    def clean(self) -> dict[str, Any]:
        """Ask for both totals or none."""
        data = super().clean() or {}
        if (data.get("count") is None) != (data.get("paid") is None):
            self.add_error("count", "行数和到账金额要一起填，或都不填。")
        return data

    @property
    def typed(self) -> Totals | None:
        """Return the typed totals, if any."""
        count, paid = self.cleaned_data["count"], self.cleaned_data["paid"]
        return None if count is None else Totals(count, paid * 100)
