"""How every state looks: its outline, its icon and its word; in greyscale nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Shape(NamedTuple):
    """How one state looks: outline, icon."""

    outline: str
    icon: str


_DRAFT = Shape("draft", "pen")
_WAITING = Shape("amber", "clock")
_UNDER_WAY = Shape("blue", "clock")
_MOVING = Shape("blue", "forward")
_GOOD = Shape("green", "tick")
_FINAL = Shape("done", "tick")
_TROUBLE = Shape("red", "cross")
_OVER = Shape("grey", "minus")

SHAPES: Mapping[str, Shape] = {
    # applications
    "draft": _DRAFT,
    "awaiting_confirmation": Shape("amber", "user"),
    "submitted": _UNDER_WAY,
    "returned": Shape("amber", "return"),
    "approved": _GOOD,
    "rejected": _TROUBLE,
    "withdrawn": _OVER,
    "revoked": _OVER,
    # payment and lines
    "none": _WAITING,
    "in_payment": _MOVING,
    "sent": _MOVING,
    "unknown": Shape("amber", "question"),
    "paid": _FINAL,
    "failed": _TROUBLE,
    "bounced": Shape("red", "return"),
    "recovered": Shape("grey", "return"),
    # batches and result files
    "open": _DRAFT,
    "frozen": Shape("amber", "lock"),
    "exported": Shape("blue", "download"),
    "settled": _FINAL,
    "cancelled": _OVER,
    "staged": Shape("blue", "upload"),
    "applied": _FINAL,
    "discarded": _OVER,
    # rows of a result file
    "matched": _GOOD,
    "already_final": _OVER,
    "contradicts": _TROUBLE,
    "amount_differs": _TROUBLE,
    "card_differs": _TROUBLE,
    # verdicts and general words
    "yes": _GOOD,
    "no": _TROUBLE,
    "late": Shape("late", "alert"),
    "soon": _WAITING,
    "time": Shape("stone", "clock"),
    "info": Shape("blue", "info"),
    "flag": Shape("amber", "flag"),
}
MATCHES: Mapping[str, tuple[str, str]] = {
    "same": ("tick", "一致"),
    "near": ("waves", "相近"),
    "diff": ("cross", "不同"),
    "none": ("ring", "未比对"),
    "flag": ("flag", "有提示"),
}
SEVERITIES: Mapping[str, tuple[str, str, str]] = {
    "ok": ("ok", "tick", "符合"),
    "info": ("info", "info", "说明"),
    "flag": ("flag", "flag", "请核对"),
    "blocking": ("no", "cross", "不符合"),
    "no": ("no", "cross", "不符合"),
    "todo": ("todo", "minus", "待核对"),
}
MENU_ICONS: Mapping[str, str] = {
    "QueueItem": "inbox",
    "Application": "file",
    "Certificate": "book",
    "PaperDossier": "file",
    "Objection": "alert",
    "Appeal": "question",
    "Event": "list",
    "Decision": "tick",
    "Assignment": "user",
    "PayoutBatch": "layers",
    "PayoutLine": "yuan",
    "PayoutFile": "download",
    "ResultFile": "upload",
    "Recovery": "return",
    "CardHolder": "users",
    "IssuedCertificate": "shield",
    "CompetitionResult": "trophy",
    "Trade": "book",
    "AwardingBody": "building",
    "Scheme": "calendar",
    "Notice": "mail",
    "StaffUser": "user",
    "Member": "users",
    "Office": "building",
    "District": "pin",
    "AuditRow": "lock",
    "AuditSeal": "key",
}
NOTICE_ICONS: Mapping[str, str] = {
    "error": "octagon",
    "warning": "clock",
    "warn": "clock",
    "success": "tick",
    "ok": "tick",
}
