"""The purchases of CDNOW: what becomes of silences, called by a fixed number of days or by the customer's own rhythm.

Run: python -m tests.noise.cdnow FOLDER. Prints, per number of days N, the share of alerts that were followed by a purchase.
"""

import gzip
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import ceil
from pathlib import Path
from statistics import median
from typing import NamedTuple

LEAST_DAYS = 3  # as the set's own reference: customers with three or more order days
LEAST_GAPS = 3


class Called(NamedTuple):
    """Alerts of a bare rule and of one that knows the customer's rhythm, and how many were followed by a purchase in the file."""

    alerts: int
    returned: int

    @property
    def share(self) -> float:
        """Of alerts that were wrong in the end."""
        return self.returned / self.alerts if self.alerts else 0.0


def order_days(path: Path) -> dict[str, list[int]]:
    """Days with a purchase, as ordinals in order, by customer."""
    found: dict[str, set[int]] = {}
    with gzip.open(path, "rt", encoding="ascii") as file:
        next(file)
        for line in file:
            customer, day, *_ = line.split()
            found.setdefault(customer, set()).add(date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal())
    return {customer: sorted(days) for customer, days in found.items()}


def silences(customers: Mapping[str, Sequence[int]], days: int, rhythm: float | None, least_gaps: int) -> Called:
    """Every silence that lasts `days`, or `rhythm` x the median of the customer's gaps so far where that is longer.

    Only silences before which `least_gaps` gaps of the customer were known: so two ways of calling them meet the same ones.
    """
    end = max(bought[-1] for bought in customers.values())
    alerts = returned = 0
    for bought in customers.values():
        if len(bought) < LEAST_DAYS:
            continue
        gaps = [later - earlier for earlier, later in pairwise(bought)]
        for index, day in enumerate(bought):
            if index < least_gaps:
                continue
            own = days if rhythm is None else max(days, ceil(rhythm * median(gaps[:index])))
            following = bought[index + 1] if index + 1 < len(bought) else None
            if day + own <= end and (following is None or following > day + own):
                alerts += 1
                returned += following is not None
    return Called(alerts, returned)


def main(folder: Path) -> None:
    """Print a line per number of days: bare for all, then for silences with a known rhythm bare and by two and three times it."""
    customers = order_days(folder / "CDNOW_master.txt.gz")
    print("days    all, bare           rhythm known, bare   2 x rhythm           3 x rhythm")
    for days in (30, 60, 90, 180):
        ways = ((None, 0), (None, LEAST_GAPS), (2.0, LEAST_GAPS), (3.0, LEAST_GAPS))
        cells = [silences(customers, days, rhythm, least) for rhythm, least in ways]
        print(f"{days:>4}  " + "  ".join(f"{one.returned:>6} of {one.alerts:>6} {one.share:4.0%}" for one in cells))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
