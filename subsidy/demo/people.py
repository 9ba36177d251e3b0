"""Invented people: names, numbers with right check digits, employers and certificates; nobody is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from subsidy.rules.identity import is_luhn
from subsidy.rules.numbers import mod_11_2

MOST: Final = 2_000
SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
)
WRITTEN_GIVEN_NAMES = (
    "建国 秀英 志强 淑兰 海燕 立军 玉梅 文博 春生 晓东 桂芝 永刚 雪梅 国庆 丽娟 宏伟 凤霞 振华 佳宁 俊杰 "
    "红梅 德胜 思琪 少华 彩云 长江 美玲 新宇 艳秋 保平 欣怡 金山 静 磊 敏 涛 颖 鹏 洁 勇 婷婷 大伟 小红 "
    "学文 瑞芳 连生 若曦 启明 翠萍 泽宇 一凡 子涵 广林 慧敏 世杰 巧云 万里 亚楠 守信"
)
GIVEN_NAMES: Final = tuple(WRITTEN_GIVEN_NAMES.split())
RARE_NAMES: Final = (
    "王䶮",
    "李㛃",
    "陈𬎆",
    "买买提·艾力",
    "欧阳思远",
    "阿依古丽·吐尔逊",
    "诸葛明慧",
    "司徒喆",
    "古丽娜尔·买买提",
    "张珺",
    "才旦卓玛",
    "刘〇一",
    "Maria Chen",
)
WRITTEN_DISTRICT_CODES = (
    "110105 110108 110106 110102 110112 110101 110114 110115 110113 110107 110111 110199 110109 110116 "
    "110117 110118 110119"
)
DISTRICT_CODES: Final = tuple(WRITTEN_DISTRICT_CODES.split())
# No area code 1199 was ever given out, so that no number here can be a living person's.
AREA: Final = "1199"
FOREIGN_AREAS: Final = {5: "830000", 12: "911156"}
UNASSIGNED_PREFIX: Final = "154"
CARD_PREFIX: Final = "621499"
LEVELS: Final = ("3", "2", "3", "1", "2", "3", "2", "3", "3", "2")


@dataclass(frozen=True, slots=True)
class Work:
    """An invented employer, and the certificates its people hold."""

    employer: str
    trades: tuple[str, ...]
    body: str
    positions: tuple[str, ...]


WORKS: Final = (
    Work(
        "北京样例公交维修有限公司",
        ("汽车维修工", "汽车电器维修工", "公共汽车司机"),
        "北京样例公共交通技能评价站",
        ("维修班组长", "驾驶员", "维修技师"),
    ),
    Work(
        "北京样例轨道交通运营有限公司",
        ("轨道列车司机", "轨道交通信号工", "城市轨道交通服务员"),
        "北京样例轨道交通技能评价中心",
        ("电客车司机", "信号检修工", "值班站长"),
    ),
    Work(
        "北京样例汽车制造有限公司",
        ("汽车装调工", "工业机器人系统操作员", "设备点检员"),
        "北京样例汽车制造有限公司",
        ("总装操作工", "机器人运维员", "点检员"),
    ),
    Work(
        "北京样例电力工程有限公司",
        ("电力电缆安装运维工", "变配电运行值班员", "继电保护员"),
        "北京样例电力技能评价中心",
        ("电缆班班长", "值班员", "继保工"),
    ),
    Work(
        "北京样例热力集团有限责任公司",
        ("供热管网系统运行工", "锅炉操作工"),
        "北京样例热力集团有限责任公司",
        ("管网运行工", "司炉工"),
    ),
    Work(
        "北京样例燃气集团有限责任公司",
        ("燃气储运工", "燃气具安装维修工"),
        "北京样例燃气集团有限责任公司",
        ("输配工", "维修工"),
    ),
    Work(
        "北京样例饭店", ("中式烹调师", "西式面点师", "餐厅服务员"), "北京样例餐饮行业协会", ("厨师", "领班")
    ),
    Work("北京样例茶庄", ("茶艺师", "评茶师"), "北京样例茶业协会", ("茶艺师", "店长")),
    Work("北京样例养老院", ("养老护理员",), "北京样例养老服务职业技能培训学校", ("护理员", "护理组长")),
    Work(
        "北京样例物业管理有限公司",
        ("智能楼宇管理员", "电梯安装维修工", "消防设施操作员"),
        "北京样例物业管理行业协会",
        ("工程主管", "中控室值班员"),
    ),
    Work("北京样例物流有限公司", ("快递员", "物流服务师"), "北京样例物流与采购联合会", ("快递员", "调度员")),
    Work(
        "北京样例机械厂",
        ("数控车工", "焊工", "电工", "钳工"),
        "北京市职业技能鉴定管理中心",
        ("数控操作工", "焊工", "维修电工", "装配钳工"),
    ),
    Work("北京样例园林绿化有限公司", ("园林绿化工",), "北京样例园林绿化行业协会", ("养护工",)),
    Work(
        "北京样例通信服务有限公司",
        ("网络与信息安全管理员", "信息通信网络线务员"),
        "北京样例信息通信行业协会",
        ("安全工程师", "线务员"),
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One invented member with the certificate they hold."""

    serial: int
    name: str
    resident_id: str
    mobile: str
    card_number: str
    new_card_number: str
    employer: str
    position: str
    district_code: str
    trade: str
    level: str
    certificate_number: str
    issued_on: date
    awarding_body: str


def person(serial: int) -> Person:
    """Return the n-th person, the same one every time; 0 to 1,999."""
    if not 0 <= serial < MOST:
        raise ValueError(f"there are {MOST} invented people")
    work = WORKS[serial * 5 % len(WORKS)]
    issued_on = date(2023, 1, 4) + timedelta(days=serial * 37 % 355)
    level = LEVELS[serial % len(LEVELS)]
    return Person(
        serial=serial,
        name=_name(serial),
        resident_id=_resident_id(serial),
        mobile=f"{UNASSIGNED_PREFIX}{serial + 1:08d}",
        card_number=card_number(serial),
        new_card_number=card_number(MOST + serial),
        employer=work.employer,
        position=work.positions[serial % len(work.positions)],
        district_code=DISTRICT_CODES[serial * serial % len(DISTRICT_CODES)],
        trade=work.trades[serial % len(work.trades)],
        level=level,
        certificate_number=certificate_number(serial, level, issued_on, work),
        issued_on=issued_on,
        awarding_body=work.body,
    )


def certificate_number(serial: int, level: str, issued_on: date, work: Work) -> str:
    """Return 22 positions: class, filed with the city, Beijing, body, year, level, serial (附件 2)."""
    body_class = "Y" if work.body == work.employer else "S"
    body = f"{WORKS.index(work) + 101:06d}"
    return f"{body_class}000011{body}{issued_on:%y}{level}{serial + 1:06d}"


def registration_number(serial: int) -> str:
    """Return the n-th 管理号 of a social worker's certificate, 18 digits."""
    return f"2023110{serial + 1:011d}"


def card_number(serial: int) -> str:
    """Return the n-th card number, 16 or 19 digits, right by Luhn."""
    width = 12 if serial % 9 == 4 else 9
    stem = f"{CARD_PREFIX}{serial + 1:0{width}d}"
    return next(stem + digit for digit in "0123456789" if is_luhn(stem + digit))


def _name(serial: int) -> str:
    rare, place = divmod(serial, 6)
    if place == 2 and rare < len(RARE_NAMES):
        return RARE_NAMES[rare]
    surname = SURNAMES[serial % len(SURNAMES)]
    return surname + GIVEN_NAMES[serial * 7 % len(GIVEN_NAMES)]


def _resident_id(serial: int) -> str:
    area = FOREIGN_AREAS.get(serial) or AREA + f"{serial % 18 + 1:02d}"
    born = date(1965, 2, 3) + timedelta(days=serial * 211 % 12_000)
    stem = f"{area}{born:%Y%m%d}{serial % 1000:03d}"
    return stem + mod_11_2(stem)
