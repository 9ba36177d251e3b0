"""Pytest plugin, loaded before the settings: the suite's secrets, its own servers, and no silent skips."""

from __future__ import annotations

import base64
import os
from collections.abc import Generator

import pytest

from subsidy import embedded

SECRETS = {
    "DEMO": "0",
    "DJANGO_DEBUG": "0",
    "DJANGO_SECRET_KEY": "suite-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "DJANGO_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "FIELD_KEYS": "k1:" + base64.b64encode(b"suite field key, thirty-two byte").decode(),
    "BLIND_INDEX_KEY": base64.b64encode(b"suite index key, thirty-two byte").decode(),
    "SECURE_SSL_REDIRECT": "0",
    "SMS_BACKEND": "outbox",
    "SUBSIDY_OWNER": "1",  # set-up and clean-up; tests of the application's role take it up themselves
}
SKIPS_FAIL = os.environ.get("REQUIRE_ALL") == "1"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the environment that `subsidy.settings` is about to read; xdist workers inherit it."""
    for name, value in SECRETS.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("MEDIA_ROOT", str(embedded.var_root() / "test" / "media"))
    asked = early_config.known_args_namespace
    if asked.help or asked.version:
        return
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return
    os.environ.setdefault("SUBSIDY_VAR", str(embedded.var_root() / "test"))
    servers = embedded.ensure(durable=False)
    os.environ.setdefault("DATABASE_URL", servers.database_url)
    os.environ.setdefault("REDIS_URL", servers.redis_url)


def pytest_unconfigure() -> None:
    """Stop the servers if this process started them."""
    embedded.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if SKIPS_FAIL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, and this test was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if SKIPS_FAIL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, and this file was skipped: {report.longrepr}"
    return report
