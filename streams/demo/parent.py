"""Children end when their parent does, however it dies."""

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
