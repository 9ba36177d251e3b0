"""Run one program in a user namespace that maps us to another id; a script without imports of ours."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def enter(user: int, group: int) -> None:
    """Become `user` inside a new namespace; outside, files still belong to us. Raises `OSError`."""
    outer_user, outer_group = os.geteuid(), os.getegid()
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {outer_user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {outer_group} 1")


def main(arguments: list[str]) -> None:
    """Read `USER GROUP PROGRAM [ARGUMENT …]` and replace this process by the program."""
    user, group, *command = arguments
    enter(int(user), int(group))
    os.execv(command[0], command)  # noqa: S606 - the whole point of this script


if __name__ == "__main__":
    main(sys.argv[1:])
