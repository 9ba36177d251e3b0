"""A member's applications: kept, changed, submitted, followed (F1, F5)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api import assisted
from applications.api.filings import answer, to_filing
from applications.api.openapi import IDEMPOTENCY_KEY, answers
from applications.api.serializers.applications import (
    ApplicationAnswerSerializer,
    ApplicationPatchSerializer,
    ApplicationSerializer,
    CardSerializer,
    SubmitSerializer,
    TimelineEntrySerializer,
    VersionSerializer,
    WithdrawSerializer,
)
from applications.api.serializers.assisted import (
    AssistedApplicationSerializer,
    AssistedCardSerializer,
    AssistedPatchSerializer,
    AssistedResubmitSerializer,
    AssistedSubmitSerializer,
    AssistedWithdrawSerializer,
    either,
)
from applications.api.serializers.base import StrictSerializer, validated
from applications.api.views.callers import NOT_THERE, CallerView, named_within
from applications.models import Application
from applications.services.assisted import COUNTERS
from applications.services.cards import correct_card
from applications.services.corrections import change, resubmit_for
from applications.services.drafts import save_draft
from applications.services.eligibility import published_scheme
from applications.services.filing import resubmit, submit, withdraw
from applications.services.idempotency import HEADER, Outcome, read_key, run_once
from applications.services.timeline import timeline
from subsidy.errors import Conflict, NotFound
from subsidy.rules.terms import Ground
from subsidy.schemes.models import Scheme

LONGEST_LIST = 100
READ = (401, 404, 429)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def answered(application: Application, status: int = 200) -> Response:
    """Answer with one application."""
    return Response(ApplicationAnswerSerializer(answer(application)).data, status=status)


class ApplicationsView(CallerView):
    """The member's applications; for staff those of their office."""

    @extend_schema(
        operation_id="applications_list",
        responses=answers({200: ApplicationAnswerSerializer(many=True)}, 401, 429),
        tags=["applications"],
    )
    def get(self, request: Request) -> Response:
        """我的申报（新的在前）."""
        rows = self.cases().select_related("scheme", "certificate", "district", "consent")
        found = [answer(row) for row in rows[:LONGEST_LIST]]
        return Response(ApplicationAnswerSerializer(found, many=True).data)

    @extend_schema(
        operation_id="applications_create",
        parameters=[IDEMPOTENCY_KEY],
        request=either("NewApplication", ApplicationSerializer, AssistedApplicationSerializer),
        responses=answers({201: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request) -> Response:
        """建立申报草稿."""
        given = validated(AssistedApplicationSerializer if self.operator else ApplicationSerializer, request)
        scheme = published_scheme(given["scheme"])
        key = read_key(
            request.headers.get(HEADER, ""), actor=self.actor, route="applications", asked=request.data
        )

        def work() -> Outcome:
            return Outcome(201, str(self._begin(given, scheme).public_id))

        outcome = run_once(key, work)
        return answered(self.case(outcome.target), outcome.status_code)

    def _begin(self, given: dict[str, Any], scheme: Scheme) -> Application:
        if self.operator is not None:
            with named_within("on_behalf_of", assisted.PERSON):
                return assisted.begin(given, scheme=scheme, operator=self.operator, ip=self.address)
        ground: Ground = given["ground"]
        filing = to_filing(given, ground)
        return save_draft(self.member, filing, scheme=scheme, ground=ground, actor=self.actor)


class ApplicationView(CallerView):
    """One application."""

    @extend_schema(
        operation_id="applications_retrieve",
        responses=answers({200: ApplicationAnswerSerializer}, *READ),
        tags=["applications"],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """一份申报."""
        return answered(self.case(id))

    @extend_schema(
        operation_id="applications_partial_update",
        request=either("ChangedApplication", ApplicationPatchSerializer, AssistedPatchSerializer),
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """修改草稿或退回补正的申报."""
        application = self.case(id)
        if self.operator is not None:
            given = validated(AssistedPatchSerializer, request, application=application)
            assisted.change(application, given, operator=self.operator, ip=self.address)
        else:
            given = validated(ApplicationPatchSerializer, request, application=application)
            filing = to_filing(given, Ground(application.ground))
            change(application, filing, actor=self.actor, version=given["version"])
        return answered(self.case(id))


class StepView(CallerView):
    """One step of one application: read the body, call the service, answer the application."""

    shape: ClassVar[type[StrictSerializer]]
    staff_shape: ClassVar[type[StrictSerializer] | None] = None

    def step(self, application: Application, given: dict[str, Any]) -> Application | None:
        """Do what the step does; return the application to answer when it is another one."""
        raise NotImplementedError

    def take(self, request: Request, id: UUID, status: int = 200) -> Response:
        """Find the caller's application, take the step, answer."""
        application = self.case(id)
        shape = (self.operator and self.staff_shape) or self.shape
        made = self.step(application, validated(shape, request))
        return answered(self.case(made.public_id if made else id), status)

    def other(self, given: dict[str, Any]) -> Application | None:
        """Return the application that shall be replaced; raises NotFound naming the field."""
        if "switch_from" not in given:
            return None
        found = Application.objects.filter(public_id=given["switch_from"])
        if self.operator is None:
            found = found.filter(member=self.member)
        application = found.first()
        if application is None:
            raise NotFound(NOT_THERE, field="switch_from")
        return application


class SubmitView(StepView):
    """Submit."""

    shape = SubmitSerializer
    staff_shape = AssistedSubmitSerializer

    @extend_schema(
        operation_id="applications_submit",
        request=either("Submission", SubmitSerializer, AssistedSubmitSerializer),
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """提交."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """File the draft."""
        if self.operator is not None:
            other = self.other(given)
            assisted.file(application, given, operator=self.operator, switch_from=other, ip=self.address)
            return
        if application.channel in COUNTERS:
            raise Conflict("这份草稿由工作人员代填。请在原来的服务站或热线核对提交。", code="WRONG_CHANNEL")
        consent = given.get("consent", {}).get("version", "")
        submit(application, actor=self.actor, version=given["version"], consent_version=consent)


class ResubmitView(StepView):
    """Submit again after a return."""

    shape = VersionSerializer
    staff_shape = AssistedResubmitSerializer

    @extend_schema(
        operation_id="applications_resubmit",
        request=either("Resubmission", VersionSerializer, AssistedResubmitSerializer),
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """补正后再次提交."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Send the corrected application again."""
        if self.operator is not None:
            evidence = given["consent"]["evidence"]
            resubmit_for(
                application,
                operator=self.operator,
                version=given["version"],
                evidence=evidence,
                ip=self.address,
            )
            return
        resubmit(application, actor=self.actor, version=given["version"])


class WithdrawView(StepView):
    """Withdraw."""

    shape = WithdrawSerializer
    staff_shape = AssistedWithdrawSerializer

    @extend_schema(
        operation_id="applications_withdraw",
        request=either("Withdrawal", WithdrawSerializer, AssistedWithdrawSerializer),
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """撤回."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Take the application back."""
        withdraw(application, actor=self.actor, version=given["version"], note=given.get("note", ""))


class CardView(StepView):
    """Correct the card."""

    shape = CardSerializer
    staff_shape = AssistedCardSerializer

    @extend_schema(
        operation_id="applications_card",
        request=either("CardCorrection", CardSerializer, AssistedCardSerializer),
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """发放失败后更正卡号."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Put the new card on the application."""
        correct_card(
            application,
            actor=self.actor,
            version=given["version"],
            card_number=given["card_number"],
            evidence=given.get("consent", {}).get("evidence", ""),
        )


class TimelineView(CallerView):
    """What happened to one application."""

    @extend_schema(
        operation_id="applications_timeline",
        responses=answers({200: TimelineEntrySerializer(many=True)}, *READ),
        tags=["applications"],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """办理经过."""
        entries = timeline(self.case(id))
        return Response(TimelineEntrySerializer(entries, many=True).data)
