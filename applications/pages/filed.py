"""All that was filed, as label and value, with every number masked."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from applications.models import Application, Attachment, Certificate
from subsidy.rules.moments import day_text
from subsidy.rules.terms import AttachmentKind, Ground

TEXTS = {
    "training_body": "培训机构名称",
    "training_address": "培训机构地址",
    "training_hours": "培训学时",
    "training_fee": "培训费用",
    "assessment_address": "鉴定（认定）机构地址",
    "assessment_method": "鉴定（认定）方式",
    "assessment_fee": "鉴定（认定）费用",
}
Row = dict[str, Any]


def certificate_picture(application: Application) -> Attachment | None:
    """Return the current picture of the certificate."""
    current = application.attachments.filter(superseded_at=None, kind=AttachmentKind.CERTIFICATE.value)
    return current.order_by("-id").first()


def filed_rows(application: Application, *, editable: bool = False) -> dict[str, list[Row]]:
    """Return the rows of the certificate and of the applicant; with links to change them in a draft."""
    certificate = application.certificate
    proof = _proof(certificate) if certificate else []
    if picture := certificate_picture(application):
        proof.append(_picture(application, picture))
    elif editable:
        proof.append(_row("证书照片", "没有上传（选填）", step="card", field="picture"))
    rows = {"certificate": proof, "applicant": _person(application)}
    if editable:
        for row in (*rows["certificate"], *rows["applicant"]):
            _link(application, row)
    return rows


def _proof(certificate: Certificate) -> list[Row]:
    if certificate.ground == Ground.SKILL:
        return _skill(certificate)
    if certificate.ground == Ground.SOCIAL_WORK:
        approved = day_text(certificate.approved_on) if certificate.approved_on else ""
        return [
            _row("级别", certificate.get_grade_display()),
            _row("管理号", certificate.registration_number, code=True),
            _row("批准日期", approved),
            _row("签发单位", certificate.issuing_authority),
        ]
    return [
        _row("赛事名称", certificate.competition),
        _row("工种名称", certificate.trade),
        _row("名次", f"{certificate.get_round_display()}第 {certificate.rank} 名"),
    ]


def _skill(certificate: Certificate) -> list[Row]:
    issued = day_text(certificate.issued_on) if certificate.issued_on else ""
    rows = [
        _row("技能等级", certificate.get_level_display(), step="certificate", field="level"),
        _row("证书编号", certificate.certificate_number, "certificate", "certificate_number", code=True),
        _row("颁证日期", issued, step="certificate", field="issued_on"),
        _row("所属年度", str(certificate.year or "")),
        _row("工种名称", certificate.trade, step="certificate", field="trade"),
        _row("鉴定（认定）机构名称", certificate.awarding_body, step="certificate", field="awarding_body"),
    ]
    more = [
        _row(label, getattr(certificate, name), step="certificate", field=name)
        for name, label in TEXTS.items()
    ]
    return rows + [row for row in more if row["value"]]


def _person(application: Application) -> list[Row]:
    member = application.member
    district = application.district.name if application.district else ""
    card = _row("工会会员互助服务卡", application.masked_card, "card", "card_number", code=True)
    return [
        _row("姓名", application.name or member.name),
        _row("身份证号", member.masked_resident_id, code=True),
        _row("手机号", member.masked_mobile, code=True),
        _row("工作单位", application.employer, step="applicant", field="employer"),
        _row("所在区", district, step="applicant", field="district"),
        card | {"note": "资助只发到您本人的这张卡"},
    ]


def _picture(application: Application, picture: Attachment) -> Row:
    address = reverse("application-attachment", args=[application.public_id, picture.public_id])
    row = _row("证书照片", "已上传 PDF", step="card", field="picture") | {"link_text": "重拍"}
    return row | ({"picture": address} if picture.content_type.startswith("image/") else {})


def _row(label: str, value: str, step: str = "", field: str = "", *, code: bool = False) -> Row:
    return {"label": label, "value": value, "code": code, "step": step, "field": field}


def _link(application: Application, row: Row) -> None:
    if row["step"]:
        address = reverse(f"application-{row['step']}", args=[application.public_id])
        row["link"] = f"{address}#id_{row['field']}"
