"""The tables of the applications, one topic a module."""

from __future__ import annotations

from applications.models.application import Application
from applications.models.certificate import Certificate
from applications.models.dossier import Attachment, Consent, PaperDossier
from applications.models.history import Appeal, Event, Objection
from applications.models.idempotency import IdempotencyKey

__all__ = [
    "Appeal",
    "Application",
    "Attachment",
    "Certificate",
    "Consent",
    "Event",
    "IdempotencyKey",
    "Objection",
    "PaperDossier",
]
