"""The containers' health question, in plain Python: `probe.py /readyz` or `probe.py --fresh PATH SECONDS`."""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path

PORT = 8000
PATIENCE = 5


def main(arguments: list[str]) -> int:
    """Return 0 when the asked thing is well."""
    if arguments[:1] == ["--fresh"]:
        return int(not is_fresh(Path(arguments[1]), float(arguments[2])))
    status, said = answer(arguments[0], int(os.environ.get("PROBE_PORT", PORT)))
    print(status, said)
    return int(status != 200)


def answer(path: str, port: int) -> tuple[int, str]:
    """Ask as the proxy asks: over its host name and as if by https, which the site insists on."""
    allowed = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    headers = {"Host": allowed if allowed not in ("", "*") else "localhost", "X-Forwarded-Proto": "https"}
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        asked.request("GET", path, headers=headers)
        response = asked.getresponse()
        return response.status, response.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, type(error).__name__
    finally:
        asked.close()


def is_fresh(path: Path, seconds: float) -> bool:
    """Whether a file (or one of its kind: path, path.db, path-wal) was written within so many seconds."""
    written = [file.stat().st_mtime for file in path.parent.glob(f"{path.name}*")]
    return bool(written) and time.time() - max(written) < seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
