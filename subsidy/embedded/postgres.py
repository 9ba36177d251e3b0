"""The embedded database: PostgreSQL from the wheel or the system, on a private socket, with no TCP at all."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psycopg

from subsidy.embedded import binaries, runner
from subsidy.embedded.runner import Runner
from subsidy.embedded.state import PRIVATE_FILE, PRIVATE_FOLDER, EmbeddedError, State, run_folder, var_root

NAME = "subsidy"  # of the role and of the database
SOCKET_FILE = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes; Linux takes 107, macOS 103
PLAIN_PATH = re.compile(r"[\w./+-]+", re.ASCII)  # commas and blanks divide lists in PostgreSQL's settings
PATIENCE = 60.0
TRIES = 3  # the orphans of a killed server need a moment to leave
HURRIED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Server:
    """All that is needed to run the server once."""

    runner: Runner
    programs: Path
    data: Path
    sockets: Path


def address(state: State) -> str:
    """Return the URL of this clone's database, also before it has ever run."""
    folder = state.sockets or str(_wanted_sockets())
    return f"postgresql:///{NAME}?host={quote(folder)}&user={NAME}"


def is_alive(state: State) -> bool:
    """Whether the server of this state answers on its private socket."""
    return bool(state.sockets) and _answers(Path(state.sockets))


def ensure(state: State, *, durable: bool) -> None:
    """Start the database of a placed state unless it runs. Raises `EmbeddedError`."""
    if is_alive(state):
        return
    server = _server(state)
    _clear_stale(server)
    if not (server.data / "PG_VERSION").exists():
        _initialise(server)
    _start(server, () if durable else HURRIED)
    _create_database(server.sockets)


def stop(state: State) -> None:
    """Stop the database if it runs: first politely, then at once."""
    data = _data(state)
    for number in (signal.SIGINT, signal.SIGQUIT):
        pid = _recorded_pid(data)
        if pid is None or not _is_server(pid, data):
            break
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        _until(lambda pid=pid: not _is_server(pid, data), PATIENCE / 2)  # type: ignore[misc]
    while _children:
        _children.pop().wait(PATIENCE)


def placed(state: State) -> State:
    """Decide, once per clone, where data and socket live."""
    if state.place and not Path(state.place).is_dir():
        state = State()  # the system emptied its temporary directory
    if not state.place and runner.needs_disguise() and runner.in_namespace(var_root()) is None:
        state = replace(state, place=str(_foreign_place()), sockets="")
    if not state.sockets or not Path(state.sockets).is_dir():
        state = replace(state, sockets=str(_sockets(state)))
    return state


def _server(state: State) -> Server:
    data, sockets = _data(state), Path(state.sockets)
    programs = binaries.for_data(data)
    if state.place:
        local = binaries.copied_to(programs, Path(state.place))
        return Server(runner.as_plain_account(), local, data, sockets)
    namespace = runner.in_namespace(var_root()) if runner.needs_disguise() else None
    return Server(namespace or runner.ourselves(), programs, data, sockets)


def _data(state: State) -> Path:
    return (Path(state.place) if state.place else var_root()) / "pg"


def _wanted_sockets() -> Path:
    return var_root() / "run" / "s"


def _sockets(state: State) -> Path:
    """Return a private folder whose socket path the system can hold."""
    if state.place:
        folder = Path(state.place) / "s"
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        _give_away(folder)
        return folder
    folder = _wanted_sockets()
    if len(os.fsencode(folder / SOCKET_FILE)) > LONGEST_SOCKET or not PLAIN_PATH.fullmatch(str(folder)):
        return Path(tempfile.mkdtemp(prefix="subsidy-"))
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder


def _foreign_place() -> Path:
    """Make a private folder of the plain account that this account can reach. Raises `EmbeddedError`."""
    for root in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 - mkdtemp below
        place = Path(tempfile.mkdtemp(prefix="subsidy-", dir=root))
        _give_away(place)
        if runner.as_plain_account().run(["/bin/sh", "-c", 'cd "$0" && : > .probe', place]).returncode == 0:
            return place
        shutil.rmtree(place)
    raise EmbeddedError("系统临时目录不可用，内置数据库无处存放；请设置 TMPDIR 或 DATABASE_URL。")


def _give_away(folder: Path) -> None:
    account = runner.plain_account()
    os.chown(folder, account.pw_uid, account.pw_gid)


def _initialise(server: Server) -> None:
    """Create the cluster beside its final name, so that a half-made one is never used."""
    draft = server.data.with_name("pg.new")
    shutil.rmtree(draft, ignore_errors=True)
    options = ["-U", NAME, "-k", "-E", "UTF8", "-A", "trust", *binaries.locale_options(server.programs)]
    result = server.runner.run([server.programs / "initdb", "-D", draft, *options])
    if result.returncode != 0:
        raise EmbeddedError(f"内置数据库初始化失败：\n{result.stdout[-2000:]}")
    draft.rename(server.data)


def _start(server: Server, settings: tuple[str, ...]) -> None:
    path = run_folder() / "postgres.log"
    for _ in range(TRIES):
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as log:
            child = server.runner.start(_command(server, settings), log)
        _until(lambda child=child: child.poll() is not None or _answers(server.sockets), PATIENCE)  # type: ignore[misc]
        if child.poll() is None:
            _children.append(child)
            return
        time.sleep(1)
    raise EmbeddedError(f"内置数据库没有启动（日志 {path}）：\n{path.read_text('utf-8', 'replace')[-2000:]}")


def _command(server: Server, settings: tuple[str, ...]) -> list[str | Path]:
    own = (
        "listen_addresses=",
        f"unix_socket_directories={server.sockets}",
        "unix_socket_permissions=0700",
        "max_connections=200",
        "timezone=Asia/Shanghai",
    )
    options = [part for setting in (*own, *settings) for part in ("-c", setting)]
    return [server.programs / "postgres", "-D", server.data, *options]


def _clear_stale(server: Server) -> None:
    """Deal with the process file of a server that did not stop in order.

    A living server whose socket was swept away is stopped; a number that now belongs to another program is
    forgotten. A dead number is left to PostgreSQL, which also waits for the orphans.
    """
    pid = _recorded_pid(server.data)
    if pid is None or _until(lambda: _answers(server.sockets) or not _is_server(pid, server.data), 5.0):
        if pid is not None and _is_running(pid) and not _is_server(pid, server.data):
            (server.data / "postmaster.pid").unlink(missing_ok=True)
        return
    os.kill(pid, signal.SIGINT)
    _until(lambda: not _is_server(pid, server.data), PATIENCE / 2)


def _recorded_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_server(pid: int, data: Path) -> bool:
    """Whether this number is the server of this data folder, not a stranger with a reused number."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        line = subprocess.run(command, capture_output=True, check=False).stdout
    except OSError:
        return False
    return os.fsencode(data) in line


def _answers(sockets: Path) -> bool:
    if not (sockets / SOCKET_FILE).exists():
        return False
    try:
        psycopg.connect(host=str(sockets), user=NAME, dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(sockets: Path) -> None:
    with psycopg.connect(host=str(sockets), user=NAME, dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {NAME}")


def _until(condition: Callable[[], bool], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False
