"""What the dashboard says to reviewers: what is overdue, due today and waiting."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from applications.models import Application
from review.columns import CHANNELS
from review.disclosure_pages import may_read
from review.disclosures import refused_today
from review.models import QueueItem
from review.queue import VIEWS, capped
from review.services.reveals import REFUSED
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import REVIEWERS, has_role
from subsidy.rules.terms import Ground
from subsidy.templatetags.house import day, weekday

TODO = (
    ("late", "alert", "逾期未审", "已过审核时限，先办这些"),
    ("today", "clock", "今天到期", "今天之内审结"),
    ("mine", "user", "我认领的", "认领 30 分钟内有效"),
    ("consistent", "tick", "核对一致", "与登记库全部一致"),
    ("flagged", "flag", "有提示", "规则请您多看一眼"),
    ("objected", "alert", "会员异议", "处理后才能通过"),
    ("unanswered", "return", "补正逾期", "会员没有按期补正"),
)


def review_panel(request: HttpRequest) -> dict[str, Any]:
    """Return the dashboard's figures for whoever may see the queue."""
    user = request.user
    if not isinstance(user, StaffUser) or not user.has_perm("review.view_queueitem"):
        return {}
    counts = {code: capped(view.narrow(QueueItem.objects.all(), user)) for code, view in VIEWS.items()}
    queue = reverse("admin:review_queueitem_changelist")
    panel: dict[str, Any] = {"tiles": _tiles(counts, queue), "breakdowns": _breakdowns()}
    if may_read(user):
        panel["todo"] = _disclosures()
    if has_role(user, *REVIEWERS):
        panel["greeting"] = f"{user.display_name}，{_part_of_day()}好"
        panel["summary"] = _summary(counts)
        panel["main_action"] = {"url": queue, "label": "打开待审队列"}
        panel["todo"] = [
            {"url": f"{queue}?view={code}", "icon": icon, "label": label, "note": note, "num": counts[code]}
            for code, icon, label, note in TODO
        ] + panel.get("todo", [])
    return panel


def _disclosures() -> list[dict[str, Any]]:
    """Lead to the report of who looked at whom; say so when somebody ran into the hourly limit."""
    address = reverse("admin:review_queueitem_disclosures")
    rows: list[dict[str, Any]] = []
    if refused := refused_today():
        note = "一天内看完整号码超过每小时的上限，请向本人了解"
        url = f"{address}?action={REFUSED}"
        rows.append({"url": url, "icon": "alert", "label": "查看号码超限", "note": note, "num": refused})
    rows.append({"url": address, "icon": "eye", "label": "谁看过谁的资料", "note": "按会员、按人、按日"})
    return rows


def _tiles(counts: dict[str, Any], queue: str) -> list[dict[str, Any]]:
    late, today = counts["late"], counts["today"]
    returned = capped(Application.objects.filter(status="returned"))
    tiles: list[dict[str, Any]] = [
        {"label": "审核中", "count": counts["all"], "url": queue, "note": "时限为收件后一个月"},
        {"label": "今天到期", "count": today, "url": f"{queue}?view=today", "note": "今天之内审结"},
        {"label": "无人认领", "count": counts["free"], "url": f"{queue}?view=free", "note": "谁先办谁认领"},
        {"label": "退回补正", "count": returned, "note": f"{counts['unanswered']} 件已过补正期限"},
    ]
    if late:
        tiles[0] |= {"chip_code": "late", "chip_label": f"逾期 {late}"}
    return tiles


def _breakdowns() -> list[dict[str, Any]]:
    waiting = Application.objects.filter(status="submitted").order_by()
    grounds = dict(waiting.values_list("ground").annotate(Count("pk")))
    channels = dict(waiting.values_list("channel").annotate(Count("pk")))
    return [
        {
            "title": "在审，按类别",
            "rows": [{"label": ground.label, "value": grounds.get(ground, 0)} for ground in Ground],
        },
        {
            "title": "在审，按渠道",
            "rows": [{"label": word, "value": channels.get(code, 0)} for code, word in CHANNELS.items()],
        },
    ]


def _summary(counts: dict[str, Any]) -> str:
    today = clock.today()
    words = f"{day(today)}，{weekday(today)}。今天到期 {counts['today']} 件，逾期 {counts['late']} 件"
    return f"{words}，先办这些。" if counts["today"] or counts["late"] else f"{words}。"


def _part_of_day() -> str:
    hour = clock.now().astimezone(clock.SHANGHAI).hour
    return "上午" if hour < 12 else "下午" if hour < 18 else "晚上"
