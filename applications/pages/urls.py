"""The addresses of the member pages; no personal number ever stands in one."""

from __future__ import annotations

from django.urls import include, path

from applications.pages import (
    annex,
    applying,
    confirming,
    correcting,
    mobile,
    objecting,
    open,
    particulars,
    signing,
    status,
    steps,
    uploading,
)

CASE = "applications/<uuid:public_id>/"

urlpatterns = [
    path("", open.start, name="start"),
    path("check/", open.check, name="check"),
    path("plan/", open.scheme_text, name="scheme_text"),
    path("privacy/", open.privacy, name="privacy"),
    path("help/", open.help_page, name="help"),
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-in/code/", signing.code, name="sign-in-code"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("apply/", applying.apply, name="apply"),
    path("apply/applicant/", applying.applicant, name="apply-applicant"),
    path("apply/<str:ground>/", applying.door, name="apply-door"),
    path("me/", status.me, name="me"),
    path("me/mobile/", mobile.new_mobile, name="me-mobile"),
    path("me/mobile/code/", mobile.new_mobile_code, name="me-mobile-code"),
    path("me/mobile/objection/<int:pk>/", mobile.object_to_mobile, name="me-mobile-objection"),
    path("me/corrections/", particulars.corrections, name="me-corrections"),
    path("me/sign-out/", mobile.sign_out_all, name="me-sign-out"),
    path("applications/", status.applications, name="applications"),
    path(CASE, status.status, name="application"),
    path(f"{CASE}applicant/", steps.applicant, name="application-applicant"),
    path(f"{CASE}certificate/", steps.certificate, name="application-certificate"),
    path(f"{CASE}card/", steps.card, name="application-card"),
    path(f"{CASE}check/", steps.check, name="application-check"),
    path(f"{CASE}filed/", status.filed, name="application-filed"),
    path(f"{CASE}correct/", correcting.correct, name="application-correct"),
    path(f"{CASE}new-card/", correcting.new_card, name="application-new-card"),
    path(f"{CASE}withdraw/", status.withdraw, name="application-withdraw"),
    path(f"{CASE}confirm/", confirming.confirm, name="application-confirm"),
    path(f"{CASE}decline/", confirming.decline, name="application-decline"),
    path(f"{CASE}object/", objecting.raise_objection, name="application-object"),
    path(f"{CASE}attachments/<uuid:attachment_id>/", uploading.attachment, name="application-attachment"),
    path("forms/social-worker/", annex.blank, name="annex1"),
    path("forms/social-worker/fill/", annex.fill, name="annex1-fill"),
    path("forms/social-worker/<uuid:public_id>/", annex.filled, name="annex1-filled"),
    path("desk/", include("applications.pages.desk.urls")),
]
