"""What each recorded deed is called where auditors read the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LABELS: Final[Mapping[str, str]] = {
    "application.attach": "上传附件",
    "application.card": "更正卡号",
    "application.change_dossier": "更正纸质材料登记",
    "application.change_for": "代会员修改申报",
    "application.confirm": "获奖人确认",
    "application.decline": "获奖人不领取",
    "application.draft_for": "代建草稿",
    "application.find": "查找申报",
    "application.object": "提出异议",
    "application.receive": "登记纸质材料",
    "application.resubmit": "补正后再提交",
    "application.settle_objection": "处理异议",
    "application.submit": "提交申报",
    "application.switch": "改报",
    "application.take_over": "接手草稿",
    "application.withdraw": "撤回申报",
    "attachment.view": "查看附件",
    "audit.disclosures": "下载谁看过谁",
    "keys.rotate": "轮换密钥",
    "member.adopt": "认领会员档案",
    "member.export": "导出本人资料",
    "member.identify": "登记身份",
    "member.reveal": "查看完整号码",
    "member.reveal_refused": "查看完整号码超限",
    "member.sign_in": "会员登录",
    "member.sign_out": "会员退出",
    "member.update_profile": "修改会员资料",
    "payout.approve": "复核批次",
    "payout.build": "编制批次",
    "payout.cancel": "取消批次",
    "payout.download": "下载发放文件",
    "payout.export": "生成发放文件",
    "payout.export_asked": "要求生成发放文件",
    "payout.freeze": "冻结批次",
    "payout.recover": "登记追回",
    "payout.result_apply": "应用回盘",
    "payout.result_discard": "作废回盘",
    "payout.result_stage": "导入回盘",
    "payout.settle": "处理发放结果",
    "register.import": "导入登记库",
    "register.imported": "登记库导入完成",
    "review.approve": "审核通过",
    "review.reject": "不予通过",
    "review.release": "放回队列",
    "review.return": "退回补正",
    "review.revoke": "撤销通过",
    "review.take": "认领申报",
    "roster.prepare": "按名册建立申报",
    "scheme.load": "载入方案",
    "staff.create": "开通账号",
    "staff.leave": "办理离岗",
    "staff.rename": "改名",
    "staff.reset_password": "重置密码",
    "staff.reset_second_factor": "重置第二因素",
    "staff.set_office": "调整机构",
    "staff.set_roles": "调整角色",
    "staff.sign_in": "工作人员登录",
    "staff.sign_in_failed": "登录失败",
    "staff.sign_out": "工作人员退出",
}


def deed_label(action: str) -> str:
    """Return the deed in words with its code, by which the log is searched."""
    return f"{LABELS[action]}（{action}）" if action in LABELS else action
