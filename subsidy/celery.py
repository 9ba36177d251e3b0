"""The Celery application; as a worker's or beat's entry it joins the embedded servers of this clone."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

from subsidy import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subsidy.settings")
if not settings.configured:  # we are the entry, not a part of a running Django process
    embedded.ensure()

app = Celery("subsidy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
