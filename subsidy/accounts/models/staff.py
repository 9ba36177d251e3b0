"""The people who work on applications: the Django user of this site."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from subsidy.accounts.models.places import Office

SESSION_SALT = "subsidy.accounts.staff"


class StaffUser(AbstractUser):
    """A member of staff; their roles are groups, their scope is their office."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    display_name = models.CharField("姓名", max_length=50)
    office = models.ForeignKey(
        Office,
        verbose_name="所属机构",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
    )
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    left_at = models.DateTimeField("离岗时间", null=True, blank=True, editable=False)
    session_epoch = models.PositiveIntegerField("登录期次", default=0, editable=False)
    totp_step = models.BigIntegerField("最近用过的动态口令时段", default=0, editable=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = "工作人员"
        verbose_name_plural = "工作人员"
        ordering = ["username"]
        permissions = [("manage_staffuser", "管理工作人员账号与角色")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="staffuser_username_is_unique_in_any_case",
                violation_error_message="这个工号已被使用（不分大小写），请换一个。",
            ),
            models.CheckConstraint(
                name="staffuser_who_left_is_inactive",
                condition=Q(left_at__isnull=True) | Q(is_active=False),
                violation_error_message="离岗人员的账号必须停用。",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Tie open sessions to password and epoch: a raised epoch ends them all at their next request."""
        value = f"{self.password}\0{self.session_epoch}"
        return salted_hmac(SESSION_SALT, value, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Ask the roles alone: being a superuser is no answer (A1)."""
        return self.is_active and perm in self.get_all_permissions(obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether any right concerns this room."""
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())

    def get_full_name(self) -> str:
        """Return the name shown on pages."""
        return self.display_name

    def get_short_name(self) -> str:
        """Return the name shown on pages."""
        return self.display_name
