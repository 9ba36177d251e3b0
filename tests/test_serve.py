"""The demonstration's processes as real ones: they come up together and go down together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from subsidy.demo import serve

ROOT = Path(__file__).resolve().parent.parent
SERVE = """
import sys, django
django.setup()
from subsidy.demo.serve import serve
sys.exit(serve(port=int(sys.argv[1]), workers=1, on_ready=lambda: print("log-ins", flush=True)))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def serving(port: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    broker = os.environ["REDIS_URL"].rpartition("/")[0] + "/15"  # no other test's tasks are taken from it
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        cwd=ROOT,
        env=os.environ | {"SUBSIDY_VAR": str(folder), "REDIS_URL": broker},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)


def read_until(process: subprocess.Popen[str], word: str) -> list[str]:
    assert process.stdout
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line)
        if word in line:
            return seen
    raise AssertionError("".join(seen))


def children_of(pid: int) -> dict[str, int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in listed}
    words = ("gunicorn", "worker", "beat")
    return {
        word: child for child, line in lines.items() for word in words if word.encode() in line.split(b"\0")
    }


def test_web_worker_and_beat_come_up_together_and_stop_on_ctrl_c(port: int, tmp_path: Path) -> None:
    with serving(port, tmp_path) as process:
        said = read_until(process, "就绪")
        assert said[-2:-1] == ["log-ins\n"]
        assert "秒" in said[-1]
        children = children_of(process.pid)
        assert set(children) == {"gunicorn", "worker", "beat"}
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]


def test_the_death_of_one_process_ends_all_and_is_told(port: int, tmp_path: Path) -> None:
    with serving(port, tmp_path) as process:
        read_until(process, "就绪")
        children = children_of(process.pid)
        os.kill(children["worker"], signal.SIGKILL)
        read_until(process, "进程 worker 已退出")
        assert process.wait(60) == 1
        assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]


def test_a_taken_port_is_refused_before_anything_starts(port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(serve.ServeError, match=f"端口 {port} 已被占用"):
            serve.refuse_taken_port("127.0.0.1", port)
