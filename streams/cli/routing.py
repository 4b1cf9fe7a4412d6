"""Where a trigger would go: segments, play, owner, clocks, and what would stand against it; by the pieces that decide it live."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plays.roster.ask import Load
from plays.roster.hours import hours_of
from plays.roster.person import Person
from plays.roster.rota import Rota
from plays.runs.asking import owns
from plays.runs.joining import run_for
from plays.runs.policy import NOTHING_SUPPRESSED, RunPolicy
from plays.runs.run import Run
from plays.suppression.touches import DAY_MS
from plays.suppression.verdict import Hold
from schemas.catalogue import ASKS, ASSIGNMENTS
from schemas.events.event import Event
from schemas.records.play_message import Clock as ClockName
from schemas.records.play_message import run_id
from schemas.records.trigger import Trigger
from schemas.records.wire import SOURCE, epoch_ms, utc
from streams.cli.compose import Configuration
from streams.cli.known import Known
from streams.cli.route_view import Candidates, ClockView, Route, Standing
from streams.processing import effects as asked
from streams.processing.cells import Cells
from streams.processing.moment import Moment
from streams.roster.answering import weigh
from streams.roster.cells import LOAD, QUESTIONS, of_person
from streams.roster.people import People
from streams.roster.processor import RosterProcessor
from streams.router.cells import RUNS
from streams.router.holding import HELD
from streams.router.hours import working_hours
from streams.router.processor import RouterProcessor
from streams.router.scene import Scene
from streams.router.suppression import TOUCHES, against_launch, against_message
from streams.signals.context import Context


def resolved_fields(configuration: Configuration, rule: str | None, path: tuple[str, ...]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """What the rule sets for an account of these segments, and which of it is not the rule's own; nothing for a rule there is not."""
    compiled = next((one for one in configuration.rules if one.rule.id == rule), None)
    if compiled is None:
        return {}, {}
    found = compiled.resolve(path)
    return {"play": found.play, "owner_role": found.owner, "first_action": found.sla, "priority": found.priority}, found.set_by


def path_of(configuration: Configuration, known: Known, at_ms: int) -> tuple[str, ...]:
    """The account's segments, from the widest to the most specific."""
    return Context(known.account(), Moment(at_ms), configuration.segments).path


def route(configuration: Configuration, trigger: Trigger, known: Known, set_by: Mapping[str, str]) -> Route:
    """Let router and roster answer the trigger on the state that is known, and judge what stands against it there."""
    at_ms = epoch_ms(trigger.time)
    bands, suppression = configuration.segments.bands, configuration.suppressing
    policy = replace(configuration.run_policy, touch=bands, roster=known.answers, suppression=suppression)
    before = _scene(configuration, policy, known.account(), at_ms)
    declined = _known_already(before, trigger)
    joins = None if declined else run_for(trigger, before.runs.open, policy.sla.open_runs_at_most)
    after, effects, candidates = _answered(configuration, policy, trigger, known)
    if declined is None and joins is None:
        decided = [one.decision for one in effects if isinstance(one, asked.Decide)]
        declined = next((one.detail for one in decided if one.trigger_id == trigger.trigger_id), None)
    own = run_id(trigger.account_id, trigger.trigger_id)
    target = None if declined else own if joins is None else joins.id
    run = None if target is None else after[RUNS].find(target)
    said = [one.message for one in effects if isinstance(one, asked.Say) and one.message.run_id == target]
    message = next((one for one in said if one.kind in ("launched", "upgraded")), said[0] if said else None)
    launch = None if run is None or joins is not None else against_launch(before, trigger)
    contact = message.who_to_reach[0].id if message is not None and message.who_to_reach else None
    compiled = next((one for one in configuration.rules if one.rule.id == trigger.rule), None)
    expires_ms = policy.suppression.expires_ms(trigger.rule, at_ms) if isinstance(launch, Hold) else None
    return Route(
        trigger=trigger,
        known=known,
        path=path_of(configuration, known, at_ms),
        set_by=set_by,
        out_of_scope=compiled is not None and not compiled.applies_to(path_of(configuration, known, at_ms)),
        standing=_standing(before, policy),
        joins=joins,
        declined=None if run is not None else declined or "nothing is launched",
        run=run,
        message=message,
        candidates=None if run is None else candidates,
        clocks=() if run is None else tuple(_clocks(policy, after, run, at_ms, joins, known)),
        against={"launch": launch, "message": None if run is None else against_message(before, run, contact)},
        expires=None if expires_ms is None else utc(expires_ms),
    )


def _scene(configuration: Configuration, policy: RunPolicy, cells: Cells, at_ms: int) -> Scene:
    return Scene(cells, cells.edit(RUNS), at_ms, configuration.playbooks, policy, [])


def _known_already(scene: Scene, trigger: Trigger) -> str | None:
    """Why nothing comes of a trigger that came before; None for one that did not."""
    identity = trigger.trigger_id
    for run in scene.runs.open:
        if identity in run.triggers:
            return f"it came before: run {run.id} answers it, of {run.owner.name} ({run.owner.id})"
    if scene.runs.knows(identity):
        return "it came before: a run that is closed has answered it"
    holds = scene.cells[HELD]
    if any(one.trigger_id == identity for one in holds.held):
        return "it came before: its launch waits"
    return "it came before, waited, and what became of it is said in `decisions`" if holds.knows(identity) else None


def _answered(
    configuration: Configuration, policy: RunPolicy, trigger: Trigger, known: Known
) -> tuple[Cells, list[asked.Effect], Candidates | None]:
    """What router and roster would say if nothing stood against it; and the account afterwards."""
    cells, moment = known.account(), Moment(epoch_ms(trigger.time))
    cells.drop(HELD)  # what waits is not part of the question
    router = RouterProcessor(configuration.playbooks, replace(policy, suppression=NOTHING_SUPPRESSED))
    said = list(router.on_trigger(cells, trigger, moment))
    question = next(
        (one.event for one in said if isinstance(one, asked.Ask) and one.event["type"] == "assignment.requested" and _of_owner(one.event)),
        None,
    )
    if question is None:
        return cells, said, None
    team, hours = policy.team, hours_of(policy.calendars)
    ask = _event(ASKS, question, moment.now_ms)
    state = known.asked()
    rota = People(team, hours).rota(state)
    choice, _ = weigh(state, state[QUESTIONS], ask, rota)
    for answer in RosterProcessor(team, hours).on_event(known.asked(), ask, moment):
        if isinstance(answer, asked.Answer):
            said += router.on_event(cells, _event(ASSIGNMENTS, answer.event, moment.now_ms), moment)
    holds, full = of_person(state, choice.person.id)[LOAD], tuple(_full(state, rota, ask.data["pool"]))
    return cells, said, Candidates(choice, holds, full, tuple(ask.data.get("skills", ())), tuple(ask.data.get("languages", ())))


def _of_owner(event: Mapping[str, object]) -> bool:
    return owns(str(event["step"]))


def _event(topic: str, data: Mapping[str, Any], at_ms: int) -> Event:
    return Event(topic, 0, 0, at_ms, at_ms, data["type"], data["account_id"], data["event_id"], SOURCE, data)


def _full(state: Cells, rota: Rota, pool: str) -> list[tuple[Person, Load]]:
    """Of the pools that are asked, in their order, each person once."""
    people = {seat.person.id: seat.person for name in rota.team.chain(pool) for seat in rota.seats[name]}
    loads = [(person, of_person(state, person.id)[LOAD]) for person in people.values()]
    return [(person, load) for person, load in loads if person.capacity.full(load.runs, load.minutes)]


def _standing(scene: Scene, policy: RunPolicy) -> Standing:
    budget = policy.suppression.policy.contact_budget
    since_ms = scene.now_ms - (0 if budget is None else budget.window * DAY_MS)
    messages = None if budget is None else sum(at_ms > since_ms for at_ms in scene.cells[TOUCHES].account)
    return Standing(tuple(scene.runs.open), tuple(scene.cells[HELD].held), messages)


def _clocks(policy: RunPolicy, cells: Cells, run: Run, at_ms: int, joins: Run | None, known: Known) -> list[ClockView]:
    sla, hours = policy.sla, working_hours(cells, policy, run.priority, run.owner.id)
    shares: tuple[tuple[ClockName, int], ...] = (("acknowledge", sla.acknowledge_percent), ("act", 100), ("resolve", sla.resolve_percent))
    found = []
    for (name, share), clock in zip(shares, run.running, strict=True):
        if clock is not None:
            starts_ms = max(clock.start_ms, at_ms)
            counted = hours.intervals(starts_ms, clock.due_ms) if clock.work_ms and starts_ms < clock.due_ms else ()
            intervals = tuple((utc(start), utc(end)) for start, end in counted) if clock.work_ms else None
            calendar = f"{hours.name} ({hours.zone.key})" if clock.work_ms else None
            told = joins is not None and known.recorded and not clock.work_ms
            found.append(ClockView(name, None if joins else share, utc(starts_ms), utc(clock.due_ms), calendar, intervals, told))
    return found
