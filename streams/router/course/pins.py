"""The playbooks that open runs of an account are pinned to."""

import msgspec

from plays.playbooks.book import CompiledPlaybook
from plays.runs.course.pin import PinError, pin, plan_for, unpin
from plays.runs.course.plan import Plan
from plays.runs.run import Run
from streams.processing.cell import Cell
from streams.router.scene import Scene


class Pins(msgspec.Struct, omit_defaults=True):
    """Copies by content. Written when a run sets out, and when the last one that needs it is closed: never by a step."""

    copies: dict[str, bytes] = {}


PINS: Cell[Pins] = Cell("plays", Pins, version=1)
"""At most one copy an open run, of some 1 KB: it never comes near the bound of a cell."""


def pin_play(scene: Scene, compiled: CompiledPlaybook) -> None:
    """Keep a copy of the playbook for as long as a run is pinned to it."""
    if compiled.digest not in scene.cells[PINS].copies:
        scene.cells.edit(PINS).copies[compiled.digest] = pin(compiled)


def drop_unused(scene: Scene) -> None:
    """Forget the copies no open run is pinned to."""
    if PINS not in scene.cells:
        return
    needed = {run.course.play for run in scene.runs.open if run.course is not None}
    pins = scene.cells[PINS]
    if needed.issuperset(pins.copies):
        return
    pins = scene.cells.edit(PINS)
    pins.copies = {digest: copy for digest, copy in pins.copies.items() if digest in needed}
    if not pins.copies:
        scene.cells.drop(PINS)


def playbook_of(scene: Scene, run: Run) -> CompiledPlaybook | None:
    """The playbook as it was when the run set out, with the steps the account had then. None: there is no copy that can be read."""
    course = run.course
    if course is None:
        return None
    left_out = tuple(course.left_out)
    if run.play in scene.playbooks and scene.playbooks[run.play].digest == course.play:
        return scene.playbooks[run.play].but(left_out)
    copy = scene.cells[PINS].copies.get(course.play)
    try:
        return None if copy is None else unpin(copy).but(left_out)
    except PinError:
        return None


def plan_of_run(scene: Scene, run: Run) -> Plan | None:
    """The same as the machine walks it."""
    compiled = playbook_of(scene, run)
    return None if compiled is None else plan_for(compiled, ())


def status_of(scene: Scene, play: str) -> str:
    """Of a play as the library has it now; `gone` where it has none of that name: a trigger may have waited for longer than its file."""
    return scene.playbooks[play].playbook.status if play in scene.playbooks else "gone"


def rests(scene: Scene, run: Run) -> bool:
    """Nothing of the run begins: it is paused or snoozed, or its play is paused, as the library says now."""
    if run.paused_ms is not None or run.rests.resting(scene.now_ms) is not None:
        return True
    return status_of(scene, run.play) == "paused"
