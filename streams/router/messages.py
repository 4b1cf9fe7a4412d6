"""The messages of a run, numbered without a gap."""

from dataclasses import dataclass
from datetime import datetime

from plays.runs.run import Run
from schemas.records.play_message import Clock, ClosureCode, Contact, Kind, Owner, PlayMessage, Step, message_id
from schemas.records.wire import epoch_ms, utc
from streams.processing.effects import Say


@dataclass(frozen=True, slots=True)
class Extra:
    """What only some kinds of message carry."""

    why: str | None = None
    who_to_reach: tuple[Contact, ...] = ()
    message: str | None = None
    steps: tuple[Step, ...] = ()
    clock: Clock | None = None
    percent: int | None = None
    due: datetime | None = None
    step: str | None = None
    holder: Owner | None = None
    time_of: int | None = None
    actor: str | None = None
    code: ClosureCode | None = None
    note: str | None = None
    reason: str | None = None
    until: datetime | None = None
    channels: tuple[str, ...] = ()


NOTHING = Extra()


def say(
    run: Run,
    kind: Kind,
    now_ms: int,
    account: tuple[str, str | None],
    extra: Extra = NOTHING,
    *,
    moment_ms: int | None = None,
    unproven: bool = False,
) -> Say:
    """The next message of the run; counts its sequence up. `account` is (id, name); `unproven`: an answer may be under way.

    `moment_ms`: of the timer that says it.
    """
    due_ms = None if extra.due is None else epoch_ms(extra.due)
    since_ms = min((ms for ms in (due_ms, moment_ms) if ms is not None), default=now_ms)
    run.sequence += 1
    return Say(
        PlayMessage(
            message_id=message_id(run.id, run.sequence),
            run_id=run.id,
            sequence=run.sequence,
            kind=kind,
            time=utc(now_ms),
            account_id=account[0],
            account_name=account[1],
            concern=run.concern,
            subject=run.subject(),
            priority=run.priority,
            play=run.play,
            play_version=run.play_version,
            owner=published_owner(run),
            clocks=run.clocks(),
            triggers=tuple(run.triggers),
            rules=tuple(run.rules),
            why=run.why if extra.why is None else extra.why,
            who_to_reach=extra.who_to_reach,
            message=extra.message,
            steps=extra.steps,
            clock=extra.clock,
            percent=extra.percent,
            due=extra.due,
            step=extra.step,
            holder=extra.holder,
            time_of=extra.time_of,
            actor=extra.actor,
            code=extra.code,
            note=extra.note,
            reason=extra.reason,
            until=extra.until,
            channels=extra.channels,
            late_s=max(0, (now_ms - since_ms) // 1000),
            unproven=unproven,
        )
    )


def published_owner(run: Run) -> Owner:
    """The owner as published."""
    owner = run.owner
    return Owner(
        id=owner.id,
        name=owner.name,
        role=owner.role,
        email=owner.email,
        reason=owner.reason,
        detail=owner.detail,
        runners_up=owner.runners_up,
    )
