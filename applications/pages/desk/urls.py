"""The addresses of the desk; no personal number ever stands in one."""

from __future__ import annotations

from django.urls import path

from applications.pages.desk import cases, checking, filing, finding, intake, objections, phone, roster

CASE = "cases/<uuid:public_id>/"

urlpatterns = [
    path("", cases.start, name="desk"),
    path("file/", filing.file, name="desk-file"),
    path("take-over/", finding.take_over, name="desk-take-over"),
    path("look-up/", finding.look_up, name="desk-look-up"),
    path("confirm/", finding.confirm, name="desk-confirm"),
    path("intake/", intake.typed, name="desk-intake"),
    path("intake/online/", intake.online, name="desk-intake-online"),
    path("roster/", roster.roster, name="desk-roster"),
    path("objections/", objections.objections, name="desk-objections"),
    path("objections/<int:pk>/", objections.objection, name="desk-objection"),
    path("phone/", phone.phone, name="desk-phone"),
    path("phone/code/", phone.phone_code, name="desk-phone-code"),
    path("cases/", cases.cases, name="desk-cases"),
    path(CASE, cases.case, name="desk-case"),
    path(f"{CASE}edit/", filing.edit, name="desk-edit"),
    path(f"{CASE}check/", checking.check, name="desk-check"),
    path(f"{CASE}dossier/", intake.dossier, name="desk-dossier"),
    path(f"{CASE}withdraw/", cases.take_back, name="desk-withdraw"),
    path(f"{CASE}attachments/<uuid:attachment_id>/", cases.attachment, name="desk-attachment"),
]
