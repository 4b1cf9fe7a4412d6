"""Children end when their parent does, however it dies. `python -m streams.demo.parent ARGUMENTS` runs `python ARGUMENTS` so."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(with_signal: int = signal.SIGTERM) -> None:
    """Ask the kernel (Linux only) for a signal when the parent goes; ends at once if it is gone already."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, with_signal, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), with_signal)


if __name__ == "__main__":
    die_with_parent()
    # The request outlives exec, and a program started so needs to know nothing of it.
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
