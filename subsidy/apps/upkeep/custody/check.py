"""The whole check of a restored copy: does this database open with these keys and go with these files."""

from __future__ import annotations

from django.db import DatabaseError

from subsidy import health
from subsidy.apps.upkeep.custody.files import check_files
from subsidy.apps.upkeep.custody.keys import check_keys
from subsidy.apps.upkeep.custody.report import Report

BEHIND = "数据库的结构与程序版本不符。请换回备份时的版本，或先执行 migrate，再核对。"


def check_backup(limit: int | None = None) -> Report:
    """Check keys, digests and files; `limit` bounds how many values a column and key are opened."""
    report = Report()
    try:
        health.PARTS["migrations"]()
    except DatabaseError:
        report.add("migrations", BEHIND)
        return report
    check_keys(report, limit)
    check_files(report, limit)
    return report
