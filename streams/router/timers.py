"""Time in the router: whatever any part of it waits for happens in the order of its moments."""

from typing import Protocol

from plays.runs.run import DAY_MS, Run
from streams.router.asking import Asking
from streams.router.clocks import Clocks
from streams.router.course.timing import Steps
from streams.router.escalation import Ladder
from streams.router.idle import Idle
from streams.router.scene import Scene


class Part(Protocol):
    """One reason why time matters to a run. Stateless: what it waits for is a function of the run."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """The earliest moment at which it has something to do if nothing comes before; None when it waits for nothing."""

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:
        """The moment has come (`scene.now_ms` may be later): do what belongs to it, so that `next_ms` is later, or None."""


PARTS: tuple[Part, ...] = (Asking(), Clocks(), Ladder(), Steps(), Idle())
"""At one moment of one run the earlier part comes first."""


def next_moment(scene: Scene) -> int | None:
    """When the router must be called next for this account; None when it has nothing to wait for."""
    moments = [at_ms for run in scene.runs.open for part in PARTS if (at_ms := part.next_ms(scene, run)) is not None]
    if scene.runs.closed:
        moments.append(scene.runs.closed[0].closed_ms + scene.policy.sla.forget_closed_days * DAY_MS)
    return min(moments, default=None)


def pass_time(scene: Scene, until_ms: int) -> None:
    """Do everything that was due at or before `until_ms`, in order of its moment, then forget old closed runs."""
    while (due := _earliest(scene)) is not None and due[0] <= until_ms:
        at_ms, part, run = due
        scene.moment_ms = at_ms
        part.act(scene, run, at_ms)
    scene.moment_ms = None
    forget_before = until_ms - scene.policy.sla.forget_closed_days * DAY_MS
    while scene.runs.closed and scene.runs.closed[0].closed_ms <= forget_before:
        del scene.runs.closed[0]


def _earliest(scene: Scene) -> tuple[int, Part, Run] | None:
    """The first of equals: the earlier part, then the older run."""
    found: tuple[int, Part, Run] | None = None
    for part in PARTS:
        for run in scene.runs.open:
            at_ms = part.next_ms(scene, run)
            if at_ms is not None and (found is None or at_ms < found[0]):
                found = at_ms, part, run
    return found
