"""The image and the compose file: non-root, read-only, hashed packages, health asked, no secret inside."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).resolve().parent.parent
APPS = ("migrate", "web", "worker", "beat")
SECRETS = ("DATABASE_URL", "REDIS_URL", "DJANGO_SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY")
REQUIRED = re.compile(r"^\$\{(?P<name>[A-Z_]+):\?.+\}$")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return compose["services"]


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Give the Dockerfile's instructions, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    return [(word.upper(), rest) for word, rest in lines]


def test_compose_runs_the_whole_house(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "redis", *APPS}


@pytest.mark.parametrize("name", APPS)
def test_an_app_container_may_write_only_media_and_tmp(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert [volume.split(":")[0] for volume in service["volumes"]] == ["media"]


@pytest.mark.parametrize("name", APPS)
def test_a_secret_comes_from_outside_and_has_no_default(services: dict[str, Any], name: str) -> None:
    environment = services[name]["environment"]
    for secret in SECRETS:
        required = REQUIRED.match(environment[secret])
        assert required is not None, f"{secret}: {environment[secret]}"
        assert required["name"] == secret


def test_only_the_migration_holds_the_owners_login(services: dict[str, Any]) -> None:
    holders = [name for name, service in services.items() if "MIGRATION_DATABASE_URL" in str(service)]
    assert holders == ["migrate"]


def test_nothing_is_published_beyond_this_machine(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_every_lasting_container_is_asked_how_it_is(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"]
    assert services[name]["restart"] == "unless-stopped"
    assert services[name]["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_work_begins_after_the_migration(services: dict[str, Any], name: str) -> None:
    after = services[name]["depends_on"]
    assert after["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_every_variable_compose_asks_for_is_in_the_example(compose: dict[str, Any]) -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text("utf-8")))
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert asked - example == set()


def test_the_programs_that_compose_starts_are_the_ones_we_have(services: dict[str, Any]) -> None:
    programs = {services[name]["command"][0] for name in ("web", "worker", "beat")}
    assert programs == {"gunicorn", "celery"}
    assert all((Path(sys.executable).parent / program).exists() for program in programs)
    asked = {word for name in APPS for word in services[name].get("healthcheck", {}).get("test", [])}
    assert all((ROOT / word).exists() for word in asked if word.endswith(".py"))


def test_the_image_runs_as_somebody_without_rights(instructions: list[tuple[str, str]]) -> None:
    users = [rest for word, rest in instructions if word == "USER"]
    assert users == ["10001:10001"]
    last_root_step = max(i for i, (word, _) in enumerate(instructions) if word in ("RUN", "COPY"))
    assert [word for word, _ in instructions].index("USER") > last_root_step


def test_the_image_installs_the_lock_by_its_hashes_and_nothing_else(
    instructions: list[tuple[str, str]],
) -> None:
    installs = [rest for word, rest in instructions if word == "RUN" and re.search(r"\bpip\d? ", rest)]
    assert len(installs) == 1
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert not [rest for word, rest in instructions if word == "RUN" and "apt-get" in rest]


def test_the_image_is_built_without_a_secret(instructions: list[tuple[str, str]]) -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert not [rest for word, rest in instructions if word in ("ARG", "ADD")]
    assert not re.search(r"FIELD_KEYS|BLIND_INDEX_KEY|SECRET_KEY|PASSWORD|DATABASE_URL|REDIS_URL", text)


def test_only_named_folders_enter_the_image_and_no_environment_file() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert all((ROOT / name).exists() for name in let_in)
    assert not let_in & {".env", ".git", "var", "tests", ".venv", "docs"}
    assert "**/.env*" in lines[lines.index("!subsidy") :]


def test_what_enters_the_image_starts_without_the_rest(tmp_path: Path) -> None:
    """The allow-list is whole: the copied files alone pass Django's checks."""
    for name in re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE):
        source, ignored = ROOT / name, shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    environment = os.environ | {"MEDIA_ROOT": str(tmp_path / "media"), "PYTHONDONTWRITEBYTECODE": "1"}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_the_access_log_leaves_out_what_people_search_for() -> None:
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    written = set(re.findall(r"%\(([^)]+)\)s", settings["access_log_format"]))
    assert "U" in written
    assert written.isdisjoint({"r", "q", "f", "{referer}i", "{cookie}i", "{authorization}i"})


def test_a_request_that_is_all_header_is_cut_short() -> None:
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert 0 < settings["limit_request_line"] <= 4094
    assert 0 < settings["limit_request_fields"] * settings["limit_request_field_size"] <= 1024 * 1024


def probe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "deploy/probe.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_probe_passes_the_host_check_and_the_redirect_to_https(
    path: str, live_server: LiveServer, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["subsidy.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    port = live_server.url.rpartition(":")[2]
    asked = probe(path, PROBE_PORT=port, DJANGO_ALLOWED_HOSTS="subsidy.example.org,other.example.org")
    assert asked.returncode == 0, asked.stdout
    assert probe(path, PROBE_PORT=port, DJANGO_ALLOWED_HOSTS="stranger.example.org").returncode == 1


def test_the_probe_fails_where_nobody_answers(unused_port: int) -> None:
    asked = probe("/healthz", PROBE_PORT=str(unused_port))
    assert (asked.returncode, asked.stdout.split()[0]) == (1, "0")


def test_a_schedule_that_nobody_writes_any_more_is_ill(tmp_path: Path) -> None:
    schedule = tmp_path / "beat"
    assert probe("--fresh", str(schedule), "600").returncode == 1
    schedule.with_suffix(".db").touch()
    assert probe("--fresh", str(schedule), "600").returncode == 0
    os.utime(schedule.with_suffix(".db"), (0, 0))
    assert probe("--fresh", str(schedule), "600").returncode == 1


@pytest.fixture
def unused_port() -> int:
    """Give a port below those the system hands out, on which nothing listens."""
    return 9
