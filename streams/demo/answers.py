"""How the people at the CRM treat the runs they get. Decided by seed and run alone, so every repetition answers alike."""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from random import Random
from typing import Any

from streams.fleet.draws import chance, pick, stream
from streams.fleet.span import HOUR_MS, MINUTE_MS, rfc3339

_CODES: dict[str, tuple[tuple[str, float], ...]] = {
    "onboarding": (("resolved", 0.85), ("false_positive", 0.05), ("no_response", 0.1)),
    "adoption": (("adoption_recovered", 0.4), ("resolved", 0.25), ("no_response", 0.2), ("false_positive", 0.15)),
    "support": (("resolved", 0.92), ("false_positive", 0.08)),
    "experience": (("resolved", 0.6), ("renewal_risk_reduced", 0.3), ("no_response", 0.1)),
    "commercial": (("resolved", 0.8), ("renewal_risk_reduced", 0.2)),
    "stakeholder": (("renewal_risk_reduced", 0.5), ("resolved", 0.3), ("no_response", 0.2)),
    "expansion": (("expansion_progressed", 0.55), ("no_response", 0.45)),
    "plan": (("resolved", 0.95), ("no_response", 0.05)),
    "cadence": (("resolved", 0.95), ("false_positive", 0.05)),
    "lifecycle": (("resolved", 0.7), ("no_response", 0.3)),
    "renewal": (("renewal_risk_reduced", 0.75), ("no_response", 0.15), ("resolved", 0.1)),
}

# Of the people asked: most answer well in time, some late, some not at all until it is escalated.
_TEMPERS = (("prompt", 0.8), ("slow", 0.12), ("absent", 0.08))


@dataclass(order=True, slots=True)
class Answer:
    """One update that will be sent at `time_ms` unless its run ends before."""

    time_ms: int
    run_id: str
    number: int
    type: str = field(compare=False)
    account_id: str = field(compare=False)
    fields: dict[str, Any] = field(compare=False)
    plan: int = field(compare=False)

    def body(self, time_ms: int) -> dict[str, Any]:
        """The `run.*` event as published."""
        return {
            "event_id": f"crm-{self.run_id}-{self.number}",
            "type": self.type,
            "account_id": self.account_id,
            "occurred_at": rfc3339(time_ms),
            "source": "crm",
            "run_id": self.run_id,
            **self.fields,
        }


class Desk:
    """Reads play messages, keeps what it means to answer, and hands it out when its time comes. Pure: time is passed in."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._plans: list[Answer] = []
        self._open: dict[str, int] = {}  # run -> how often it was planned; an answer of an older plan is void
        self._acknowledged: set[str] = set()
        self._numbers: dict[str, int] = {}

    def read(self, message: dict[str, Any]) -> None:
        """Take one message of `play-launches`, in order."""
        kind, run = message["kind"], message["run_id"]
        if kind == "launched":
            self._plan(message, escalated=False)
        elif kind == "escalated" and run in self._open and run not in self._acknowledged:
            self._plan(message, escalated=True)
        elif kind in ("closed", "cancelled"):
            self._open.pop(run, None)

    def due(self, after_ms: int, until_ms: int) -> list[tuple[str, dict[str, Any]]]:
        """(account, event) of every answer whose time has come, in order of time; times lie in (after, until]."""
        told: list[tuple[str, dict[str, Any]]] = []
        last = after_ms
        while self._plans and self._plans[0].time_ms <= until_ms:
            answer = heappop(self._plans)
            if self._open.get(answer.run_id) != answer.plan:
                continue
            # Who should have answered while nobody could have read the message yet does so at once.
            last = min(until_ms, max(answer.time_ms, last + 1))
            if answer.type == "run.acknowledged":
                self._acknowledged.add(answer.run_id)
            told.append((answer.account_id, answer.body(last)))
            if answer.type == "run.closed":
                self._open.pop(answer.run_id, None)
        return told

    def _plan(self, message: dict[str, Any], *, escalated: bool) -> None:
        run, now = message["run_id"], _ms(message["time"])
        plan = self._open[run] = self._open.get(run, 0) + 1
        rng = stream(self._seed, "desk", run, plan)
        owner, clocks = message["owner"], message["clocks"]
        if owner["reason"] == "automation":
            self._automation(rng, message, now, plan)
            return
        temper = "prompt" if escalated and chance(rng, 0.8) else pick(rng, [t for t, _ in _TEMPERS], [w for _, w in _TEMPERS])
        if temper == "absent":
            return
        reach, act, resolve = (_span(clocks.get(name), now, default) for name, default in _CLOCKS)
        early = temper == "prompt"
        seen = now + int(reach * (rng.uniform(0.04, 0.45) if early else rng.uniform(0.55, 1.3)))
        begun = max(seen + 2 * MINUTE_MS, now + int(act * (rng.uniform(0.08, 0.48) if early else rng.uniform(0.6, 1.25))))
        done = max(begun + 10 * MINUTE_MS, now + int(resolve * (rng.uniform(0.12, 0.48) if early else rng.uniform(0.5, 1.1))))
        actor = owner["id"]
        self._add(message, seen, "run.acknowledged", plan, actor=actor)
        self._add(message, begun, "run.started", plan, actor=actor)
        steps = [step["name"] for step in message["steps"]]
        for place, step in enumerate(steps, start=1):
            self._add(message, begun + (done - begun) * place // (len(steps) + 1), "run.step_completed", plan, actor=actor, step=step)
        codes = _CODES[message["concern"]]
        code = pick(rng, [name for name, _ in codes], [weight for _, weight in codes])
        self._add(message, done, "run.closed", plan, actor=actor, code=code)

    def _automation(self, rng: Random, message: dict[str, Any], now: int, plan: int) -> None:
        """The mail system sends at once and closes when the time for an answer is over."""
        sent = now + rng.randint(1, 20) * MINUTE_MS
        if message["steps"]:
            self._add(message, sent, "run.step_completed", plan, actor="mailer", step=message["steps"][0]["name"])
        code = "no_response" if message["concern"] == "expansion" else pick(rng, ("resolved", "no_response"))
        self._add(message, sent + rng.randint(24, 96) * HOUR_MS, "run.closed", plan, actor="mailer", code=code)

    def _add(self, message: dict[str, Any], time_ms: int, type_: str, plan: int, **fields: Any) -> None:
        run = message["run_id"]
        number = self._numbers[run] = self._numbers.get(run, 0) + 1
        heappush(self._plans, Answer(time_ms, run, number, type_, message["account_id"], fields, plan))


_CLOCKS = (("acknowledge_by", 6 * HOUR_MS), ("act_by", 24 * HOUR_MS), ("resolve_by", 96 * HOUR_MS))


def _span(deadline: str | None, now: int, default: int) -> int:
    """How long a clock of the run goes, in ms; at least ten minutes."""
    return default if deadline is None else max(10 * MINUTE_MS, _ms(deadline) - now)


def _ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)
