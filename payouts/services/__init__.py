"""What may be done with money: one module an operation, each in one transaction."""

from __future__ import annotations

from payouts.services.approving import approve_batch
from payouts.services.building import Waiting, build_batch, committed, waiting
from payouts.services.cancelling import cancel_batch
from payouts.services.downloading import download
from payouts.services.exporting import export_batch, write_files
from payouts.services.freezing import Frozen, freeze
from payouts.services.matching import Preview, dry_run, preview, recorded
from payouts.services.recovering import record_recovery
from payouts.services.resending import approve_resend, ask_to_resend, refuse_resend
from payouts.services.settling import apply_result, discard_result
from payouts.services.staging import stage_result

__all__ = [
    "Frozen",
    "Preview",
    "Waiting",
    "apply_result",
    "approve_batch",
    "approve_resend",
    "ask_to_resend",
    "build_batch",
    "cancel_batch",
    "committed",
    "discard_result",
    "download",
    "dry_run",
    "export_batch",
    "freeze",
    "preview",
    "record_recovery",
    "refuse_resend",
    "recorded",
    "stage_result",
    "waiting",
    "write_files",
]
