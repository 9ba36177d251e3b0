"""The matrix for the models of the admin: seven addresses that Django makes for each, one rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.matrix.table import OTHERS, WORKERS

READERS: Final = "reviewers auditor"


@dataclass(frozen=True)
class Model:
    """One model of the admin: seven addresses that Django makes, one rule."""

    label: str
    read: str
    add: str = ""
    change: str = ""
    hidden: str = ""


MODELS: Final = (
    Model("audit.auditrow", "auditor"),
    Model("audit.auditseal", "auditor"),
    Model("notices.notice", "auditor"),
    Model("accounts.staffuser", "administrators auditor", add="administrators", change="administrators"),
    Model(
        "accounts.office",
        "filers reviewers administrators auditor",
        add="administrators",
        change="administrators",
    ),
    Model("accounts.district", "filers reviewers administrators auditor"),
    Model("accounts.membercorrection", "intake administrators auditor"),
    Model("accounts.mobilechange", "intake administrators auditor"),
    Model("schemes.scheme", WORKERS),
    Model("registers.cardholder", "reviewers administrators auditor"),
    Model("registers.issuedcertificate", "reviewers administrators auditor"),
    Model("registers.competitionresult", "reviewers administrators auditor"),
    Model("registers.trade", "reviewers administrators auditor"),
    Model("registers.awardingbody", "reviewers administrators auditor"),
    Model("applications.application", "filers reviewers auditor", hidden=OTHERS),
    Model("applications.event", READERS),
    Model("applications.certificate", READERS),
    Model("applications.attachment", f"{READERS} intake"),
    Model("applications.paperdossier", f"{READERS} intake"),
    Model("applications.consent", READERS),
    Model("applications.objection", READERS),
    Model("applications.appeal", READERS),
    Model("review.queueitem", READERS),
    Model("review.decision", READERS),
    Model("review.assignment", READERS),
    Model("payouts.payoutbatch", "finance auditor"),
    Model("payouts.resultfile", "finance auditor"),
    Model("payouts.payoutline", "finance auditor"),
    Model("payouts.recovery", "finance auditor"),
)
