"""One more message: an objection to a new number that was not upheld."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0007_objection_answered"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="template",
            field=models.CharField(
                choices=[
                    ("sign_in_code", "登录验证码"),
                    ("submitted", "申报已受理"),
                    ("filed_for_you", "他人代报告知"),
                    ("confirm_wanted", "请获奖人确认"),
                    ("returned", "退回补正"),
                    ("approved", "审核通过"),
                    ("rejected", "审核未通过"),
                    ("withdrawn", "申报已撤回"),
                    ("objection_answered", "异议已答复"),
                    ("paid", "已到账"),
                    ("payment_failed", "发放失败"),
                    ("card_changed", "卡号已更正"),
                    ("mobile_changed", "手机号已更换"),
                    ("mobile_restored", "手机号已恢复"),
                    ("mobile_kept", "手机号异议已处理"),
                    ("corrected", "资料已更正"),
                    ("not_corrected", "资料未更正"),
                    ("revoked", "审核通过已撤销"),
                    ("recovered", "助推金已追回"),
                ],
                max_length=32,
                verbose_name="模板",
            ),
        ),
    ]
