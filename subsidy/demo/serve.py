"""The demonstration's processes: web, worker and beat as real ones, started together and stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from subsidy import embedded
from subsidy.celery import app

PATIENCE_TO_START = 90.0
PATIENCE_TO_STOP = 20.0
THREADS = 4


class ServeError(RuntimeError):
    """The demonstration could not be served; the message says why and what to do."""


@dataclass(frozen=True)
class Child:
    """One running process of ours."""

    title: str
    process: subprocess.Popen[bytes]
    log: Path


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 2,
    on_ready: Callable[[], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> int:
    """Serve until Ctrl-C, SIGTERM or the death of a process; return the exit code.

    `on_ready` is called once everything answers (print log-ins there); then the seconds since the start are
    printed, and `on_tick` is called every second. Raises `ServeError` when the port is taken or a process
    does not come up.
    """
    refuse_taken_port(host, port)
    with _signals_end_the_wait():
        children: list[Child] = []
        try:
            children += [_start(title, command) for title, command in _commands(host, port, workers)]
            _wait_until_ready(children, host, port)
            if on_ready:
                on_ready()
            print(f"就绪：http://{host}:{port}/（{elapsed()}；Ctrl-C 停止）", flush=True)
            return _watch(children, on_tick)
        except KeyboardInterrupt:
            print("\n正在停止 …", flush=True)
            return 0
        finally:
            _stop(children)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise `ServeError` if another program listens there; ask before a long preparation."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, port)) == 0:
            raise ServeError(f"端口 {port} 已被占用：请先停止占用它的程序（可能是另一个演示），再重试。")


def _commands(host: str, port: int, workers: int) -> Iterator[tuple[str, list[str]]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app=subsidy.celery", "--quiet"]
    size = [f"--workers={workers}", f"--threads={THREADS}"]
    yield "web", [*python, "gunicorn", "subsidy.wsgi", f"--bind={host}:{port}", *size, "--no-control-socket"]
    yield "worker", [*celery, "worker", "--loglevel=info", "--concurrency=2", "--without-gossip"]
    schedule = _folder() / "beat-schedule"
    yield "beat", [*celery, "beat", "--loglevel=info", "--pidfile=", f"--schedule={schedule}"]


def _folder() -> Path:
    folder = embedded.var_root() / "demo" / "processes"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _start(title: str, command: list[str]) -> Child:
    """Start in a session of its own: Ctrl-C reaches us alone, and we stop them in order."""
    path = _folder() / f"{title}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=embedded.source_root(),
        )
    return Child(title, process, path)


def _wait_until_ready(children: list[Child], host: str, port: int) -> None:
    waiting = [lambda: _answers(f"http://{host}:{port}/healthz"), lambda: bool(app.control.ping(timeout=0.5))]
    deadline = time.monotonic() + PATIENCE_TO_START
    while waiting and time.monotonic() < deadline:
        if dead := _first_dead(children):
            raise ServeError(_last_words(dead))
        waiting = [check for check in waiting if not check()]
        time.sleep(0.1)
    if waiting:
        raise ServeError(f"进程在 {PATIENCE_TO_START:.0f} 秒内没有就绪，请看 {_folder()} 下的日志。")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _watch(children: list[Child], on_tick: Callable[[], None] | None) -> int:
    while True:
        if dead := _first_dead(children):
            print(_last_words(dead), file=sys.stderr, flush=True)
            return 1
        if on_tick:
            on_tick()
        time.sleep(1 if on_tick else 0.5)


def _first_dead(children: list[Child]) -> Child | None:
    return next((child for child in children if child.process.poll() is not None), None)


def _last_words(child: Child) -> str:
    tail = child.log.read_text("utf-8", "replace")[-1500:]
    return f"进程 {child.title} 已退出（代码 {child.process.returncode}），日志 {child.log}：\n{tail}"


def _stop(children: list[Child]) -> None:
    """Ask all to finish what they are doing, then insist."""
    for child in reversed(children):
        with suppress(ProcessLookupError):
            child.process.terminate()
    deadline = time.monotonic() + PATIENCE_TO_STOP
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


@contextmanager
def _signals_end_the_wait() -> Iterator[None]:
    """Let SIGTERM and a closed terminal stop us as Ctrl-C does; a second signal changes nothing."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def elapsed() -> str:
    """Tell the seconds since `manage.py` began, and how many of them went into installing packages."""
    seconds = time.time() - float(os.environ.get("SUBSIDY_STARTED") or time.time())
    installing = os.environ.get("SUBSIDY_INSTALL_SECONDS")
    detail = f"，其中安装依赖 {installing} 秒" if installing else ""
    return f"自启动起 {seconds:.0f} 秒{detail}"
