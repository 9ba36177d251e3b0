"""What beat asks for exists: a task of that name, loaded by the worker."""

from __future__ import annotations

import pytest
from django.conf import settings

from subsidy.celery import app


@pytest.mark.req("A2")
def test_every_task_that_beat_sends_is_known_to_the_worker() -> None:
    app.loader.import_default_modules()
    sent = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "subsidy.apps.upkeep.tasks.purge_expired" in sent
    assert sent <= set(app.tasks)
