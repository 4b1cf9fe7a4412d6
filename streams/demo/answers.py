"""How the people at the CRM treat the runs they get. Decided by seed and run alone, so every repetition answers alike."""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
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
_SETTLED = 0.12
"""Share of prompt owners who find it settled before the play is over."""
_TEMPERS = (("prompt", 0.8), ("slow", 0.12), ("absent", 0.08))


Topic = tuple[str, str]
"""What an answer is about: the run as a whole (`""`), its end (`"end"`), or one of its steps."""


@dataclass(order=True, slots=True)
class Answer:
    """One update that will be sent at `time_ms` unless its run ends before."""

    time_ms: int
    run_id: str
    number: int
    type: str = field(compare=False)
    account_id: str = field(compare=False)
    fields: dict[str, Any] = field(compare=False)
    topic: Topic = field(compare=False)
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
    """Reads play messages, keeps what it means to answer, and hands it out when its time comes. Pure: time is passed in.

    Owners acknowledge and begin, do each step when it is due, and close the run when nothing is left to do; some close early, because
    it is settled. Who is away does nothing until it is escalated.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._plans: list[Answer] = []
        self._current: dict[Topic, int] = {}  # the latest plan about something; an answer of an older one is void
        self._open: dict[str, dict[str, Any]] = {}  # run -> its launch
        self._acknowledged: set[str] = set()
        self._away: dict[str, list[dict[str, Any]]] = {}  # runs whose owner does not answer: the steps that were due meanwhile
        self._numbers: dict[str, int] = {}
        self._plan = 0
        self._told: dict[str, list[tuple[int, str]]] = {}  # run -> time and id of the answers whose effect was not read of yet
        self.crossed: list[str] = []
        """Ids of answers about runs that had ended by themselves, of which nobody had read yet."""

    def read(self, message: dict[str, Any]) -> None:
        """Take one message of `play-launches`, in order."""
        kind, run = message["kind"], message["run_id"]
        if kind == "closed":
            told, closed_ms = self._told.pop(run, []), _ms(message["time"])
            if message.get("actor") == _PLAYCALL:
                self.crossed += [answer for time_ms, answer in told if time_ms >= closed_ms]
        if kind == "launched":
            self._open[run] = message
            self._meet(message, escalated=False)
            self._end(message, self._horizon(message))
        elif run not in self._open:
            return
        elif kind == "step_due":
            if run in self._away and not _by_system(message["holder"]):
                self._away[run].append(message)
            else:
                self._do(message, _ms(message["time"]))
        elif kind in ("step_left_out", "step_lapsed", "step_ended", "step_cancelled"):
            self._current.pop((run, message["step"]), None)
        elif kind == "steps_ended":
            rng = stream(self._seed, "desk", run, "end")
            hours = rng.uniform(24, 96) if _by_system(message["owner"]) else rng.uniform(0.2, 5)
            self._end(self._open[run], _ms(message["time"]) + int(hours * HOUR_MS))
        elif kind == "escalated" and run not in self._acknowledged:
            self._meet(message, escalated=True)
        elif kind == "closed":
            self._forget(run)

    def due(self, after_ms: int, until_ms: int) -> list[tuple[str, dict[str, Any]]]:
        """(account, event) of every answer whose time has come, in order of time; times lie in (after, until]."""
        told: list[tuple[str, dict[str, Any]]] = []
        last = after_ms
        while self._plans and self._plans[0].time_ms <= until_ms:
            answer = heappop(self._plans)
            if self._current.get(answer.topic) != answer.plan:
                continue
            # Who should have answered while nobody could have read the message yet does so at once.
            last = min(until_ms, max(answer.time_ms, last + 1))
            if answer.type == "run.acknowledged":
                self._acknowledged.add(answer.run_id)
            body = answer.body(last)
            told.append((answer.account_id, body))
            self._told.setdefault(answer.run_id, []).append((last, body["event_id"]))
            if answer.type == "run.closed":
                self._forget(answer.run_id)
        return told

    def _meet(self, message: dict[str, Any], *, escalated: bool) -> None:
        """The owner hears of the run."""
        run, now, owner, clocks = message["run_id"], _ms(message["time"]), message["owner"], message["clocks"]
        plan = self._renew((run, ""))
        if _by_system(owner):
            return
        rng = stream(self._seed, "desk", run, owner["id"])
        temper = "prompt" if escalated and chance(rng, 0.8) else pick(rng, [t for t, _ in _TEMPERS], [w for _, w in _TEMPERS])
        if temper == "absent":
            self._away.setdefault(run, [])
            return
        reach, act, resolve = (_span(clocks.get(name), now, default) for name, default in _CLOCKS)
        early = temper == "prompt"
        seen = now + int(reach * (rng.uniform(0.04, 0.45) if early else rng.uniform(0.55, 1.3)))
        begun = max(seen + 2 * MINUTE_MS, now + int(act * (rng.uniform(0.08, 0.48) if early else rng.uniform(0.6, 1.25))))
        self._add(message, seen, "run.acknowledged", (run, ""), plan, actor=owner["id"])
        self._add(message, begun, "run.started", (run, ""), plan, actor=owner["id"])
        if early and chance(rng, _SETTLED):
            self._end(message, max(begun + 10 * MINUTE_MS, now + int(resolve * rng.uniform(0.12, 0.48))))
        for step in self._away.pop(run, ()):
            self._do(step, now)

    def _do(self, message: dict[str, Any], now: int) -> None:
        """Somebody does a step, or leaves it out."""
        run, step, holder = message["run_id"], message["step"], message["holder"]
        rng = stream(self._seed, "desk", run, step, message["time_of"])
        topic = (run, step)
        plan = self._renew(topic)
        if _by_system(holder):
            done = now + rng.randint(1, 20) * MINUTE_MS
            self._add(message, done, "run.step_completed", topic, plan, actor="mailer", step=step)
            return
        span = _span(message["due"], now, 8 * HOUR_MS)
        done = now + int(span * (rng.uniform(0.1, 0.7) if chance(rng, 0.85) else rng.uniform(0.9, 1.4)))
        what = "run.step_skipped" if chance(rng, 0.05) else "run.step_completed"
        self._add(message, done, what, topic, plan, actor=holder["id"], step=step)

    def _end(self, message: dict[str, Any], time_ms: int) -> None:
        """Whoever has the run closes it then, unless it is settled before."""
        run = message["run_id"]
        rng = stream(self._seed, "desk", run, "code")
        codes = _CODES[message["concern"]]
        code = pick(rng, [name for name, _ in codes], [weight for _, weight in codes])
        system = _by_system(message["owner"])
        if system:
            code = "no_response" if message["concern"] == "expansion" else pick(rng, ("resolved", "no_response"))
        topic = (run, "end")
        self._add(
            message, time_ms, "run.closed", topic, self._renew(topic), actor="mailer" if system else message["owner"]["id"], code=code
        )

    def _horizon(self, message: dict[str, Any]) -> int:
        """When a run that goes on for too long is given up: some days after all that it promised."""
        dates = [step.get("due_by") for step in message["steps"]] + [message["clocks"].get("resolve_by"), message["time"]]
        days = stream(self._seed, "desk", message["run_id"], "horizon").uniform(2, 9)
        return max(_ms(date) for date in dates if date is not None) + int(days * 24 * HOUR_MS)

    def _renew(self, topic: Topic) -> int:
        self._plan += 1
        self._current[topic] = self._plan
        return self._plan

    def _forget(self, run: str) -> None:
        self._open.pop(run, None)
        self._away.pop(run, None)
        for topic in [topic for topic in self._current if topic[0] == run]:
            del self._current[topic]

    def _add(self, message: dict[str, Any], time_ms: int, type_: str, topic: Topic, plan: int, **fields: Any) -> None:
        run = message["run_id"]
        number = self._numbers[run] = self._numbers.get(run, 0) + 1
        heappush(self._plans, Answer(time_ms, run, number, type_, message["account_id"], fields, topic, plan))


_PLAYCALL = "playcall"
"""The actor of what happens to a run by itself."""

_CLOCKS = (("acknowledge_by", 6 * HOUR_MS), ("act_by", 24 * HOUR_MS), ("resolve_by", 96 * HOUR_MS))


def _by_system(person: dict[str, Any] | None) -> bool:
    return person is not None and person["reason"] == "automation"


def _span(deadline: str | None, now: int, default: int) -> int:
    """How long until a deadline, in ms; at least ten minutes."""
    return default if deadline is None else max(10 * MINUTE_MS, _ms(deadline) - now)


def _ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)
