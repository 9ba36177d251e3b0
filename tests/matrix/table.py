"""The matrix: who gets in at which address.

One row: addresses (by name; by their pattern where they have none), methods, who is let in, from whom the
thing is hidden (404), and of what thing the address speaks (see `world.py`). Whoever is in neither list gets
what the door says to strangers: pages of members send to the sign-in, the desk and the admin send visitors
there and refuse other staff (403), the API answers 401 and 403. The words are those of `people.py`.

A new address fails `test_matrix.py` until a row here names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Answer(StrEnum):
    """What somebody gets at a door."""

    IN = "进"
    SIGN_IN = "登录"
    REFUSED = "403"
    HIDDEN = "404"


class Door(StrEnum):
    """Whose pages these are, and with that what strangers get."""

    OPEN = "公开"
    SIGN_IN = "登录入口"
    MEMBER = "会员页面"
    DESK = "代报服务台"
    STAFF = "工作人员登录"
    ADMIN = "后台"
    API = "接口"


@dataclass(frozen=True)
class Row:
    """One rule."""

    door: Door
    urls: str
    methods: str
    let_in: str
    hidden: str = ""
    of: str = ""
    asked: str = "everybody"
    """Who is asked in every run; the long run asks everybody everything."""


MINE: Final = "draft submitted returned paid"
"""States in which a member's own application is asked for."""
OTHERS: Final = "hotline2 station2 intake"
"""Staff who file, but not in the office of the case."""

WORKERS: Final = "filers reviewers finance administrators auditor"
ROWS: Final = (
    # ---- everybody ----
    Row(
        Door.OPEN,
        "start privacy help scheme_text schema docs healthz readyz favicon.ico annex1",
        "GET",
        "everybody",
    ),
    Row(Door.OPEN, "check", "GET", "everybody"),
    Row(Door.OPEN, "display", "POST", "everybody"),
    Row(Door.OPEN, "api-schemes api-trades api-awarding-bodies", "GET", "everybody"),
    Row(
        Door.OPEN,
        "api-eligibility-checks api-sign-in-codes api-sign-in api-sign-in-tickets",
        "POST",
        "everybody",
    ),
    Row(Door.OPEN, "api-nowhere", "GET POST", "", hidden="everybody", of="/api/v1/nowhere/"),
    # ---- members ----
    Row(Door.OPEN, "sign-in", "GET POST", "everybody"),
    Row(Door.SIGN_IN, "sign-in-code", "GET POST", ""),
    Row(Door.OPEN, "sign-out", "POST", "everybody"),
    Row(Door.MEMBER, "me apply applications annex1-fill", "GET", "members"),
    Row(Door.MEMBER, "apply-applicant annex1-fill", "POST", "members"),
    Row(Door.MEMBER, "apply-applicant", "GET", "members"),
    Row(Door.OPEN, "apply-door", "GET", "everybody", of="social_work competition"),
    Row(Door.MEMBER, "application application-filed", "GET", "owner", hidden="stranger", of=MINE),
    Row(
        Door.MEMBER,
        "application-applicant application-certificate application-card application-check"
        " application-correct application-new-card application-withdraw",
        "GET POST",
        "owner",
        hidden="stranger",
        of=MINE,
    ),
    Row(
        Door.MEMBER,
        "application-confirm application-decline",
        "GET POST",
        "owner",
        hidden="stranger",
        of="roster",
    ),
    Row(Door.MEMBER, "application-object", "GET POST", "owner", hidden="stranger", of="case"),
    Row(Door.MEMBER, "application-attachment", "GET", "owner", hidden="stranger", of="draft submitted case"),
    Row(Door.MEMBER, "annex1-filled", "GET", "owner", hidden="stranger", of="paper"),
    Row(Door.MEMBER, "me-mobile me-mobile-code me-corrections", "GET POST", "members"),
    Row(Door.MEMBER, "me-mobile-objection", "GET POST", "owner", hidden="stranger", of="mobile_change"),
    Row(Door.MEMBER, "me-sign-out", "POST", "members"),
    Row(Door.MEMBER, "api-me", "GET PUT", "members"),
    Row(Door.MEMBER, "api-me-export", "GET", "members"),
    Row(Door.MEMBER, "api-me-mobile-codes api-me-mobile api-me-corrections", "POST", "members"),
    # ---- the API, for members and for staff who file ----
    Row(Door.API, "api-applications", "GET POST", "members filers"),
    Row(Door.API, "api-application", "GET PATCH", "owner", hidden="stranger filers", of=MINE),
    Row(
        Door.API,
        "api-application",
        "GET PATCH",
        "owner hotline station",
        hidden=f"stranger {OTHERS}",
        of="case",
    ),
    Row(Door.API, "api-timeline api-attachments", "GET", "owner", hidden="stranger filers", of=MINE),
    Row(
        Door.API,
        "api-timeline api-attachments",
        "GET",
        "owner hotline station",
        hidden=f"stranger {OTHERS}",
        of="case",
    ),
    Row(Door.API, "api-attachment", "GET", "owner", hidden="stranger filers", of="draft submitted"),
    Row(Door.API, "api-attachment", "GET", "owner hotline station", hidden=f"stranger {OTHERS}", of="case"),
    Row(
        Door.API,
        "api-submit api-resubmit api-withdraw api-card api-switch api-attachments",
        "POST",
        "owner",
        hidden="stranger filers",
        of="draft submitted paid",
    ),
    Row(
        Door.API,
        "api-submit api-resubmit api-withdraw api-card api-switch api-attachments",
        "POST",
        "owner hotline station",
        hidden=f"stranger {OTHERS}",
        of="case",
    ),
    Row(Door.API, "api-confirm", "POST", "owner filers", hidden="stranger", of="roster"),
    Row(Door.API, "api-decline", "POST", "owner intake", hidden="stranger counters", of="roster"),
    Row(Door.API, "api-object", "POST", "owner", hidden="stranger", of="case"),
    # ---- the desk ----
    Row(Door.DESK, "desk", "GET", "filers administrator review_lead"),
    Row(Door.DESK, "desk-cases", "GET", "filers"),
    Row(Door.DESK, "desk-look-up desk-confirm", "GET POST", "filers"),
    Row(Door.DESK, "desk-file", "GET POST", "counters"),
    Row(Door.DESK, "desk-take-over", "GET POST", "stations"),
    Row(Door.DESK, "desk-phone desk-phone-code", "GET POST", "stations intake"),
    Row(Door.DESK, "desk-intake desk-intake-online", "GET POST", "intake"),
    Row(Door.DESK, "desk-roster", "GET POST", "intake administrator"),
    Row(Door.DESK, "desk-objections", "GET", "intake review_lead"),
    Row(Door.DESK, "desk-objection", "GET POST", "intake review_lead", of="objection"),
    Row(Door.DESK, "desk-case desk-attachment", "GET", "hotline station", hidden=OTHERS, of="case"),
    Row(Door.DESK, "desk-edit desk-check", "GET POST", "hotline station", hidden=OTHERS, of="case"),
    Row(Door.DESK, "desk-withdraw", "POST", "hotline station", hidden=OTHERS, of="case"),
    Row(
        Door.DESK,
        "desk-edit desk-check",
        "GET POST",
        "station",
        hidden="hotline hotline2 station2 intake",
        of="station_draft",
    ),
    Row(Door.DESK, "desk-case desk-attachment", "GET", "intake", hidden="counters", of="paper"),
    Row(Door.DESK, "desk-dossier", "GET POST", "intake", of="paper"),
    Row(Door.DESK, "desk-dossier", "GET POST", "", hidden="intake", of="case"),
    Row(Door.DESK, "desk-case", "GET", "", hidden="filers", of="draft submitted"),
    # ---- signing in as staff ----
    Row(Door.OPEN, "account_login", "GET POST", "everybody"),
    Row(Door.OPEN, "account_inactive", "GET", "everybody"),
    Row(Door.SIGN_IN, "account_logout", "POST", ""),
    Row(Door.STAFF, "account_reauthenticate account_change_password", "GET POST", "staff"),
    Row(Door.STAFF, "account_home mfa_index", "GET", "staff"),
    Row(Door.STAFF, "mfa_reauthenticate mfa_activate_totp", "GET POST", "staff"),
    Row(Door.STAFF, "renew_recovery_codes end_other_sessions", "POST", "staff"),
    Row(Door.SIGN_IN, "mfa_authenticate", "GET POST", "staff"),
    # ---- the admin as a whole ----
    Row(Door.ADMIN, "find", "GET POST", WORKERS),
    Row(Door.ADMIN, "find-result", "GET", WORKERS),
    Row(Door.ADMIN, "admin:index", "GET", "staff"),
    Row(Door.SIGN_IN, "admin:login", "GET", ""),
    Row(Door.SIGN_IN, "admin:logout", "POST", "visitor members left"),
    Row(Door.ADMIN, "admin:password_change", "GET POST", "staff"),
    Row(Door.ADMIN, "admin:password_change_done admin:jsi18n", "GET", "staff"),
    Row(
        Door.ADMIN,
        "admin:autocomplete",
        "GET",
        "filers reviewers administrators auditor",
        of="/admin/autocomplete/?app_label=accounts&model_name=staffuser&field_name=office&term=",
    ),
    Row(Door.ADMIN, "admin:view_on_site", "GET", "", hidden="staff", of="case"),
    Row(Door.ADMIN, "admin/(?P<url>.*)$", "GET", "", hidden="staff", of="/admin/nowhere/"),
    Row(
        Door.ADMIN,
        "admin:app_list",
        "GET",
        "auditor",
        hidden="filers reviewers finance administrators idle",
        of="audit notices",
    ),
    # ---- review ----
    Row(Door.ADMIN, "admin:review_queueitem_next", "POST", "reviewers"),
    Row(
        Door.ADMIN,
        "admin:review_queueitem_take admin:review_queueitem_release admin:review_queueitem_approve"
        " admin:review_queueitem_return admin:review_queueitem_reject admin:review_queueitem_revoke",
        "POST",
        "reviewers",
    ),
    Row(Door.ADMIN, "admin:review_queueitem_reveal", "GET POST", "reviewers"),
    Row(
        Door.ADMIN,
        "admin:review_queueitem_disclosures admin:review_queueitem_disclosures_file",
        "GET",
        "review_lead auditor",
    ),
    Row(Door.ADMIN, "admin:review_queueitem_picture", "GET", "reviewers auditor", of="submitted"),
    Row(Door.ADMIN, "admin:review_queueitem_changelist", "POST", "reviewers auditor"),
    # ---- money ----
    Row(
        Door.ADMIN,
        "admin:payouts_payoutbatch_build admin:payouts_resultfile_upload",
        "GET POST",
        "finance_maker",
    ),
    Row(Door.ADMIN, "admin:payouts_payoutbatch_held", "GET", "finance"),
    Row(
        Door.ADMIN,
        "admin:payouts_payoutbatch_freeze admin:payouts_payoutbatch_approve admin:payouts_payoutbatch_export"
        " admin:payouts_payoutbatch_cancel admin:payouts_payoutbatch_download",
        "POST",
        "finance",
        of="batch",
    ),
    Row(
        Door.ADMIN,
        "admin:payouts_resultfile_apply admin:payouts_resultfile_discard",
        "POST",
        "finance",
        of="result",
    ),
    Row(Door.ADMIN, "admin:payouts_payoutline_recover", "GET POST", "finance_checker", of="line"),
    Row(Door.ADMIN, "admin:payouts_payoutline_resend", "GET POST", "finance", of="line"),
    # ---- schemes and accounts ----
    Row(Door.ADMIN, "admin:accounts_staffuser_deed", "POST", "administrators", of="accounts.staffuser"),
    Row(Door.ADMIN, "admin:accounts_staffuser_deed", "POST", "root", of="superuser"),
    Row(
        Door.ADMIN, "admin:accounts_membercorrection_decide", "POST", "intake administrator", of="correction"
    ),
    Row(Door.ADMIN, "admin:accounts_mobilechange_decide", "POST", "intake administrator", of="mobile_change"),
    Row(
        Door.ADMIN,
        "admin:schemes_scheme_policy_cases",
        "GET",
        WORKERS,
        of="scheme",
        asked="visitor idle root",
    ),
    Row(Door.ADMIN, "admin:accounts_staffuser_change", "GET", "administrators auditor", of="superuser"),
    Row(Door.ADMIN, "admin:accounts_staffuser_change", "POST", "root", of="superuser"),
    Row(Door.ADMIN, "admin:accounts_staffuser_changelist", "POST", "administrators auditor"),
)
