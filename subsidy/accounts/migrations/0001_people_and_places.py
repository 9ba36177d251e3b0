"""First tables of people and places."""

import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import subsidy.crypto


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="District",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=6, unique=True, verbose_name="区划代码")),
                ("name", models.CharField(max_length=30, unique=True, verbose_name="名称")),
            ],
            options={
                "verbose_name": "区",
                "verbose_name_plural": "区",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="StaffUser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                ("display_name", models.CharField(max_length=50, verbose_name="姓名")),
                ("must_change_password", models.BooleanField(default=False, verbose_name="下次登录须改密码")),
                (
                    "left_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="离岗时间"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "工作人员",
                "verbose_name_plural": "工作人员",
                "ordering": ["username"],
                "permissions": [("manage_staffuser", "管理工作人员账号与角色")],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="公开编号"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=50, verbose_name="姓名")),
                (
                    "name_key",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="姓名比对键"),
                ),
                (
                    "resident_id",
                    subsidy.crypto.EncryptedTextField(blank=True, null=True, verbose_name="证件号码"),
                ),
                (
                    "resident_id_index",
                    models.CharField(
                        blank=True, editable=False, max_length=64, null=True, verbose_name="证件号码摘要"
                    ),
                ),
                ("mobile", subsidy.crypto.EncryptedTextField(blank=True, null=True, verbose_name="手机号")),
                (
                    "mobile_index",
                    models.CharField(
                        blank=True, editable=False, max_length=64, null=True, verbose_name="手机号摘要"
                    ),
                ),
                (
                    "mobile_verified_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="手机号验证时间"
                    ),
                ),
                (
                    "card_number",
                    subsidy.crypto.EncryptedTextField(blank=True, null=True, verbose_name="互助服务卡号"),
                ),
                (
                    "card_index",
                    models.CharField(
                        blank=True, editable=False, max_length=64, null=True, verbose_name="互助服务卡号摘要"
                    ),
                ),
                (
                    "card_tail",
                    models.CharField(blank=True, editable=False, max_length=4, verbose_name="卡号末四位"),
                ),
                ("employer", models.CharField(blank=True, max_length=200, verbose_name="工作单位")),
                ("position", models.CharField(blank=True, max_length=200, verbose_name="职务")),
                (
                    "trust",
                    models.CharField(
                        choices=[
                            ("none", "未核实"),
                            ("mobile", "手机号已验证"),
                            ("register", "与会员登记库一致"),
                            ("disputed", "与会员登记库不一致"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="核实程度",
                    ),
                ),
                (
                    "session_epoch",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="登录世代"),
                ),
                (
                    "merged_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="并入时间"),
                ),
                ("created_at", models.DateTimeField(editable=False, verbose_name="建档时间")),
                ("updated_at", models.DateTimeField(editable=False, verbose_name="更新时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="建档人",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="accounts.district",
                        verbose_name="所在区",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_from",
                        to="accounts.member",
                        verbose_name="并入",
                    ),
                ),
            ],
            options={
                "verbose_name": "会员",
                "verbose_name_plural": "会员",
                "ordering": ["id"],
                "permissions": [("reveal_member", "查看会员完整证件号、卡号和手机号")],
            },
        ),
        migrations.CreateModel(
            name="MemberToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_index", models.CharField(max_length=64, unique=True, verbose_name="令牌摘要")),
                ("created_at", models.DateTimeField(verbose_name="签发时间")),
                ("expires_at", models.DateTimeField(verbose_name="失效时间")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="注销时间")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="accounts.member",
                        verbose_name="会员",
                    ),
                ),
            ],
            options={
                "verbose_name": "会员令牌",
                "verbose_name_plural": "会员令牌",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="机构代码")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("federation", "市总工会"),
                            ("association", "市职工技术协会"),
                            ("hotline", "12351 热线中心"),
                            ("district_union", "区总工会"),
                            ("street_union", "街道（乡镇）总工会"),
                            ("station", "工会服务站"),
                        ],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offices",
                        to="accounts.district",
                        verbose_name="所在区",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounts.office",
                        verbose_name="上级机构",
                    ),
                ),
            ],
            options={
                "verbose_name": "机构",
                "verbose_name_plural": "机构",
                "ordering": ["code"],
            },
        ),
        migrations.AddField(
            model_name="staffuser",
            name="office",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="staff",
                to="accounts.office",
                verbose_name="所属机构",
            ),
        ),
        migrations.CreateModel(
            name="SignInCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("sign_in", "登录"), ("change_mobile", "更换手机号")],
                        max_length=15,
                        verbose_name="用途",
                    ),
                ),
                ("mobile_index", models.CharField(max_length=64, verbose_name="手机号摘要")),
                ("nonce_index", models.CharField(max_length=64, verbose_name="会话随机数摘要")),
                ("code_index", models.CharField(max_length=64, verbose_name="验证码摘要")),
                ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="来源地址")),
                ("created_at", models.DateTimeField(verbose_name="发出时间")),
                ("expires_at", models.DateTimeField(verbose_name="失效时间")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="已试次数")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="使用时间")),
            ],
            options={
                "verbose_name": "登录验证码",
                "verbose_name_plural": "登录验证码",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["mobile_index", "created_at"], name="signincode_mobile_recent"),
                    models.Index(fields=["address", "created_at"], name="signincode_address_recent"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("attempts__gte", 0), ("attempts__lte", 5)),
                        name="signincode_tries_are_limited",
                        violation_error_message="验证码最多试五次。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used_at__isnull", True), ("attempts__gte", 1), _connector="OR"),
                        name="signincode_used_was_tried",
                        violation_error_message="使用过的验证码至少试过一次。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="signincode_expires_after_sending",
                        violation_error_message="失效时间必须晚于发出时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["sign_in", "change_mobile"])),
                        name="signincode_purpose_is_known",
                        violation_error_message="验证码用途不在列表中。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mobile_index__regex", "^[0-9a-f]{64}$")),
                        name="signincode_mobile_index_is_a_digest",
                        violation_error_message="摘要必须是 64 位十六进制字符。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("nonce_index__regex", "^[0-9a-f]{64}$")),
                        name="signincode_nonce_index_is_a_digest",
                        violation_error_message="摘要必须是 64 位十六进制字符。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code_index__regex", "^[0-9a-f]{64}$")),
                        name="signincode_code_index_is_a_digest",
                        violation_error_message="摘要必须是 64 位十六进制字符。",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["mobile_index"], name="member_mobile_index"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["card_index"], name="member_card_index"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["name_key"], name="member_name_key"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resident_id_index__isnull", False)),
                fields=("resident_id_index",),
                name="member_one_per_resident_id",
                violation_error_message="该证件号码已有会员档案。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("merged_into__isnull", True), ("mobile_verified_at__isnull", False)),
                fields=("mobile_index",),
                name="member_one_per_verified_mobile",
                violation_error_message="该手机号已由另一位会员验证。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resident_id__isnull", False), ("resident_id_index__isnull", False)),
                    models.Q(("resident_id__isnull", True), ("resident_id_index__isnull", True)),
                    _connector="OR",
                ),
                name="member_resident_id_has_its_digest",
                violation_error_message="加密字段与其摘要必须同时存在或同时为空。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mobile__isnull", False), ("mobile_index__isnull", False)),
                    models.Q(("mobile__isnull", True), ("mobile_index__isnull", True)),
                    _connector="OR",
                ),
                name="member_mobile_has_its_digest",
                violation_error_message="加密字段与其摘要必须同时存在或同时为空。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("card_index__isnull", False), ("card_number__isnull", False)),
                    models.Q(("card_index__isnull", True), ("card_number__isnull", True)),
                    _connector="OR",
                ),
                name="member_card_number_has_its_digest",
                violation_error_message="加密字段与其摘要必须同时存在或同时为空。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("resident_id_index__regex", "^[0-9a-f]{64}$")),
                name="member_resident_id_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("mobile_index__regex", "^[0-9a-f]{64}$")),
                name="member_mobile_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("card_index__regex", "^[0-9a-f]{64}$")),
                name="member_card_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("mobile_verified_at__isnull", True), ("mobile_index__isnull", False), _connector="OR"
                ),
                name="member_verified_mobile_is_known",
                violation_error_message="验证过的手机号必须登记在案。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("card_index__isnull", True), ("card_tail", "")),
                    models.Q(("card_index__isnull", False), ("card_tail__regex", "^[0-9]{4}$")),
                    _connector="OR",
                ),
                name="member_card_tail_matches_presence",
                violation_error_message="卡号末四位必须与卡号同时登记。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), ("name_key", "")),
                    models.Q(
                        models.Q(("name", ""), _negated=True), models.Q(("name_key", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="member_name_has_its_key",
                violation_error_message="姓名与比对键必须同时存在。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("trust__in", ["none", "mobile", "register", "disputed"])),
                name="member_trust_is_known",
                violation_error_message="核实程度不在列表中。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="member_is_not_merged_into_itself",
                violation_error_message="档案不能并入自己。",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", True), ("merged_into__isnull", True)),
                    models.Q(("merged_at__isnull", False), ("merged_into__isnull", False)),
                    _connector="OR",
                ),
                name="member_merge_has_its_instant",
                violation_error_message="并入的档案必须记下时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membertoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="membertoken_expires_after_issue",
                violation_error_message="失效时间必须晚于签发时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="membertoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("token_index__regex", "^[0-9a-f]{64}$")),
                name="membertoken_token_index_is_a_digest",
                violation_error_message="摘要必须是 64 位十六进制字符。",
            ),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(("parent", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="office_is_not_its_own_parent",
                violation_error_message="机构不能是自己的上级。",
            ),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["federation", "association", "hotline", "district_union", "street_union", "station"],
                    )
                ),
                name="office_kind_is_known",
                violation_error_message="机构类别不在列表中。",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffuser",
            constraint=models.CheckConstraint(
                condition=models.Q(("left_at__isnull", True), ("is_active", False), _connector="OR"),
                name="staffuser_who_left_is_inactive",
                violation_error_message="离岗人员的账号必须停用。",
            ),
        ),
    ]
