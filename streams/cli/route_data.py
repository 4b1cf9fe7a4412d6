"""A route as data for machines. Intervals of clocks are complete."""

from typing import Any

import orjson

from plays.roster.ask import Load
from plays.runs.run import Run
from plays.suppression.held import Held
from plays.suppression.verdict import Cause, Drop, Verdict
from schemas.records.wire import rfc3339, utc
from streams.cli.route_view import Candidates, ClockView, Route


def data(route: Route) -> dict[str, Any]:
    """Everything there is to say."""
    run, joins, known, standing, candidates = route.run, route.joins, route.known, route.standing, route.candidates
    return {
        "trigger": orjson.loads(route.trigger.to_json()),
        "account_from": known.account_from,
        "loads_from": known.held_by,
        "remarks": list(known.remarks),
        "segment_path": list(route.path),
        "set_by": dict(route.set_by),
        "out_of_scope": route.out_of_scope,
        "open_runs": [_open(one) for one in standing.runs],
        "waiting": [_waiting(one) for one in standing.waiting],
        "messages_in_window": standing.messages,
        "declined": route.declined,
        "joins": None if joins is None else {"run": joins.id, "priority": joins.priority, "owner": joins.owner.id},
        "told": None if route.message is None else route.message.kind,
        "play": None if run is None else {"id": run.play, "version": run.play_version},
        "priority": None if run is None else run.priority,
        "owner": None if run is None else _owner(run),
        "choice": None if candidates is None else _choice(candidates),
        "wishes": None if candidates is None else {"skills": list(candidates.skills), "languages": list(candidates.languages)},
        "clocks": [_clock(clock) for clock in route.clocks],
        "against": {action: _against(verdict) for action, verdict in route.against.items()},
        "expires": None if route.expires is None else rfc3339(route.expires),
        "reaches_somebody": route.reaches_somebody,
    }


def _open(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "concern": run.concern,
        "priority": run.priority,
        "play": run.play,
        "owner": run.owner.id,
        "opened": rfc3339(utc(run.opened_ms)),
        "rules": list(run.rules),
    }


def _waiting(held: Held) -> dict[str, Any]:
    return {
        "trigger_id": held.trigger_id,
        "rule": held.rule,
        "since": rfc3339(utc(held.since_ms)),
        "expires": held.expires_ms and rfc3339(utc(held.expires_ms)),
        "causes": [{"kind": one.kind, "by": one.by, "detail": one.detail} for one in held.causes],
    }


def _owner(run: Run) -> dict[str, Any]:
    owner = run.owner
    known = {"id": owner.id, "name": owner.name, "role": owner.role, "email": owner.email, "reason": owner.reason, "detail": owner.detail}
    return {**known, "runners_up": list(owner.runners_up)}


def _choice(candidates: Candidates) -> dict[str, Any]:
    choice = candidates.choice
    return {
        "pool": choice.pool,
        "policy": choice.policy,
        "score": choice.score,
        "holds": _load(candidates.holds),
        "on_duty_from": rfc3339(utc(choice.on_duty_from_ms)),
        "runners_up": [{"person": one.person_id, "score": one.score, "holds": _load(one.holds)} for one in choice.runners_up],
        "full": [{"person": person.id, "holds": _load(load)} for person, load in candidates.full],
    }


def _load(load: Load) -> dict[str, int]:
    return {"runs": load.runs, "sla_minutes": load.minutes, "arr": load.arr}


def _clock(clock: ClockView) -> dict[str, Any]:
    counted = None if clock.intervals is None else [[rfc3339(start), rfc3339(end)] for start, end in clock.intervals]
    return {
        "clock": clock.name,
        "percent_of_first_action": clock.share,
        "starts": rfc3339(clock.starts),
        "due": rfc3339(clock.due),
        "counts": clock.counts,
        "calendar": clock.calendar,
        "working_intervals": counted,
    }


def _against(verdict: Verdict) -> dict[str, Any] | None:
    if verdict is None:
        return None
    if isinstance(verdict, Drop):
        return {"verdict": "drop", "causes": [_cause(verdict.cause)]}
    return {"verdict": "hold", "causes": [_cause(cause) for cause in verdict.causes]}


def _cause(cause: Cause) -> dict[str, Any]:
    return {"kind": cause.kind, "by": cause.by, "detail": cause.detail, "until": cause.until_ms and rfc3339(utc(cause.until_ms))}
