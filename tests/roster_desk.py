"""The roster's processor over a real store, driven event by event: what is said to it, what it answers, what people hold then."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from plays.policy.owners import Team
from plays.roster.ask import Load
from plays.roster.rota import Hours
from schemas.events.event import Event
from streams.engine.store import CellStore
from streams.processing.deadline import Deadline
from streams.processing.effects import Answer, CancelDeadline, Effect, Reject, SetDeadline
from streams.processing.moment import Moment
from streams.roster.cells import LOAD, QUESTIONS, Question
from streams.roster.processor import RosterProcessor
from tests.rosters import hours

Answered = Mapping[str, Any]


class RosterDesk:
    """`answers`, `rejects` and `deadlines` are what has been said so far."""

    def __init__(self, team: Team, of: Hours = hours) -> None:
        self.team = team
        self.processor = RosterProcessor(team, of)
        self.store = CellStore()
        self.answers: list[Answered] = []
        self.rejects: list[Reject] = []
        self.deadlines: dict[str, int] = {}
        self.offset = 0

    def ask(self, ask: str, at_ms: int, account: str = "acme", **fields: object) -> Answered:
        """The answer to a question."""
        wanted = {
            "role": "csm",
            "pool": "csm",
            "concern": "adoption",
            "priority": "P2",
            "play": "PB1",
            "sla_minutes": 60.0,
            "business": False,
        }
        self.send("assignment.requested", ask, at_ms, account, {**wanted, **fields})
        return self.answers[-1]

    def confirm(self, ask: str, person: str, at_ms: int, account: str = "acme", *, minutes: float = 60.0, arr: float = 0.0) -> None:
        """The router says who holds it."""
        self.send("assignment.confirmed", ask, at_ms, account, {"person": person, "sla_minutes": minutes, "arr": arr})

    def release(self, ask: str, person: str, at_ms: int, account: str = "acme") -> None:
        """The router says who does not."""
        self.send("assignment.released", ask, at_ms, account, {"person": person})

    def person(self, person: str, at_ms: int, **fields: object) -> None:
        """A record on the topic `roster`; without fields but `removed=True`, that they are gone."""
        removed = fields.pop("removed", False)
        self._deliver("person.removed" if removed else "person.changed", person, at_ms, {"person_id": person, **fields})

    def send(self, kind: str, ask: str, at_ms: int, account: str, fields: Mapping[str, object]) -> None:
        """Any word of the router."""
        run, _, step = ask.partition("/")
        self._deliver(kind, account, at_ms, {"ask_id": ask, "run_id": run, "step": step or "owner", **fields})

    def pass_time(self, until_ms: int) -> None:
        """Fire what is due, in order of its time."""
        while due := sorted((at_ms, account) for account, at_ms in self.deadlines.items() if at_ms <= until_ms):
            at_ms, account = due[0]
            del self.deadlines[account]
            self._note(account, self.processor.on_deadline(self.store.cells(account), Deadline("reconcile", at_ms), Moment(at_ms)))

    def commit(self) -> None:
        """Everything is encoded, and decoded when it is touched again."""
        self.store.flush()

    def restart(self) -> None:
        """A new worker with the state of the old one."""
        records = list(self._all())
        self.processor, self.store = RosterProcessor(self.team, hours), CellStore()
        for key, value in records:
            self.store.restore(key, value)

    def load(self, person: str) -> tuple[int, int, int]:
        """Open runs, SLA minutes and revenue."""
        load = self.store.cells(f"@{person}").get(LOAD) or Load()
        return load.runs, load.minutes, load.arr

    def loads(self) -> dict[str, tuple[int, int, int]]:
        """Of everybody who holds anything."""
        people = [key[1:] for key in self.store.accounts() if key.startswith("@")]
        return {person: held for person in people if (held := self.load(person)) != (0, 0, 0)}

    def open(self) -> dict[str, tuple[int, int, int]]:
        """The same, added up from what is open."""
        total: dict[str, Counter[str]] = {}
        for question in self.questions():
            if question.holder is not None:
                total.setdefault(question.holder, Counter()).update(runs=1, minutes=question.minutes, arr=question.arr)
        return {person: (each["runs"], each["minutes"], each["arr"]) for person, each in sorted(total.items())}

    def questions(self) -> list[Question]:
        """All that is remembered, open and over."""
        accounts = [key for key in self.store.accounts() if key and not key.startswith("@")]
        return [question for account in accounts for question in self.store.cells(account)[QUESTIONS].asked]

    def _deliver(self, kind: str, about: str, at_ms: int, data: Mapping[str, object]) -> None:
        self.offset += 1
        topic = "roster" if kind.startswith("person") else "assignment-requests"
        event = Event(topic, 0, self.offset, at_ms, at_ms, kind, about, f"e{self.offset}", "playcall", data)
        self._note(about, self.processor.on_event(self.store.cells(about), event, Moment(at_ms)))

    def _note(self, about: str, effects: "Any") -> None:
        effect: Effect
        for effect in effects:
            match effect:
                case Answer(said):
                    self.answers.append(said)
                case Reject():
                    self.rejects.append(effect)
                case SetDeadline(name="reconcile", at_ms=at_ms):
                    self.deadlines[about] = at_ms
                case CancelDeadline("reconcile"):
                    self.deadlines.pop(about, None)
                case _:
                    raise AssertionError(effect)

    def _all(self) -> "list[tuple[bytes, bytes]]":
        self.store.flush()
        return [
            (account.encode() + b"\x00" + name.encode(), value)
            for account in self.store.accounts()
            for name, value in self.store._raw[account].items()
        ]
