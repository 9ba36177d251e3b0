"""What the processes of one clone share about the embedded servers: folder, lock, state, who minds them."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class EmbeddedError(RuntimeError):
    """The embedded servers could not be started; the message says what to do."""


@dataclass(frozen=True)
class State:
    """Where the servers of this clone live; an empty text means "not yet decided".

    `place` holds a folder under the system's temporary directory, owned by an unprivileged id, when the
    kernel refuses root a user namespace. `sockets` is the folder of PostgreSQL's socket.
    """

    place: str = ""
    sockets: str = ""
    valkey_port: int = 0
    valkey_password: str = ""
    valkey_pid: int = 0


def var_root() -> Path:
    """Return the folder of everything that is this clone's own and not committed."""
    return Path(os.environ.get("SUBSIDY_VAR") or ROOT / "var").absolute()


def run_folder() -> Path:
    """Return the private folder of locks, logs and the state file, made if missing."""
    return private_folder(var_root() / "run")


def private_folder(folder: Path) -> Path:
    """Return `folder`, made with mode 0700 (and so are the parents that are missing)."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return folder


def read_state() -> State:
    """Return the stored state, or an empty one; never raises on a damaged file."""
    try:
        stored = json.loads((var_root() / "run" / "servers.json").read_text("utf-8"))
        return replace(State(), **stored)
    except (OSError, ValueError, TypeError):
        return State()


def write_state(state: State) -> None:
    """Replace the state file in one step, readable by its owner only."""
    write_private(run_folder() / "servers.json", json.dumps(asdict(state)))


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 so that no reader ever sees half of it."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(draft).replace(path)


@contextmanager
def locked() -> Iterator[None]:
    """Hold this clone's lock; the system frees it when the holder dies."""
    handle = _open_lock("lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Ownership:
    """The duty to stop the servers: one process of a clone holds it, and loses it by dying."""

    def __init__(self) -> None:
        """Start without the duty."""
        self._handle: int | None = None
        self._pid = 0

    @property
    def held(self) -> bool:
        """Whether this very process (not a fork of it) minds the servers."""
        return self._handle is not None and self._pid == os.getpid()

    def claim(self) -> bool:
        """Take the duty if nobody has it; true only when newly taken."""
        if self._handle is not None:
            return False
        handle = _open_lock("owner")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle, self._pid = handle, os.getpid()
        return True

    def release(self) -> None:
        """Give the duty up."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _open_lock(name: str) -> int:
    return os.open(run_folder() / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE)
