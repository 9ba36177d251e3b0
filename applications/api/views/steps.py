"""Switching, a winner's answer to a prepared application, and objecting to what somebody else filed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api.assisted import filing_of
from applications.api.filings import to_filing
from applications.api.openapi import IDEMPOTENCY_KEY, answers
from applications.api.serializers.applications import ApplicationAnswerSerializer
from applications.api.serializers.assisted import AssistedConfirmSerializer, AssistedSwitchSerializer, either
from applications.api.serializers.base import validated
from applications.api.serializers.steps import (
    ConfirmSerializer,
    DeclineSerializer,
    ObjectSerializer,
    SwitchSerializer,
)
from applications.api.views.applications import WRITE, StepView, answered
from applications.api.views.callers import NOT_THERE, named_within
from applications.models import Application
from applications.services.confirming import confirm, confirm_for, decline
from applications.services.idempotency import HEADER, Outcome, read_key, run_once
from applications.services.objections import object_to
from applications.services.switching import switch
from subsidy.accounts.models import StaffUser
from subsidy.errors import Forbidden, NotFound
from subsidy.rules.terms import Ground


class SwitchView(StepView):
    """Switch to another skill certificate."""

    shape = SwitchSerializer
    staff_shape = AssistedSwitchSerializer

    @extend_schema(
        operation_id="applications_switch",
        parameters=[IDEMPOTENCY_KEY],
        request=either("Switching", SwitchSerializer, AssistedSwitchSerializer),
        responses=answers({201: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """改报另一张技能证书：原申报撤回，新申报提交，一步完成."""
        application = self.case(id)
        given = validated(AssistedSwitchSerializer if self.operator else SwitchSerializer, request)
        key = read_key(
            request.headers.get(HEADER, ""), actor=self.actor, route=f"switch:{id}", asked=request.data
        )

        def work() -> Outcome:
            return Outcome(201, str(self._switch(application, given).public_id))

        outcome = run_once(key, work)
        return answered(self.case(outcome.target), outcome.status_code)

    def _switch(self, application: Application, given: dict[str, Any]) -> Application:
        if self.operator is None:
            filing = to_filing(given, Ground.SKILL)
            return switch(application, actor=self.actor, version=given["version"], filing=filing)
        return switch(
            application,
            actor=self.actor,
            version=given["version"],
            filing=filing_of(given, Ground.SKILL),
            operator=self.operator,
            channel=given["channel"],
            choice=given["choice"],
        )


class ConfirmView(StepView):
    """Confirm a prepared application."""

    shape = ConfirmSerializer

    @extend_schema(
        operation_id="applications_confirm",
        request=either("Confirmation", ConfirmSerializer, AssistedConfirmSerializer),
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """大赛获奖人确认申报."""
        if self.operator is None:
            return self.take(request, id)
        return answered(self._confirm_for(self.operator, id, validated(AssistedConfirmSerializer, request)))

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """File the prepared application as the winner's one grant."""
        confirm(
            application,
            actor=self.actor,
            version=given["version"],
            card_number=given["card_number"],
            consent_version=given["consent"]["version"],
            switch_from=self.other(given),
        )

    def _confirm_for(self, operator: StaffUser, id: UUID, given: dict[str, Any]) -> Application:
        """Confirm for whoever proves with their identity number that they are the winner."""
        number = Application.objects.filter(public_id=id).values_list("number", flat=True).first()
        if number is None:
            raise NotFound(NOT_THERE)
        winner, consent = given["on_behalf_of"], given["consent"]
        with named_within("on_behalf_of", winner):
            made = confirm_for(
                number,
                winner["resident_id"],
                operator=operator,
                version=given["version"],
                mobile=winner["mobile"],
                card_number=winner["card_number"],
                consent_version=consent["version"],
                consent_evidence=consent.get("evidence", ""),
                switch_from=self.other(given),
                choice=given.get("choice", ""),
                ip=self.address,
            )
        return self.case(made.public_id)


class DeclineView(StepView):
    """Give a prepared application up."""

    shape = DeclineSerializer

    @extend_schema(
        operation_id="applications_decline",
        request=DeclineSerializer,
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """大赛获奖人选择不领取."""
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Take the prepared application off the list."""
        decline(application, actor=self.actor, version=given["version"], note=given.get("note", ""))


class ObjectView(StepView):
    """Object to an assisted filing."""

    shape = ObjectSerializer

    @extend_schema(
        operation_id="applications_object",
        request=ObjectSerializer,
        responses=answers({200: ApplicationAnswerSerializer}, *WRITE),
        tags=["applications"],
    )
    def post(self, request: Request, id: UUID) -> Response:
        """对他人代报提出异议."""
        if self.operator is not None:
            raise Forbidden("异议由会员本人提出。请会员登录后办理。", code="WRONG_ROLE")
        return self.take(request, id)

    def step(self, application: Application, given: dict[str, Any]) -> None:
        """Record the member's objection."""
        object_to(application, member=self.member, text=given["text"], ip=self.address)
