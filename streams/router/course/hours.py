"""Spans of a play, in the working hours that count for its run."""

from plays.playbooks.spans import later
from plays.runs.course.machine import Later
from plays.runs.run import Run
from streams.router.scene import Scene


def later_for(scene: Scene, run: Run) -> Later:
    """A moment and a span after it, by the calendar of the run as things stand."""
    calendar = scene.calendar(run)
    return lambda start_ms, span: later(start_ms, span, calendar)
