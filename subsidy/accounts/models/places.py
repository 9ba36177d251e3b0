"""Where people work: the city's districts and the tree of union offices."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from subsidy.accounts.enums import OfficeKind


class District(models.Model):
    """One of Beijing's districts, or the economic development area."""

    code = models.CharField("区划代码", max_length=6, unique=True)
    name = models.CharField("名称", max_length=30, unique=True)

    class Meta:
        verbose_name = "区"
        verbose_name_plural = "区"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """A union office whose staff sign in: federation, association, hotline, union or station."""

    code = models.SlugField("机构代码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=20, choices=OfficeKind.choices())
    parent = models.ForeignKey(
        "self",
        verbose_name="上级机构",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    district = models.ForeignKey(
        District,
        verbose_name="所在区",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offices",
    )
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "机构"
        verbose_name_plural = "机构"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="office_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="机构不能是自己的上级。",
            ),
            models.CheckConstraint(
                name="office_kind_is_known",
                condition=Q(kind__in=[kind.value for kind in OfficeKind]),
                violation_error_message="机构类别不在列表中。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
