"""Loading the districts that ship with the product."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from subsidy.accounts.models import District

DISTRICTS_FILE = Path(__file__).resolve().parent.parent / "data" / "districts.csv"


@transaction.atomic
def load_districts() -> int:
    """Create or rename the shipped districts and return how many there are.

    Codes are GB/T 2260; the economic development area has none there and carries 110199.
    """
    with DISTRICTS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        District.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})
    return len(rows)
