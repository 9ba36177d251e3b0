"""A member's applications: kept, changed, submitted, followed (F1, F5)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

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
from applications.api.serializers.base import StrictSerializer, validated
from applications.api.views.base import MemberView
from applications.models import Application
from applications.services.cards import correct_card
from applications.services.drafts import change_draft, save_draft
from applications.services.eligibility import published_scheme
from applications.services.filing import resubmit, submit, withdraw
from applications.services.idempotency import HEADER, Outcome, read_key, run_once
from applications.services.timeline import timeline
from subsidy.accounts.models import Member
from subsidy.errors import NotFound
from subsidy.rules.terms import Ground

LONGEST_LIST = 100
READ = (401, 404, 429)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def own_application(member: Member, public_id: UUID | str) -> Application:
    """Return the member's application; raises NotFound, also when it is somebody else's."""
    rows = Application.objects.of_member(member).select_related(
        "scheme", "certificate", "district", "consent", "office", "member"
    )
    application = rows.filter(public_id=public_id).first()
    if application is None:
        raise NotFound("没有找到这份申报，请核对后再试。")
    return application


def answered(application: Application, status: int = 200) -> Response:
    """Answer with one application."""
    return Response(ApplicationAnswerSerializer(answer(application)).data, status=status)


class ApplicationsView(MemberView):
    """The member's applications."""

    @extend_schema(
        operation_id="applications_list",
        responses=answers({200: ApplicationAnswerSerializer(many=True)}, 401, 429),
        tags=["applications"],
    )
    def get(self, request: Request) -> Response:
        """我的申报（新的在前）."""
        rows = Application.objects.of_member(self.member).select_related(
            "scheme", "certificate", "district", "consent"
        )
        found = [answer(row) for row in rows[:LONGEST_LIST]]
        return Response(ApplicationAnswerSerializer(found, many=True).data)

    @extend_schema(
        operation_id="applications_create",
        parameters=[IDEMPOTENCY_KEY],
        request=ApplicationSerializer,
        responses=answers({201: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request) -> Response:
        """建立申报草稿."""
        given = validated(ApplicationSerializer, request)
        scheme = published_scheme(given["scheme"])
        ground: Ground = given["ground"]
        filing = to_filing(given, ground)
        key = read_key(
            request.headers.get(HEADER, ""), actor=self.actor, route="applications", asked=request.data
        )

        def work() -> Outcome:
            made = save_draft(self.member, filing, scheme=scheme, ground=ground, actor=self.actor)
            return Outcome(201, str(made.public_id))

        outcome = run_once(key, work)
        return answered(own_application(self.member, outcome.target), outcome.status_code)


class ApplicationView(MemberView):
    """One application."""

    @extend_schema(
        operation_id="applications_retrieve",
        responses=answers({200: ApplicationAnswerSerializer}, *READ),
        tags=["applications"],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """一份申报."""
        return answered(own_application(self.member, id))

    @extend_schema(
        operation_id="applications_partial_update",
        request=ApplicationPatchSerializer,
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """修改草稿或退回补正的申报."""
        application = own_application(self.member, id)
        given = validated(ApplicationPatchSerializer, request, application=application)
        filing = to_filing(given, Ground(application.ground))
        change_draft(application, filing, actor=self.actor, version=given["version"])
        return answered(own_application(self.member, id))


class StepView(MemberView):
    """One step of one application: read the body, call the service, answer the application."""

    shape: ClassVar[type[StrictSerializer]]

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Do what the step does."""
        raise NotImplementedError

    def take(self, request: Request, id: UUID) -> Response:
        """Find the member's application, take the step, answer."""
        application = own_application(self.member, id)
        self.step(application, validated(self.shape, request))
        return answered(own_application(self.member, id))


class SubmitView(StepView):
    """Submit."""

    shape = SubmitSerializer

    @extend_schema(
        operation_id="applications_submit",
        request=SubmitSerializer,
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """提交."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """File the draft."""
        consent = given.get("consent", {}).get("version", "")
        submit(application, actor=self.actor, version=given["version"], consent_version=consent)


class ResubmitView(StepView):
    """Submit again after a return."""

    shape = VersionSerializer

    @extend_schema(
        operation_id="applications_resubmit",
        request=VersionSerializer,
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """补正后再次提交."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Send the corrected application again."""
        resubmit(application, actor=self.actor, version=given["version"])


class WithdrawView(StepView):
    """Withdraw."""

    shape = WithdrawSerializer

    @extend_schema(
        operation_id="applications_withdraw",
        request=WithdrawSerializer,
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

    @extend_schema(
        operation_id="applications_card",
        request=CardSerializer,
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """发放失败后更正卡号."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Put the new card on the application."""
        correct_card(
            application, actor=self.actor, version=given["version"], card_number=given["card_number"]
        )


class TimelineView(MemberView):
    """What happened to one application."""

    @extend_schema(
        operation_id="applications_timeline",
        responses=answers({200: TimelineEntrySerializer(many=True)}, *READ),
        tags=["applications"],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """办理经过."""
        entries = timeline(own_application(self.member, id))
        return Response(TimelineEntrySerializer(entries, many=True).data)
