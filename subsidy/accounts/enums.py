"""The closed vocabularies of offices, members and one-time codes."""

from __future__ import annotations

from subsidy.rules.terms import Term


class OfficeKind(Term):
    """What an office is within the union's structure."""

    FEDERATION = "federation", "市总工会"
    ASSOCIATION = "association", "市职工技术协会"
    HOTLINE = "hotline", "12351 热线中心"
    DISTRICT_UNION = "district_union", "区总工会"
    STREET_UNION = "street_union", "街道（乡镇）总工会"
    STATION = "station", "工会服务站"


class Trust(Term):
    """How far we know that a member is who they say."""

    NONE = "none", "未核实"
    MOBILE = "mobile", "手机号已验证"
    REGISTER = "register", "与会员登记库一致"
    DISPUTED = "disputed", "与会员登记库不一致"


class CodePurpose(Term):
    """What a one-time code may be used for."""

    SIGN_IN = "sign_in", "登录"
    CHANGE_MOBILE = "change_mobile", "更换手机号"


class CorrectionField(Term):
    """What a member may ask to have corrected."""

    NAME = "name", "姓名"
    RESIDENT_ID = "resident_id", "证件号码"


class CorrectionOutcome(Term):
    """What became of a request for correction."""

    OPEN = "open", "待办理"
    GRANTED = "granted", "已更正"
    REFUSED = "refused", "不予更正"


class StaffDoor(Term):
    """Where staff prove who they are, each with a count of its own."""

    PASSWORD = "password", "密码"
    SECOND_FACTOR = "second_factor", "动态口令或恢复码"
