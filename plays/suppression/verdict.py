"""What may be suppressed, and what is said about it."""

from typing import Literal, NamedTuple

from schemas.records.trigger import Priority

CauseKind = Literal["inhibited", "silenced", "contact_budget", "quiet_hours", "maintenance"]
"""Also the reason of the decision."""


class Action(NamedTuple):
    """What is about to be done for an account: a `launch`, or a `message` of a run that somebody at the customer reads.

    `path` are the account's segments; `timezone` is an IANA name; `contact` whom a message goes to, None where that is not known;
    `run` the run a message belongs to.
    """

    kind: Literal["launch", "message"]
    account_id: str
    rule: str
    play: str
    concern: str
    priority: Priority
    path: tuple[str, ...] = ()
    region: str | None = None
    timezone: str | None = None
    contact: str | None = None
    run: str | None = None


class OpenRun(NamedTuple):
    """A run that is open, as inhibitions see it."""

    id: str
    concern: str
    priority: Priority


class Cause(NamedTuple):
    """One thing that stands against an action. `by` names the entry of the policy; `until_ms` None: as long as `detail` is so."""

    kind: CauseKind
    by: str
    detail: str
    until_ms: int | None


class Hold(NamedTuple):
    """Not now. Every cause is named. Before `until_ms` nothing changes but by an event or another policy; None: not by time at all."""

    causes: tuple[Cause, ...]

    @property
    def until_ms(self) -> int | None:
        """When to judge again: at the end of the longest cause."""
        return self.governing.until_ms

    @property
    def governing(self) -> Cause:
        """The cause that lasts longest: one without an end, else the latest; of equals the first."""
        endless = next((cause for cause in self.causes if cause.until_ms is None), None)
        return endless or max(self.causes, key=lambda cause: cause.until_ms or 0)


class Drop(NamedTuple):
    """Not at all: the policy says not even to keep it."""

    cause: Cause


Verdict = Hold | Drop | None
"""None: go."""
