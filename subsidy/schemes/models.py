"""A scheme: one year's plan, its values kept as one canonical definition (P1–P3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from subsidy.rules.scheme import Scheme as SchemeRules

_compiled: dict[str, SchemeRules] = {}


class SchemeQuerySet(models.QuerySet["Scheme"]):
    """Schemes by what may be done with them."""

    def published(self) -> SchemeQuerySet:
        """Return the schemes that members can see."""
        return self.filter(status=Scheme.Status.PUBLISHED)

    def current(self, at: datetime) -> Scheme | None:
        """Return the scheme whose filing is open at the instant, else the newest published one."""
        published = self.published().order_by("-year")
        return published.filter(opens_at__lte=at, closes_at__gt=at).first() or published.first()


class Scheme(models.Model):
    """年度方案: frozen once published, except what P3 lets change."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"

    year = models.PositiveSmallIntegerField("方案年度", unique=True)
    title = models.CharField("标题", max_length=100)
    document_number = models.CharField("文号", max_length=60, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    definition = models.JSONField("方案内容")
    fingerprint = models.CharField("方案指纹", max_length=64, editable=False)
    opens_at = models.DateTimeField("申报开始")
    closes_at = models.DateTimeField("申报截止")
    published_at = models.DateTimeField("发布时间", null=True, editable=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度方案"
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")),
                name="scheme_opens_before_it_closes",
                violation_error_message="申报开始要早于申报截止。",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft") | models.Q(published_at__isnull=False),
                name="scheme_published_has_instant",
                violation_error_message="已发布的方案要有发布时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度方案"

    @property
    def rules(self) -> SchemeRules:
        """Return the compiled rules of this scheme, one object per definition."""
        if self.fingerprint not in _compiled:
            _compiled[self.fingerprint] = SchemeRules.from_mapping(self.definition)
        return _compiled[self.fingerprint]

    def set_definition(self, mapping: dict[str, Any]) -> None:
        """Check a definition and copy what the database needs to know of it; raises ValueError."""
        rules = SchemeRules.from_mapping(mapping)
        self.definition = rules.to_mapping()
        self.fingerprint = rules.fingerprint()
        self.year, self.title = rules.year, rules.title
        self.document_number = rules.document_number
        self.opens_at, self.closes_at = rules.opens_at, rules.closes_at
