"""What people do with the system, in an administrator's words, and which cell of the table says who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from payouts.services import (
    apply_result,
    approve_batch,
    build_batch,
    cancel_batch,
    download,
    export_batch,
    freeze,
    record_recovery,
    stage_result,
)
from review.services import approve, revoke, take
from subsidy.accounts.models import StaffUser
from tests.matrix.world import World

Call = Callable[[World, StaffUser], Any]


@dataclass(frozen=True)
class Deed:
    """One deed: where it is done and how, and narrower roles where a service judges further."""

    words: str
    url: str
    method: str = "GET"
    of: str = ""
    only: str = ""
    call: Call | None = None
    note: str = ""


GROUPS: Final = (
    (
        "登录",
        (
            Deed("登录后台", "admin:index"),
            Deed("登录代报服务台", "desk"),
            Deed("改自己的密码、身份验证器", "account_change_password"),
        ),
    ),
    (
        "代报",
        (
            Deed("代会员申报", "desk-file", "POST", note="只在自己机构对应的渠道"),
            Deed("接手别处的草稿", "desk-take-over", "POST", note="凭申报编号和证件号码"),
            Deed("查办理进度", "desk-look-up", "POST", note="先核对身份，每次留痕"),
            Deed("看、改、提交、撤回本机构的申报", "desk-edit", "POST", "case", note="别的机构的看不到"),
            Deed("看、补登纸质材料的申报", "desk-dossier", "POST", "paper"),
            Deed("登记纸质材料", "desk-intake", "POST"),
            Deed("导入大赛名册、准备申报", "desk-roster", "POST"),
            Deed("代获奖人确认", "desk-confirm", "POST", note="先核对身份"),
            Deed("当面为会员换手机号", "desk-phone", "POST"),
            Deed("处理代报异议", "desk-objection", "POST", "objection", note="不能是代报的人"),
            Deed("办理会员更正资料的申请", "admin:accounts_membercorrection_decide", "POST", "correction"),
        ),
    ),
    (
        "审核",
        (
            Deed("看审核队列、申报和图片", "admin:review_queueitem_changelist"),
            Deed(
                "认领、放回",
                "admin:review_queueitem_take",
                "POST",
                call=lambda world, user: take(world.things["submitted"], reviewer=user),
            ),
            Deed(
                "通过、退回补正、不予通过",
                "admin:review_queueitem_approve",
                "POST",
                call=lambda world, user: approve(
                    world.things["submitted"], reviewer=user, version=world.things["submitted"].version
                ),
                note="不能审自己代报的",
            ),
            Deed(
                "撤销已通过的申报",
                "admin:review_queueitem_revoke",
                "POST",
                only="review_lead",
                call=lambda world, user: revoke(
                    world.things["approved"],
                    reviewer=user,
                    version=world.things["approved"].version,
                    note="核实不符",
                ),
                note="尚未发放的",
            ),
            Deed(
                "看完整的证件号码、卡号、手机号",
                "admin:review_queueitem_reveal",
                "POST",
                note="写明理由，留痕",
            ),
        ),
    ),
    (
        "资金",
        (
            Deed("看批次、明细、回盘", "admin:payouts_payoutbatch_changelist"),
            Deed(
                "建批",
                "admin:payouts_payoutbatch_build",
                "POST",
                call=lambda world, user: build_batch(scheme=world.things["scheme"], maker=user),
            ),
            Deed(
                "冻结",
                "admin:payouts_payoutbatch_freeze",
                "POST",
                "batch",
                only="finance_maker",
                call=lambda world, user: freeze(world.things["batch"], maker=user),
            ),
            Deed(
                "批准（复核）",
                "admin:payouts_payoutbatch_approve",
                "POST",
                "batch",
                only="finance_checker",
                call=lambda world, user: approve_batch(world.things["batch"], checker=user),
                note="不能是制单人、冻结人",
            ),
            Deed(
                "导出",
                "admin:payouts_payoutbatch_export",
                "POST",
                "batch",
                only="finance_maker",
                call=lambda world, user: export_batch(world.things["batch"], maker=user),
            ),
            Deed(
                "取消批次",
                "admin:payouts_payoutbatch_cancel",
                "POST",
                "batch",
                call=lambda world, user: cancel_batch(world.things["batch"], by=user, note="账户换行"),
            ),
            Deed(
                "下载发放文件",
                "admin:payouts_payoutbatch_download",
                "POST",
                "batch",
                call=lambda world, user: download(world.things["batch"].files.first(), by=user),
                note="每次留痕",
            ),
            Deed(
                "导入回盘",
                "admin:payouts_resultfile_upload",
                "POST",
                call=lambda world, user: stage_result(b"x", "a.txt", importer=user),
            ),
            Deed(
                "应用回盘",
                "admin:payouts_resultfile_apply",
                "POST",
                "result",
                only="finance_checker",
                call=lambda world, user: apply_result(world.things["result"], applier=user),
                note="不能是导入人",
            ),
            Deed(
                "登记追回",
                "admin:payouts_payoutline_recover",
                "POST",
                "line",
                call=lambda world, user: record_recovery(
                    world.things["line"], by=user, amount=1, reason="收款凭证 1"
                ),
            ),
        ),
    ),
    (
        "系统",
        (
            Deed("看登记库", "admin:registers_cardholder_changelist"),
            Deed("看年度方案", "admin:schemes_scheme_changelist"),
            Deed(
                "建账号、改角色、重置、办离岗",
                "admin:accounts_staffuser_change",
                "POST",
                "accounts.staffuser",
            ),
            Deed("建机构、改机构", "admin:accounts_office_change", "POST", "accounts.office"),
            Deed("看审计记录、短信", "admin:audit_auditrow_changelist"),
            Deed("看“谁看过谁的资料”", "admin:review_queueitem_disclosures"),
        ),
    ),
)
