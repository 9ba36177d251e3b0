"""The shapes of what a reviewer sends; the services judge the content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from review.services.wording import NOTE_LENGTH, REMARK_LENGTH


class DecisionForm(forms.Form):
    """The version decided on and a note."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = forms.CharField(
        label="审核说明", required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )

    def arguments(self) -> dict[str, Any]:
        """Return the cleaned values as the service takes them."""
        return dict(self.cleaned_data)


class ReturnForm(DecisionForm):
    """A remark for each field that the member shall correct."""

    def __init__(self, *args: Any, fields: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remarkable = fields
        for name, label in fields.items():
            self.fields[f"remark_{name}"] = forms.CharField(
                label=label, required=False, max_length=REMARK_LENGTH
            )

    def remark_rows(self) -> list[dict[str, Any]]:
        """Return the remark controls in table order, for the field partial."""
        bound = [self[f"remark_{name}"] for name in self.remarkable]
        return [
            {
                "name": field.html_name,
                "field": field.html_name.removeprefix("remark_"),
                "label": field.label,
                "value": field.value() or "",
                "error": field.errors[0] if field.errors else "",
            }
            for field in bound
        ]

    def arguments(self) -> dict[str, Any]:
        """Return version and note, and the remarks by field."""
        remarks = {name: self.cleaned_data[f"remark_{name}"] for name in self.remarkable}
        return {
            "version": self.cleaned_data["version"],
            "note": self.cleaned_data["note"],
            "remarks": remarks,
        }


class RejectForm(DecisionForm):
    """The reasons for which the application is refused."""

    def __init__(self, *args: Any, reasons: Mapping[str, dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = reasons
        choices = [(code, reason["message"]) for code, reason in reasons.items()]
        self.fields["reasons"] = forms.MultipleChoiceField(
            label="不予通过的理由",
            required=False,
            choices=choices,
            error_messages={"invalid_choice": "没有“%(value)s”这条理由，请从列表里选。"},
        )

    def reason_rows(self) -> list[dict[str, Any]]:
        """Return the reasons with their clauses and whether each is ticked."""
        ticked = self["reasons"].value() or []
        return [reason | {"ticked": code in ticked} for code, reason in self.known.items()]
