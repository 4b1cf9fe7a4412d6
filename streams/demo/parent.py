"""Children end when their parent does, however it dies: `python -m streams.demo.parent PID ARGUMENTS` runs `python ARGUMENTS` so."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """Ask the kernel (Linux only) for SIGTERM when the parent goes; ends at once if the process `parent` is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"the process {parent} that wanted this one is gone")


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    # The request outlives exec, and a program started so needs to know nothing of it.
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
