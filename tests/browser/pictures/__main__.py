"""python -m tests.browser.pictures: draw every page of a demonstration year anew into docs/images/."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", "-s", str(Path(__file__).with_name("drawing.py")), *sys.argv[1:]]))
