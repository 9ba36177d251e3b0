"""The five registers: their columns, what identifies a row, and what a row writes (docs/contract.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from subsidy.crypto import blind_index
from subsidy.registers.importing import cells
from subsidy.registers.importing.cells import Reader, Reading
from subsidy.registers.models import AwardingBody, CardHolder, CompetitionResult, IssuedCertificate, Trade
from subsidy.registers.services import search_key
from subsidy.rules.certificate_number import normalise
from subsidy.rules.folding import fold_competition, fold_name
from subsidy.rules.identity import mask_card, mask_mobile, mask_name, mask_resident_id, normalise_name
from subsidy.rules.terms import CompetitionRound, Term

Values = Mapping[str, Any]


class Kind(Term):
    """Which register a workbook fills."""

    CARD_HOLDERS = "card_holders", "互助服务卡持卡人"
    CERTIFICATES = "certificates", "已发证书"
    COMPETITION = "competition", "大赛名单"
    TRADES = "trades", "工种"
    AWARDING_BODIES = "awarding_bodies", "评价机构"


def _as_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a workbook; an empty cell reads as `empty` where the column is not required."""

    heading: str
    read: Reader
    hint: str
    example: str
    required: bool = True
    empty: Any = ""
    mask: Callable[[str], str] = _as_is


@dataclass(frozen=True, slots=True)
class Register:
    """How one workbook becomes rows of one model."""

    kind: Kind
    model: type[Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Database columns that identify a row."""
    compared: tuple[str, ...]
    """Database columns whose difference is a change; sealed ones have a digest to compare instead."""
    fields: Callable[[Values, Reading], dict[str, Any]]
    """Turn the values of a row, by heading, into values of model fields."""
    identifies: str
    """The heading to point at when two rows are the same."""
    has_source: bool = True


def _holder(values: Values, _: Reading) -> dict[str, Any]:
    card, mobile = values["互助服务卡号"], values["手机号"]
    return {
        "name": values["姓名"],
        "name_key": normalise_name(values["姓名"]),
        "resident_id": values["证件号码"],
        "resident_id_index": blind_index("resident_id", values["证件号码"]),
        "card_number": card,
        "card_index": blind_index("card", card),
        "card_tail": card[-4:],
        "mobile": mobile,
        "mobile_index": blind_index("mobile", mobile) if mobile else "",
        "union_name": values["所属工会"],
        "district_id": values["所属区"],
        "active": values["状态"],
    }


def _certificate(values: Values, _: Reading) -> dict[str, Any]:
    return {
        "name": values["姓名"],
        "name_key": normalise_name(values["姓名"]),
        "resident_id_index": blind_index("resident_id", values["证件号码"]),
        "number": values["证书编号"],
        "number_key": normalise(values["证书编号"]),
        "trade": values["工种"],
        "level": values["等级"],
        "issued_on": values["颁证日期"],
        "awarding_body": values["发证机构"],
    }


def _result(values: Values, reading: Reading) -> dict[str, Any]:
    """One competition or trade keeps its first writing, or one person would have two ranks (E4)."""
    edition = reading.as_written("edition", fold_competition(values["届次"]), values["届次"])
    trade = reading.as_written("trade", fold_name(values["工种"]), values["工种"])
    digest = blind_index("resident_id", values["证件号码"])
    return {
        "edition": edition,
        "trade": trade,
        "is_team": values["组别"],
        "round": values["赛段"].value,
        "rank": values["名次"],
        "name": values["姓名"],
        "resident_id": values["证件号码"],
        "resident_id_index": digest,
        "mobile": values["手机号"],
        "employer": values["工作单位"],
    }


def _entry(values: Values, _: Reading) -> dict[str, Any]:
    first, last = values["启用日期"], values["停用日期"]
    if first and last and last < first:
        raise ValueError("停用日期早于启用日期。请核对。")
    return {
        "code": values["编码"],
        "name": values["名称"],
        "name_key": fold_name(values["名称"]),
        "aliases": json.dumps(values["别名"], ensure_ascii=False),
        "search_key": search_key(values["名称"], values["别名"]),
        "valid_from": first,
        "valid_to": last,
    }


def _trade(values: Values, reading: Reading) -> dict[str, Any]:
    return _entry(values, reading) | {"occupation": values["职业"]}


def _body(values: Values, reading: Reading) -> dict[str, Any]:
    return _entry(values, reading) | {"filed_with": values["备案部门"]}


PERSON = (
    Column("姓名", cells.person, "与身份证一致", "张样例", mask=mask_name),
    Column("证件号码", cells.resident_id, "18 位，文本格式", "11010119900307001X", mask=mask_resident_id),
)
MOBILE = Column("手机号", cells.mobile, "11 位，文本格式", "13800000000", False, None, mask_mobile)
DAY_HINT = "YYYY-MM-DD"
STARTS = Column("启用日期", cells.day, DAY_HINT, "2020-01-01", False, None)
ENDS = Column("停用日期", cells.day, f"{DAY_HINT}；在用的留空", "", False, None)
CODE = Column("编码", cells.text(40), "不重复；按编码更新", "GZ0001")
NAME = Column("名称", cells.name(200), "全称", "汽车装调工")
ALIASES = Column("别名", cells.aliases, "多个用分号隔开", "汽车装配工；汽车调试工", False, [])
ENTRY_FIELDS = ("name", "aliases", "search_key", "valid_from", "valid_to")

REGISTERS = {
    register.kind: register
    for register in (
        Register(
            Kind.CARD_HOLDERS,
            CardHolder,
            (
                *PERSON,
                Column(
                    "互助服务卡号", cells.card, "16 至 19 位，文本格式", "6214000000000009", mask=mask_card
                ),
                MOBILE,
                Column("所属工会", cells.text(100), "工会全称", "北京样例公交工会", False),
                Column("所属区", cells.district, "区的全名", "西城区", False, None),
                Column(
                    "状态",
                    cells.one_of(cells.STATES),
                    "有效、无效、停用、注销；空为有效",
                    "有效",
                    False,
                    True,
                ),
            ),
            key=("resident_id_index",),
            compared=("name", "card_index", "mobile_index", "union_name", "district_id", "active"),
            fields=_holder,
            identifies="证件号码",
        ),
        Register(
            Kind.CERTIFICATES,
            IssuedCertificate,
            (
                *PERSON,
                Column("证书编号", cells.certificate, "照证书填写", "S000011000123232000001"),
                Column("工种", cells.text(100), "照证书填写", "汽车装调工"),
                Column("等级", cells.level, "1 至 5，或一级至五级", "二级"),
                Column("颁证日期", cells.day, DAY_HINT, "2023-09-12"),
                Column("发证机构", cells.text(200), "全称", "北京市职业技能鉴定管理中心"),
            ),
            key=("number_key",),
            compared=(
                "name",
                "resident_id_index",
                "number",
                "trade",
                "level",
                "issued_on",
                "awarding_body",
            ),
            fields=_certificate,
            identifies="证书编号",
        ),
        Register(
            Kind.COMPETITION,
            CompetitionResult,
            (
                Column("届次", cells.name(100), "大赛全称，含年份", "2023 年北京市职工职业技能大赛"),
                Column("工种", cells.name(100), "比赛工种", "汽车装调工"),
                Column("组别", cells.one_of(cells.TEAMS), "个人或团体", "个人"),
                Column("赛段", cells.one_of(cells.ROUNDS), "决赛或半决赛", CompetitionRound.FINAL.label),
                Column("名次", cells.rank, "从 1 起；并列写同一名次", "1"),
                *PERSON,
                MOBILE,
                Column("工作单位", cells.text(200), "全称", "北京样例公交维修有限公司", False),
            ),
            key=("edition", "trade", "round", "is_team", "resident_id_index"),
            compared=("rank", "name", "mobile", "employer"),
            fields=_result,
            identifies="证件号码",
        ),
        Register(
            Kind.TRADES,
            Trade,
            (CODE, NAME, Column("职业", cells.text(200), "所属职业", "", False), ALIASES, STARTS, ENDS),
            key=("code",),
            compared=(*ENTRY_FIELDS, "occupation"),
            fields=_trade,
            identifies="编码",
            has_source=False,
        ),
        Register(
            Kind.AWARDING_BODIES,
            AwardingBody,
            (CODE, NAME, ALIASES, Column("备案部门", cells.text(100), "", "", False), STARTS, ENDS),
            key=("code",),
            compared=(*ENTRY_FIELDS, "filed_with"),
            fields=_body,
            identifies="编码",
            has_source=False,
        ),
    )
}
