"""What events say about the plays of an account."""

from collections.abc import Callable, Collection, Mapping

from plays.playbooks.conditions import Exit
from plays.runs.course.facts import Facts, open_item, write
from plays.runs.grounds import Ground
from plays.runs.run import Run
from schemas.events.event import Event
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.router.closing import end
from streams.router.course.leaving import leave_or_go_on
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene

News = tuple[bool, Exit | None]
"""Whether the event is news to the run, and which exit it is by itself."""
Heard = Callable[[Run, Facts, Event], News]

_NO: News = (False, None)
_NEWS: News = (True, None)


def hear(scene: Scene, event: Event) -> None:
    """Every open run of the account that the event is news to goes on, or ends."""
    heard = HEARD[event.type]
    for run in tuple(scene.runs.open):
        if run.course is None:
            continue
        news, leaving = heard(run, run.course.facts, event)
        if news:
            leave_or_go_on(scene, run, frozenset() if leaving is None else frozenset({leaving}))


def ended(scene: Scene, cleared: Cleared) -> None:
    """An episode is over: runs that rest on it may have recovered. That it only ran out is noted, and is no recovery."""
    for run in tuple(scene.runs.open):
        ground = next((one for one in run.grounds if _is(one, cleared) and not one.over), None)
        if ground is not None:
            if cleared.expired:
                ground.expired_ms = cleared.at_ms
            else:
                ground.cleared_ms = cleared.at_ms
            recover(scene, run, cleared.how)


def recover(scene: Scene, run: Run, how: str = "") -> None:
    """The run has recovered if something it rests on has cleared, and nothing it rests on still holds.

    What ran out, and of what nobody can say whether it holds, counts neither way: the order in which things end changes nothing.
    Nobody is sent for what was over before anybody was told of it, as with a launch that waits: `how` says what ended it.
    """
    cleared = [ground.cleared_ms for ground in run.grounds if ground.cleared_ms is not None]
    if not cleared or any(stands(scene, ground) for ground in run.grounds):
        return
    if not run.launched:
        end(scene, run, Extra(actor=ACTOR, code="resolved", note=how))
    elif run.course is not None and run.course.facts.recovered_ms < 0:
        run.course.facts.recovered_ms = max(cleared)
        leave_or_go_on(scene, run)


def stands(scene: Scene, ground: Ground) -> bool:
    """Whether it is known to hold still. Of what cannot be judged nobody can say that: it is no reason to go on."""
    if ground.over:
        return False
    return scene.judged(EpisodeRef(ground.rule, ground.subject_kind, ground.subject_id, ground.episode)) is True


def rests_on_any_of(run: Run, rules: Collection[str]) -> bool:
    """Whether the run waits for the end of something of these rules."""
    return any(ground.rule in rules and not ground.over for ground in run.grounds)


def concerns(run: Run, cleared: Cleared) -> bool:
    """Whether the run rests on the episode."""
    return any(_is(ground, cleared) and not ground.over for ground in run.grounds)


def _is(ground: Ground, cleared: Cleared) -> bool:
    about = (ground.rule, ground.subject_kind, ground.subject_id, ground.episode)
    return about == (cleared.rule, cleared.subject.kind, cleared.subject.id, cleared.episode)


def _replied(_run: Run, facts: Facts, event: Event) -> News:
    if event.data.get("auto_reply") or event.time_ms <= facts.replied_ms:
        return _NO
    facts.replied_ms = event.time_ms
    return _NEWS


def _sent(run: Run, facts: Facts, event: Event) -> News:
    if event.data.get("run_id") != run.id or 0 <= facts.written_ms <= event.time_ms:
        return _NO
    write(facts, event.time_ms)
    return _NEWS


def _met(_run: Run, facts: Facts, event: Event) -> News:
    attended = event.data.get("attended")
    nobody = attended is not None and len(attended) == 0
    if nobody or event.time_ms <= facts.met_ms:
        return _NO
    facts.met_ms = event.time_ms
    return _NEWS


def _ended(kind: str, field: str) -> Heard:
    def heard(run: Run, facts: Facts, event: Event) -> News:
        item = event.data.get(field)
        if (run.subject_kind, run.subject_id) == (kind, item):
            if event.time_ms <= facts.subject_ended_ms:
                return _NO
            facts.subject_ended_ms = event.time_ms
            return _NEWS
        for one in facts.opened:
            if (one.kind, one.id) == (kind, item) and event.time_ms > one.ended_ms:
                one.ended_ms = event.time_ms
                return _NEWS
        return _NO

    return heard


def _opened_again(kind: str, field: str) -> Heard:
    def heard(run: Run, facts: Facts, event: Event) -> News:
        item = event.data.get(field)
        if (run.subject_kind, run.subject_id) == (kind, item):
            if event.time_ms <= facts.subject_opened_ms:
                return _NO
            facts.subject_opened_ms = event.time_ms
            return _NEWS
        for one in facts.opened:
            if (one.kind, one.id) == (kind, item) and event.time_ms > one.opened_ms:
                one.opened_ms = event.time_ms
                return _NEWS
        return _NO

    return heard


def _opened(kind: str, field: str) -> Heard:
    def heard(run: Run, facts: Facts, event: Event) -> News:
        item = event.data.get(field)
        if event.data.get("run_id") != run.id or not item or any((one.kind, one.id) == (kind, item) for one in facts.opened):
            return _NO
        open_item(facts, kind, item, event.time_ms)
        return _NEWS

    return heard


def _renewed(run: Run, _facts: Facts, event: Event) -> News:
    contract = event.data.get("contract_id")
    other = run.subject_kind == "contract" and contract is not None and contract != run.subject_id
    return _NO if other else (True, "renewed")


def _contact(_run: Run, facts: Facts, event: Event) -> News:
    if not event.data.get("opted_out") or event.data.get("contact_id") not in facts.reached:
        return _NO
    return True, "opted_out"


HEARD: Mapping[str, Heard] = {
    "email.replied": _replied,
    "email.sent": _sent,
    "meeting.held": _met,
    "ticket.created": _opened("ticket", "ticket_id"),
    "ticket.reopened": _opened_again("ticket", "ticket_id"),
    "ticket.resolved": _ended("ticket", "ticket_id"),
    "ticket.closed": _ended("ticket", "ticket_id"),
    "action_item.created": _opened("action_item", "item_id"),
    "action_item.completed": _ended("action_item", "item_id"),
    "milestone.completed": _ended("milestone", "milestone_id"),
    "risk.closed": _ended("risk", "risk_id"),
    "invoice.paid": _ended("invoice", "invoice_id"),
    "invoice.voided": _ended("invoice", "invoice_id"),
    "contract.renewed": _renewed,
    "contact.updated": _contact,
}
