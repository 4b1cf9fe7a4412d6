"""A machine whose wall clock somebody sets: this process only, by so many milliseconds as stand in a file.

`python -m tests.stepped_clock FILE worker …` runs the ordinary command under it; the file may change at any time.
"""

import sys
import time
from pathlib import Path

_wall_ns, _wall_s = time.time_ns, time.time


def follow(file: Path) -> None:
    """From now on `time.time` and `time.time_ns` are off by what the file says; the monotonic clock runs on."""

    def stepped_ms() -> int:
        return int(file.read_text() or 0)

    time.time_ns = lambda: _wall_ns() + stepped_ms() * 1_000_000
    time.time = lambda: _wall_s() + stepped_ms() / 1000


def step(file: Path, ms: int) -> None:
    """Set the clock of whoever follows `file`, in one go."""
    fresh = file.with_suffix(".new")
    fresh.write_text(str(ms))
    fresh.replace(file)


if __name__ == "__main__":
    follow(Path(sys.argv[1]))
    from streams.cli.main import main

    main(sys.argv[2:])
