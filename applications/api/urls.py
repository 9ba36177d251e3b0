"""Every address of API v1."""

from __future__ import annotations

from django.urls import path, re_path

from applications.api.views import applications, attachments, base, me, public, sign_in, steps

ONE = "applications/<uuid:id>/"

urlpatterns = [
    path("schemes/", public.SchemesView.as_view(), name="api-schemes"),
    path("eligibility-checks/", public.EligibilityChecksView.as_view(), name="api-eligibility-checks"),
    path("trades/", public.TradesView.as_view(), name="api-trades"),
    path("awarding-bodies/", public.AwardingBodiesView.as_view(), name="api-awarding-bodies"),
    path("sign-in/codes/", sign_in.CodesView.as_view(), name="api-sign-in-codes"),
    path("sign-in/tickets/", sign_in.TicketsView.as_view(), name="api-sign-in-tickets"),
    path("sign-in/", sign_in.SignInView.as_view(), name="api-sign-in"),
    path("me/", me.MeView.as_view(), name="api-me"),
    path("me/mobile/codes/", me.MobileCodesView.as_view(), name="api-me-mobile-codes"),
    path("me/mobile/", me.MobileView.as_view(), name="api-me-mobile"),
    path("me/corrections/", me.CorrectionsView.as_view(), name="api-me-corrections"),
    path("me/export/", me.ExportView.as_view(), name="api-me-export"),
    path("applications/", applications.ApplicationsView.as_view(), name="api-applications"),
    path(ONE, applications.ApplicationView.as_view(), name="api-application"),
    path(f"{ONE}submit/", applications.SubmitView.as_view(), name="api-submit"),
    path(f"{ONE}resubmit/", applications.ResubmitView.as_view(), name="api-resubmit"),
    path(f"{ONE}withdraw/", applications.WithdrawView.as_view(), name="api-withdraw"),
    path(f"{ONE}card/", applications.CardView.as_view(), name="api-card"),
    path(f"{ONE}switch/", steps.SwitchView.as_view(), name="api-switch"),
    path(f"{ONE}confirm/", steps.ConfirmView.as_view(), name="api-confirm"),
    path(f"{ONE}decline/", steps.DeclineView.as_view(), name="api-decline"),
    path(f"{ONE}object/", steps.ObjectView.as_view(), name="api-object"),
    path(f"{ONE}timeline/", applications.TimelineView.as_view(), name="api-timeline"),
    path(f"{ONE}attachments/", attachments.AttachmentsView.as_view(), name="api-attachments"),
    path(
        f"{ONE}attachments/<uuid:attachment_id>/",
        attachments.AttachmentView.as_view(),
        name="api-attachment",
    ),
    re_path(r"^(?!schema/|docs/)", base.NowhereView.as_view(), name="api-nowhere"),
]
