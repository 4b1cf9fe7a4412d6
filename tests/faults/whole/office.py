"""What else is heard of runs: at the desk they are acknowledged, done, closed; here people put off, hand over, err; customers answer."""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from plays.policy.owners import Team
from streams.demo.answers import Desk
from streams.fleet.draws import chance, pick, stream
from streams.fleet.files import topic_of
from streams.fleet.span import DAY_MS, HOUR_MS, MINUTE_MS, rfc3339

Said = tuple[str, str, dict[str, Any]]
"""Topic, account, event."""


@dataclass(order=True, slots=True)
class _Word:
    time_ms: int
    number: int
    account_id: str = field(compare=False)
    fields: dict[str, Any] = field(compare=False)


class Office:
    """Reads play messages in order, and says at its time what people make of them. Decided by seed and run alone; pure."""

    def __init__(self, seed: int, team: Team) -> None:
        self._seed = seed
        self._desk = Desk(seed)
        self._people = sorted(person.id for person in team.people)
        self._words: list[_Word] = []
        self._count = 0

    def read(self, message: dict[str, Any]) -> None:
        """Take one message of `play-launches`."""
        self._desk.read(message)
        if message["kind"] == "launched":
            self._put_off(message)
            self._err(message)
        elif message["kind"] == "step_due":
            self._customer(message)
        elif message["kind"] == "closed" and chance(stream(self._seed, "office", message["run_id"], "late"), 0.08):
            self._say(message, 2, "run.acknowledged", run_id=message["run_id"], actor="slow.reader")

    def due(self, after_ms: int, until_ms: int) -> list[Said]:
        """Everything whose time has come, in order of time; times lie in (after, until]."""
        told = [("play-updates", account, event) for account, event in self._desk.due(after_ms, until_ms)]
        while self._words and self._words[0].time_ms <= until_ms:
            word = heappop(self._words)
            when = {"event_id": f"office-{word.number}", "occurred_at": rfc3339(max(word.time_ms, after_ms + 1)), "source": "office"}
            told.append((topic_of(word.fields["type"]), word.account_id, {**when, "account_id": word.account_id, **word.fields}))
        return sorted(told, key=lambda said: str(said[2]["occurred_at"]))

    def _put_off(self, message: dict[str, Any]) -> None:
        """A run is snoozed, paused and resumed, or handed to somebody else; of some nothing of that."""
        run, rng = message["run_id"], stream(self._seed, "office", message["run_id"])
        about = {"run_id": run, "actor": message["owner"]["id"]}
        hours = rng.uniform(0.1, 20)
        if chance(rng, 0.12):
            until_ms = _ms(message["time"]) + int((hours + rng.uniform(4, 90)) * HOUR_MS)
            self._say(message, hours, "run.snoozed", **about, until=rfc3339(until_ms), reason="champion_on_holiday")
        if chance(rng, 0.1):
            begun = rng.uniform(0.5, 48)
            self._say(message, begun, "run.paused", **about, reason="waiting_on_customer")
            if chance(rng, 0.9):
                self._say(message, begun + rng.uniform(1, 100), "run.resumed", **about)
        if chance(rng, 0.12):
            owner = pick(rng, self._people) if chance(rng, 0.9) else "somebody.new"
            self._say(message, rng.uniform(0.2, 40), "run.reassigned", **about, owner=owner)
        if chance(rng, 0.05):
            self._say(message, rng.uniform(1, 60), "run.replied", **about)

    def _err(self, message: dict[str, Any]) -> None:
        """What fits nothing, or comes from elsewhere."""
        run, rng = message["run_id"], stream(self._seed, "office", message["run_id"], "errors")
        if chance(rng, 0.04):
            self._say(message, rng.uniform(0, 9), "run.started", run_id=f"none-{run}", actor="somebody")
        if chance(rng, 0.04):
            self._say(message, rng.uniform(0, 30), "run.step_completed", run_id=run, actor="somebody", step="a step of no play")
        if chance(rng, 0.04):
            code = "expansion_progressed" if message["concern"] == "support" else "adoption_recovered"
            self._say(message, rng.uniform(0, 30), "run.closed", run_id=run, actor="somebody", code=code)
        if chance(rng, 0.05):
            wanted = {"rule": "M1", "concern": message["concern"], "priority": pick(rng, ("P1", "P3")), "play": message["play"]}
            self._say(message, rng.uniform(0, 60), "trigger.requested", **wanted, why="The model thinks that this account will leave.")

    def _customer(self, message: dict[str, Any]) -> None:
        """Who was written to answers, now and then, or does not want to be written to."""
        rng = stream(self._seed, "office", message["run_id"], message["step"], message["time_of"])
        if not message["who_to_reach"]:
            return
        contact = message["who_to_reach"][0]["id"]
        if chance(rng, 0.15):
            answer = {"from": contact, "auto_reply": chance(rng, 0.2), "run_id": message["run_id"]}
            self._say(message, rng.uniform(0.3, 70), "email.replied", **answer)
        if chance(rng, 0.1):
            self._say(message, rng.uniform(2, 90), "meeting.held", meeting_id=f"m-{message['message_id']}", kind="call", attended=[contact])
        if chance(rng, 0.02):
            self._say(message, rng.uniform(1, 40), "contact.updated", contact_id=contact, opted_out=True)

    def _say(self, message: dict[str, Any], hours: float, type_: str, **fields: Any) -> None:
        self._count += 1
        at_ms = _ms(message["time"]) + max(MINUTE_MS, int(hours * HOUR_MS))
        if hours * HOUR_MS < 30 * DAY_MS:
            heappush(self._words, _Word(at_ms, self._count, message["account_id"], {"type": type_, **fields}))


def _ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)
