"""A route in words for people, and as data for machines."""

from collections.abc import Iterator
from typing import Any

import orjson

from plays.suppression.verdict import Drop, Verdict
from schemas.records.wire import rfc3339, utc
from streams.cli.routing import ClockView, Route

_INTERVALS_SHOWN = 8


def told(route: Route) -> Iterator[str]:
    """For people."""
    trigger, launch = route.trigger, route.launch
    yield f"trigger   {trigger.rule}, {trigger.priority}, for {trigger.account_id} at {rfc3339(trigger.time)}: {trigger.evidence.summary}"
    yield f"segments  {' > '.join(route.path)}"
    if route.out_of_scope:
        yield f"          rule {trigger.rule} does not apply to these: it would not have fired by itself"
    for name, where in route.set_by.items():
        yield f"          {name} is set by {where}"
    if launch is None:
        yield f"launch    none: {route.declined}"
    else:
        yield f"play      {launch.play} v{launch.play_version}"
        owner = launch.owner
        yield f"owner     {owner.name} ({owner.id}), {owner.role}, by {owner.reason}: {owner.detail}"
        if route.choice is not None:
            yield from _choice(route)
        yield from _clocks(route)
    for action, verdict in route.against.items():
        yield f"{action:<10}{_verdict(verdict)}"


def _choice(route: Route) -> Iterator[str]:
    choice, ask = route.choice, route.ask
    assert choice is not None
    assert ask is not None
    wanted = [f"{name} {', '.join(of)}" for name, of in (("skills", ask.skills), ("languages", ask.languages)) if of]
    if wanted:
        yield f"          wished for: {'; '.join(wanted)}"
    if choice.policy is not None and choice.score is not None:
        yield f"          {choice.policy} in pool {choice.pool}, the lowest score wins: {choice.person.id} {choice.score:.4g}"
        for words in choice.runners_up_words():
            yield f"          next: {words}"
        yield "          as if nobody held anything yet"
    if choice.on_duty_from_ms > _ms(route):
        yield f"          at work from {rfc3339(utc(choice.on_duty_from_ms))}"


def _clocks(route: Route) -> Iterator[str]:
    if not route.clocks:
        yield "clocks    none"
    for index, clock in enumerate(route.clocks):
        how = "all time" if clock.calendar is None else f"working hours of {clock.calendar}"
        share = "" if clock.share == 100 else f"{clock.share} % of "
        yield f"{'clocks' if index == 0 else '':<10}{clock.name} by {rfc3339(clock.due)}: {share}{route.trigger.first_action}, counts {how}"
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


def data(route: Route) -> dict[str, Any]:
    """For machines; intervals of clocks are complete."""
    choice, launch = route.choice, route.launch
    return {
        "trigger": orjson.loads(route.trigger.to_json()),
        "segment_path": list(route.path),
        "set_by": dict(route.set_by),
        "out_of_scope": route.out_of_scope,
        "declined": route.declined,
        "play": None if launch is None else {"id": launch.play, "version": launch.play_version},
        "owner": None if launch is None else launch.owner.model_dump(mode="json"),
        "choice": None
        if choice is None
        else {
            "pool": choice.pool,
            "policy": choice.policy,
            "score": choice.score,
            "on_duty_from": rfc3339(utc(choice.on_duty_from_ms)),
            "runners_up": [{"person": one.person_id, "score": one.score} for one in choice.runners_up],
        },
        "wishes": None if route.ask is None else {"skills": list(route.ask.skills), "languages": list(route.ask.languages)},
        "clocks": [_clock(clock) for clock in route.clocks],
        "against": {action: _against(verdict) for action, verdict in route.against.items()},
        "reaches_somebody": route.reaches_somebody,
    }


def _clock(clock: ClockView) -> dict[str, Any]:
    counted = None if clock.intervals is None else [[rfc3339(start), rfc3339(end)] for start, end in clock.intervals]
    return {
        "clock": clock.name,
        "percent_of_first_action": clock.share,
        "starts": rfc3339(clock.starts),
        "due": rfc3339(clock.due),
        "calendar": clock.calendar,
        "working_intervals": counted,
    }


def _against(verdict: Verdict) -> dict[str, Any] | None:
    if verdict is None:
        return None
    causes = (verdict.cause,) if isinstance(verdict, Drop) else verdict.causes
    return {
        "verdict": "drop" if isinstance(verdict, Drop) else "hold",
        "causes": [
            {"kind": cause.kind, "by": cause.by, "detail": cause.detail, "until": cause.until_ms and rfc3339(utc(cause.until_ms))}
            for cause in causes
        ],
    }


def _ms(route: Route) -> int:
    return round(route.trigger.time.timestamp() * 1000)
