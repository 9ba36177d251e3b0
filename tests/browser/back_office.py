"""The staff's half of the tour: sign-in, queue, money, registers, system, as each role sees them."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from payouts.models import PayoutBatch, PayoutLine, ResultFile
from review.models import QueueItem
from subsidy.accounts.models import StaffUser
from subsidy.demo.offices import PASSWORD
from subsidy.schemes.models import Scheme
from tests.browser.tour import Stop, case, filled, press, staff

OWN_PAGES = ("queueitem", "payoutbatch", "resultfile")


def staff_stops() -> Iterator[Stop]:
    """Yield the pages of review, finance, administration and audit."""
    yield Stop("staff-sign-in", None, "/staff/login/")
    known = filled("登录", login="reviewer1", password=PASSWORD)
    yield Stop("staff-sign-in-code", None, "/staff/login/", known)
    yield from _review_stops()
    yield from _money_stops()
    yield from _system_stops()


def _review_stops() -> Iterator[Stop]:
    reviewer, lead = staff("reviewer1"), staff("lead1")
    yield Stop("review-home", reviewer, "/admin/")
    yield Stop("review-queue", reviewer, "/admin/review/queueitem/")
    yield Stop("review-case", reviewer, "/admin/review/queueitem/", press("办下一件"))
    taken = reverse("admin:review_queueitem_change", args=[_flagged().pk])
    yield Stop("review-flagged", reviewer, taken)
    yield Stop("review-return", reviewer, f"{taken}?deed=return")
    yield Stop("review-reject", reviewer, f"{taken}?deed=reject")
    reveal = reverse("admin:review_queueitem_reveal", args=[_flagged().pk])
    yield Stop("review-reveal", reviewer, f"{reveal}?field=resident_id")
    yield Stop("review-reveal-error", reviewer, reveal, press("显示这一个号码"))
    yield Stop("review-disclosures", lead, reverse("admin:review_queueitem_disclosures"))
    yield Stop("review-find", reviewer, reverse("find"))
    revoked = reverse("admin:review_queueitem_change", args=[case("approved", "none").pk])
    yield Stop("review-lead-approved", lead, revoked)


def _flagged() -> QueueItem:
    rows = QueueItem.objects.filter(status="submitted", ground="skill", attachments__isnull=False)
    return rows.filter(flag_count__gt=0).latest("pk")


def _money_stops() -> Iterator[Stop]:
    maker, checker = staff("maker1"), staff("checker1")
    yield Stop("money-home", maker, "/admin/")
    yield Stop("money-batches", maker, "/admin/payouts/payoutbatch/")
    yield Stop("money-build", maker, "/admin/payouts/payoutbatch/build/")
    yield Stop("money-upload", maker, "/admin/payouts/resultfile/upload/")
    yield Stop("money-upload-error", maker, "/admin/payouts/resultfile/upload/", press("导入并比对"))
    yield Stop("money-lines", maker, "/admin/payouts/payoutline/")
    paid = PayoutLine.objects.filter(status="paid").latest("pk")
    yield Stop("money-line-paid", checker, reverse("admin:payouts_payoutline_change", args=[paid.pk]))
    recover = reverse("admin:payouts_payoutline_recover", args=[paid.pk])
    yield Stop("money-recover", checker, recover)
    yield Stop("money-recover-error", checker, recover, press("登记追回并撤销申报"))
    silent = PayoutLine.objects.filter(status="unknown").latest("pk")
    resend = reverse("admin:payouts_payoutline_resend", args=[silent.pk])
    yield Stop("money-resend", maker, resend)
    yield Stop("money-resend-error", maker, resend, press("申请重送"))
    yield Stop("money-checker-home", checker, "/admin/")
    newest = {batch.status: batch for batch in PayoutBatch.objects.order_by("pk")}
    for status, batch in newest.items():
        address = reverse("admin:payouts_payoutbatch_change", args=[batch.pk])
        yield Stop(f"money-batch-{status}", maker if status == "open" else checker, address)
    staged = ResultFile.objects.filter(status="staged").latest("pk")
    yield Stop("money-results", checker, "/admin/payouts/resultfile/")
    yield Stop("money-result-staged", checker, reverse("admin:payouts_resultfile_change", args=[staged.pk]))


def _system_stops() -> Iterator[Stop]:
    administrator, auditor = staff("admin1"), staff("auditor1")
    yield Stop("admin-home", administrator, "/admin/")
    yield Stop("admin-add-staff", administrator, reverse("admin:accounts_staffuser_add"))
    someone = StaffUser.objects.get(username="station1")
    yield Stop("admin-staff", administrator, reverse("admin:accounts_staffuser_change", args=[someone.pk]))
    plan = Scheme.objects.latest("pk")
    yield Stop(
        "admin-policy-cases", administrator, reverse("admin:schemes_scheme_policy_cases", args=[plan.pk])
    )
    yield Stop("account-password", administrator, "/staff/password/change/")
    yield Stop("account-second-factor", administrator, "/staff/2fa/")
    yield Stop("account-second-factor-new", administrator, "/staff/2fa/totp/activate/")
    yield Stop("account-asked-again", administrator, "/staff/2fa/reauthenticate/")
    yield Stop("audit-home", auditor, "/admin/")
    for model in admin.site._registry:
        yield from _model_stops(model, auditor)


def _model_stops(model: type[Model], auditor: StaffUser) -> Iterator[Stop]:
    """Yield list and newest row of whatever the admin keeps, so that a new register is looked at too."""
    options = model._meta
    if options.model_name in OWN_PAGES:
        return
    name = f"admin:{options.app_label}_{options.model_name}"
    yield Stop(f"list-{options.model_name}", auditor, reverse(f"{name}_changelist"))
    newest = model._default_manager.order_by("-pk").first()
    if newest is None:
        return
    try:
        yield Stop(f"row-{options.model_name}", auditor, reverse(f"{name}_change", args=[newest.pk]))
    except NoReverseMatch:
        return
