"""What ends a play by itself: the exits its file names."""

from collections.abc import Mapping

from plays.playbooks.conditions import Exit
from plays.runs.course.facts import Facts, replied
from plays.runs.run import Run
from streams.router.closing import end
from streams.router.course.pins import playbook_of
from streams.router.course.walking import go_on
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene

_WHY: Mapping[Exit, str] = {
    "recovered": "the account has recovered",
    "replied": "the customer has answered",
    "meeting_held": "a meeting was held",
    "renewed": "the contract was renewed",
    "opted_out": "the person written to does not want that",
}


def leave_or_go_on(scene: Scene, run: Run, told: frozenset[Exit] = frozenset()) -> None:
    """Something is new about the run: it ends if one of its exits has come, else it goes on. `told`: what the news itself is."""
    compiled, course = playbook_of(scene, run), run.course
    if compiled is None or course is None:
        return
    for stated in compiled.playbook.exits:
        if stated.when in told or _holds(stated.when, course.facts, course.opened_ms):
            end(scene, run, Extra(actor=ACTOR, code=stated.code, note=_WHY[stated.when] + _unseen(run, stated.when)))
            return
    go_on(scene, run)


def _unseen(run: Run, when: Exit) -> str:
    """Of a recovery: what ran out meanwhile, so that nobody takes it for better."""
    rules = dict.fromkeys(one.rule for one in run.grounds if when == "recovered" and one.cleared_ms is None and one.expired_ms is not None)
    return f"; nobody saw the end of {', '.join(rules)}, which ran out" if rules else ""


def _holds(when: Exit, facts: Facts, opened_ms: int) -> bool:
    match when:
        case "recovered":
            return facts.recovered_ms >= 0
        case "replied":
            return replied(facts)
        case "meeting_held":
            return facts.met_ms >= opened_ms
        case _:
            return False
