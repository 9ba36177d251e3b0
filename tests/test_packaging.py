"""What is installed: the locks agree with pyproject.toml, and a bare Python finds its way in."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text("utf-8")
    return {canonicalize_name(entry["name"]): entry["version"] for entry in ENTRY.finditer(text)}


def declared(*, dev: bool) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extra = project["optional-dependencies"]["dev"] if dev else []
    return [Requirement(line) for line in [*project["dependencies"], *extra]]


@pytest.mark.parametrize(("lock", "dev"), [(LOCKS[0], False), (LOCKS[1], True)])
def test_every_declared_package_is_locked_at_a_version_that_fits(lock: str, dev: bool) -> None:
    versions = locked(lock)
    wanted = declared(dev=dev)
    assert wanted
    for requirement in wanted:
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is missing: run make lock"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}: run make lock"


def test_the_two_locks_agree_on_every_version() -> None:
    assert locked(LOCKS[0]).items() <= locked(LOCKS[1]).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_hashes_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(blocks) == len(locked(lock))
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--index|--extra-index|--find-links|file:|@ ", text)


def test_the_placeholders_of_the_example_are_refused_by_name() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    command = [sys.executable, "manage.py", "check"]
    started = subprocess.run(command, cwd=ROOT, env=os.environ | example, capture_output=True, text=True)
    assert started.returncode != 0
    assert "DJANGO_SECRET_KEY" in started.stderr


@pytest.fixture
def bare_clone(tmp_path: Path) -> Path:
    """Give a clone whose locks ask for nothing, so that no package has to be fetched."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    for lock in LOCKS:
        (tmp_path / lock).write_text("# nothing\n")
    return tmp_path


def run_bare(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py by a Python that sees no installed package."""
    bare = os.environ | {"PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
    command = [sys._base_executable, "-S", "manage.py", *arguments]  # type: ignore[attr-defined]
    return subprocess.run(command, cwd=clone, env=bare, capture_output=True, text=True)


def test_a_bare_python_makes_its_environment_once_and_goes_on_inside(bare_clone: Path) -> None:
    first = run_bare(bare_clone, "install")
    assert first.returncode == 0, first.stderr
    assert "requirements-dev.lock" in first.stdout
    assert (bare_clone / ".venv" / "bin" / "python").exists()
    second = run_bare(bare_clone, "install")
    assert (second.returncode, second.stdout) == (0, "")


def test_a_changed_lock_is_installed_anew(bare_clone: Path) -> None:
    run_bare(bare_clone, "install")
    (bare_clone / LOCKS[1]).write_text("# nothing more\n")
    assert "requirements-dev.lock" in run_bare(bare_clone, "install").stdout


def test_a_package_whose_bytes_differ_from_the_lock_stops_the_installation(bare_clone: Path) -> None:
    wheel = bare_clone / "forged-1-py3-none-any.whl"
    wheel.write_bytes(b"not what was locked")
    locked_digest = hashlib.sha256(b"what was locked").hexdigest()
    (bare_clone / LOCKS[1]).write_text(f"forged @ {wheel.as_uri()} --hash=sha256:{locked_digest}\n")
    refused = run_bare(bare_clone, "install")
    assert refused.returncode != 0
    assert "依赖没有装全" in refused.stderr
    assert not (bare_clone / ".venv" / ".installed.json").exists()
