"""Write docs/roles.md anew: python -m tests.matrix, from the repository's root."""

from __future__ import annotations

import os

import django

from tests.servers import SECRETS

for name, value in SECRETS.items():
    os.environ.setdefault(name, value)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "subsidy.settings")
for name in ("DATABASE_URL", "REDIS_URL"):  # nothing is read from either
    os.environ.setdefault(name, f"{'postgresql' if name.startswith('D') else 'redis'}://127.0.0.1/0")
os.environ.setdefault("MEDIA_ROOT", "var/test/media")
django.setup()

from tests.matrix.page import PAGE, page  # noqa: E402 - the settings must be read first

PAGE.write_text(page(), encoding="utf-8")
