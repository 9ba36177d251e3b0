"""How PostgreSQL, which refuses root, is run by whoever we are, and nothing outside our folders changes."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from subsidy.embedded.state import EmbeddedError

NAMESPACE = Path(__file__).with_name("namespace.py")
SCRIPT = (sys.executable, "-I", "-S")


@dataclass(frozen=True)
class Runner:
    """One way to run a program: as ourselves, inside a namespace, or as another id."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def start(self, command: Sequence[str | Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a server that outlives our terminal's Ctrl-C."""
        return subprocess.Popen(
            [*self.prefix, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **self._identity(),
        )

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end and return what it said; never raises on a failure of it."""
        return subprocess.run(
            [*self.prefix, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **self._identity(),
        )

    def _identity(self) -> dict[str, Any]:
        common: dict[str, Any] = {"cwd": "/", "env": _plain_environment()}
        if self.user is None:
            return common
        return common | {"user": self.user, "group": self.group, "extra_groups": []}


def plain_account() -> pwd.struct_passwd:
    """Return an existing account that is not root; the system's `nobody` where there is one."""
    accounts = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    named = [entry for entry in accounts if entry.pw_name == "nobody"]
    if not accounts:
        raise EmbeddedError("本机除 root 外没有任何账户，无法运行内置数据库；请设置 DATABASE_URL。")
    return (named or accounts)[0]


def needs_disguise() -> bool:
    """Whether we are root, whom PostgreSQL refuses to serve."""
    return os.geteuid() == 0


def ourselves() -> Runner:
    """Run programs as the user we are."""
    return Runner()


@cache
def in_namespace(folder: Path) -> Runner | None:
    """Run programs in a user namespace of another id that can write `folder`; None if refused."""
    # SUBSIDY_NO_NAMESPACE lets a test stand on a kernel that refuses
    if os.environ.get("SUBSIDY_NO_NAMESPACE") or not sys.platform.startswith("linux"):
        return None
    account = plain_account()
    runner = Runner((*SCRIPT, str(NAMESPACE), str(account.pw_uid), str(account.pw_gid)))
    probe = "import os, sys; print(os.geteuid(), os.access(sys.argv[1], os.W_OK | os.X_OK))"
    said = runner.run([*SCRIPT, "-c", probe, folder]).stdout.strip()
    return runner if said == f"{account.pw_uid} True" else None


def as_plain_account() -> Runner:
    """Run programs as an unprivileged id, which sees only what that id may see."""
    account = plain_account()
    return Runner(user=account.pw_uid, group=account.pw_gid)


def _plain_environment() -> dict[str, str]:
    """Keep `PG*` variables and our own settings away from the servers."""
    kept = ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}
