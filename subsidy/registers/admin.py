"""The registers as staff see them: masked, view only; importers fill them."""

from __future__ import annotations

from django.contrib import admin

from subsidy.backoffice import KeysetAdmin, ReadOnlyAdmin
from subsidy.registers.models import AwardingBody, CardHolder, CompetitionResult, IssuedCertificate, Trade
from subsidy.rules.identity import mask_card


@admin.register(CardHolder)
class CardHolderAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Card holders, found by name prefix or the card's last four digits."""

    list_display = ["name", "masked_card", "union_name", "district", "active"]
    list_select_related = ["district"]
    search_fields = ["name__startswith", "=card_tail"]
    fields = ["name", "masked_card", "union_name", "district", "active"]

    @admin.display(description="互助服务卡号")
    def masked_card(self, holder: CardHolder) -> str:
        """Return the card as pages show it."""
        return mask_card(holder.card_number)


@admin.register(IssuedCertificate)
class IssuedCertificateAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Issued certificates, found by exact number or name prefix."""

    list_display = ["number", "name", "trade", "level", "issued_on", "awarding_body"]
    search_fields = ["=number_key", "name__startswith"]
    fields = ["number", "name", "trade", "level", "issued_on", "awarding_body"]


@admin.register(CompetitionResult)
class CompetitionResultAdmin(KeysetAdmin, ReadOnlyAdmin):
    """Competition results."""

    list_display = ["edition", "trade", "round", "rank", "name", "employer"]
    search_fields = ["name__startswith"]
    fields = ["edition", "trade", "is_team", "round", "rank", "name", "employer"]


class CatalogueAdmin(KeysetAdmin, ReadOnlyAdmin):
    """A catalogue with codes, aliases and retired names."""

    search_fields = ["name", "=code"]


@admin.register(Trade)
class TradeAdmin(CatalogueAdmin):
    """Trades."""

    list_display = ["code", "name", "occupation", "valid_from", "valid_to"]
    fields = ["code", "name", "occupation", "aliases", "valid_from", "valid_to"]


@admin.register(AwardingBody)
class AwardingBodyAdmin(CatalogueAdmin):
    """Awarding bodies."""

    list_display = ["code", "name", "filed_with", "valid_from", "valid_to"]
    fields = ["code", "name", "filed_with", "aliases", "valid_from", "valid_to"]
