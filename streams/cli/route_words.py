"""A route in words for people."""

from collections.abc import Iterator

from plays.roster.ask import Load
from plays.roster.fairness import holding
from plays.roster.person import Capacity
from plays.runs.run import Run
from plays.suppression.verdict import Drop, Verdict
from schemas.records.wire import epoch_ms, rfc3339, utc
from streams.cli.route_view import Candidates, Route

_INTERVALS_SHOWN = 8
_RUNS_SHOWN = 8
_FULL_SHOWN = 8

NOBODY_HOLDS = "nobody is taken to hold anything else: --live or --runs FILE tells what people hold"


def told(route: Route) -> Iterator[str]:
    """Line by line."""
    trigger = route.trigger
    yield f"trigger   {trigger.rule}, {trigger.priority}, for {trigger.account_id} at {rfc3339(trigger.time)}: {trigger.evidence.summary}"
    yield f"account   as it is by {route.known.account_from}"
    for remark in route.known.remarks:
        yield f"          {remark}"
    yield f"segments  {' > '.join(route.path)}"
    if route.out_of_scope:
        yield f"          rule {trigger.rule} does not apply to these: it would not have fired by itself"
    for name, where in route.set_by.items():
        yield f"          {name} is set by {where}"
    yield from _standing(route)
    if route.run is None:
        yield f"launch    none: {route.declined}"
        return
    yield from _run(route, route.run)
    yield from _clocks(route)
    if route.joins is None:
        kept = "" if route.expires is None else f"; not launched any more from {rfc3339(route.expires)} on"
        yield f"launch    {_verdict(route.against['launch'])}{kept}"
    yield f"message   {_verdict(route.against['message'])}"


def _standing(route: Route) -> Iterator[str]:
    standing = route.standing
    for index, run in enumerate(standing.runs[:_RUNS_SHOWN]):
        yield f"{'open' if index == 0 else '':<10}{_open(run)}"
    if len(standing.runs) > _RUNS_SHOWN:
        yield f"          and {len(standing.runs) - _RUNS_SHOWN} more runs"
    if not standing.runs:
        yield "open      no run"
    for held in standing.waiting:
        yield f"          {held.rule} waits since {rfc3339(utc(held.since_ms))}: {held.causes[0].detail}"
    if standing.messages is not None:
        yield f"          messages to its people in the window of the contact budget: {standing.messages}"


def _open(run: Run) -> str:
    since = rfc3339(utc(run.opened_ms))
    return f"run {run.id}, {run.priority}, {run.concern}, {run.play}, {run.owner.name} ({run.owner.id}), since {since}"


def _run(route: Route, run: Run) -> Iterator[str]:
    joins, owner = route.joins, run.owner
    if joins is not None:
        raised = f", and makes it {run.priority} (it was {joins.priority})" if run.priority != joins.priority else ""
        yield f"joins     run {joins.id} on {joins.concern}{raised}: nothing is launched"
    yield f"play      {run.play} v{run.play_version}"
    yield f"owner     {owner.name} ({owner.id}), {owner.role}, by {owner.reason}: {owner.detail}"
    if route.candidates is not None:
        yield from _choice(route, route.candidates)


def _choice(route: Route, candidates: Candidates) -> Iterator[str]:
    choice, holds = candidates.choice, candidates.holds
    wanted = [f"{name} {', '.join(of)}" for name, of in (("skills", candidates.skills), ("languages", candidates.languages)) if of]
    if wanted:
        yield f"          wished for: {'; '.join(wanted)}"
    if choice.policy is not None and choice.score is not None:
        who = f"{choice.person.id}: {holding(choice.policy, holds)}, score {choice.score:.4g}"
        yield f"          {choice.policy} in pool {choice.pool}, the lowest score wins: {who}"
        for words in choice.runners_up_words():
            yield f"          next: {words}"
    for person, load in candidates.full[:_FULL_SHOWN]:
        yield f"          full: {person.id}, {_of(load, person.capacity)}"
    if len(candidates.full) > _FULL_SHOWN:
        yield f"          full: {len(candidates.full) - _FULL_SHOWN} more"
    yield f"          {f'what people hold is as {route.known.held_by}' if route.known.held_by else NOBODY_HOLDS}"
    if choice.on_duty_from_ms > epoch_ms(route.trigger.time):
        yield f"          at work from {rfc3339(utc(choice.on_duty_from_ms))}"


def _of(load: Load, capacity: Capacity) -> str:
    told = ((load.runs, capacity.runs, "runs"), (load.minutes, capacity.sla_minutes, "SLA minutes"))
    return " and ".join(f"{held} of {most} {unit}" for held, most, unit in told if most is not None)


def _clocks(route: Route) -> Iterator[str]:
    if not route.clocks:
        yield "clocks    none"
    for index, clock in enumerate(route.clocks):
        share = "" if clock.share == 100 else f"{clock.share} % of "
        what = "" if clock.share is None else f"{share}{route.trigger.first_action}"
        words = ", ".join(one for one in (what, f"counts {clock.counts}" if clock.counts else "") if one)
        yield f"{'clocks' if index == 0 else '':<10}{clock.name} by {rfc3339(clock.due)}{': ' if words else ''}{words}"
        for start, end in (clock.intervals or ())[:_INTERVALS_SHOWN]:
            yield f"            {rfc3339(start)} to {rfc3339(end)}"
        more = len(clock.intervals or ()) - _INTERVALS_SHOWN
        if more > 0:
            yield f"            and {more} more"


def _verdict(verdict: Verdict) -> str:
    if verdict is None:
        return "nothing stands against it"
    if isinstance(verdict, Drop):
        return f"dropped: {verdict.cause.kind} {verdict.cause.by}: {verdict.cause.detail}"
    until = "" if verdict.until_ms is None else f" until {rfc3339(utc(verdict.until_ms))}"
    return f"held{until}: {'; '.join(f'{cause.kind} {cause.by}: {cause.detail}' for cause in verdict.causes)}"
