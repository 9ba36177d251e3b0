"""What anybody may ask without signing in; nothing is stored (F6)."""

from __future__ import annotations

from collections.abc import Callable

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api.openapi import answers
from applications.api.serializers.base import validated
from applications.api.serializers.catalogue import (
    CatalogueEntrySerializer,
    CatalogueQuerySerializer,
    SchemeSerializer,
    scheme_data,
)
from applications.api.serializers.claims import AssessmentSerializer, EligibilityCheckSerializer
from applications.api.views.base import OpenView
from applications.services.eligibility import judge_claim, published_scheme
from subsidy import clock
from subsidy.registers.services import Hit, search_bodies, search_trades
from subsidy.schemes.models import Scheme


class SchemesView(OpenView):
    """The published schemes, newest first."""

    @extend_schema(
        operation_id="schemes_list", responses=answers({200: SchemeSerializer(many=True)}, 429), tags=["open"]
    )
    def get(self, request: Request) -> Response:
        """年度方案."""
        now = clock.now()
        schemes = Scheme.objects.published().order_by("-year")
        return Response(SchemeSerializer([scheme_data(one.rules, now) for one in schemes], many=True).data)


class EligibilityChecksView(OpenView):
    """What would I get?"""

    @extend_schema(
        operation_id="eligibility_checks_create",
        request=EligibilityCheckSerializer,
        responses=answers({200: AssessmentSerializer}, 400, 404, 413, 415, 429),
        tags=["open"],
    )
    def post(self, request: Request) -> Response:
        """我能拿多少（不登录，不留存）."""
        asked = validated(EligibilityCheckSerializer, request)
        scheme = published_scheme(asked["scheme"])
        found = judge_claim(asked["claim"], scheme=scheme, at=asked.get("as_of") or clock.now())
        return Response(AssessmentSerializer(found).data)


class CatalogueView(OpenView):
    """At most 20 entries of one catalogue."""

    search: Callable[[str], list[Hit]]

    def find(self, request: Request) -> Response:
        """Answer the entries that fit the query."""
        query = CatalogueQuerySerializer(data={"q": request.query_params.get("q", "")})
        query.is_valid(raise_exception=True)
        hits = type(self).search(query.validated_data["q"])
        return Response(CatalogueEntrySerializer(hits, many=True).data)


class TradesView(CatalogueView):
    """Trades, retired names and aliases included."""

    search = staticmethod(search_trades)

    @extend_schema(
        operation_id="trades_list",
        parameters=[CatalogueQuerySerializer],
        responses=answers({200: CatalogueEntrySerializer(many=True)}, 400, 429),
        tags=["open"],
    )
    def get(self, request: Request) -> Response:
        """工种."""
        return self.find(request)


class AwardingBodiesView(CatalogueView):
    """Awarding bodies."""

    search = staticmethod(search_bodies)

    @extend_schema(
        operation_id="awarding_bodies_list",
        parameters=[CatalogueQuerySerializer],
        responses=answers({200: CatalogueEntrySerializer(many=True)}, 400, 429),
        tags=["open"],
    )
    def get(self, request: Request) -> Response:
        """评价机构."""
        return self.find(request)
