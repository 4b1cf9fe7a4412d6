"""Garbage collection for processes that hold a lot and free little."""

import gc

_COLLECT_AFTER = (200_000, 50, 1000)


def collect_rarely() -> None:
    """Leave alone what is there, and look at what comes only now and then.

    Thousands of queued events and millions of cells are alive and without cycles. Python's defaults walk all of them
    again and again: with them a third of a worker's time went into that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
