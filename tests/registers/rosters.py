"""Rows of register workbooks with invented people, as an authority would send them."""

from __future__ import annotations

from collections.abc import Sequence

from subsidy.registers.importing import Kind
from tests import make, workbooks

HEADINGS: dict[Kind, list[str]] = {
    Kind.CARD_HOLDERS: ["姓名", "证件号码", "互助服务卡号", "手机号", "所属工会", "所属区", "状态"],
    Kind.CERTIFICATES: ["姓名", "证件号码", "证书编号", "工种", "等级", "颁证日期", "发证机构"],
    Kind.COMPETITION: [
        "届次",
        "工种",
        "组别（个人/团体）",
        "赛段（决赛/半决赛）",
        "名次",
        "姓名",
        "证件号码",
        "手机号",
        "工作单位",
    ],
    Kind.TRADES: ["编码", "名称", "职业", "别名", "启用日期", "停用日期"],
    Kind.AWARDING_BODIES: ["编码", "名称", "别名", "备案部门", "启用日期", "停用日期"],
}
GAMES = "2023 年北京市职工职业技能大赛"


def holder(n: int, **changes: str) -> list[str]:
    row = {
        "姓名": "王建国",
        "证件号码": make.resident_id(n),
        "互助服务卡号": make.card_number(n),
        "手机号": make.mobile(n),
        "所属工会": "北京样例公交工会",
        "所属区": "西城区",
        "状态": "有效",
    }
    return list((row | changes).values())


def certificate(n: int, **changes: str) -> list[str]:
    row = {
        "姓名": "王建国",
        "证件号码": make.resident_id(n),
        "证书编号": make.certificate_number(n),
        "工种": "汽车装调工",
        "等级": "二级",
        "颁证日期": "2023-09-12",
        "发证机构": "北京市职业技能鉴定管理中心",
    }
    return list((row | changes).values())


def result(n: int, **changes: str) -> list[str]:
    row = {
        "届次": GAMES,
        "工种": "汽车装调工",
        "组别": "个人",
        "赛段": "决赛",
        "名次": "1",
        "姓名": "王建国",
        "证件号码": make.resident_id(n),
        "手机号": make.mobile(n),
        "工作单位": "北京样例公交维修有限公司",
    }
    return list((row | changes).values())


def workbook(kind: Kind, *rows: Sequence[str]) -> bytes:
    return workbooks.table(HEADINGS[kind], *rows)
