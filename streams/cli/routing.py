"""Where a trigger would go: segments, play, owner, clocks, and what would stand against it; by the pieces that decide it live."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from plays.roster.ask import NOTHING_HELD, Ask
from plays.roster.choice import Choice, choose
from plays.roster.rota import Rota
from plays.runs.asking import OWNER
from plays.sla.calendar import WorkingCalendar
from plays.sla.first_action import counts_working_time
from plays.suppression.judgement import judge
from plays.suppression.touches import Touches
from plays.suppression.verdict import Action, Verdict
from schemas.events.assignments import ASSIGNMENTS
from schemas.events.event import Event
from schemas.records.play_message import Clock as ClockName
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from schemas.records.wire import SOURCE, epoch_ms, utc
from streams.cli.compose import Configuration
from streams.processing import effects as asked
from streams.processing.moment import Moment
from streams.router.asking import ANSWER
from streams.router.hours import working_hours
from streams.router.processor import RouterProcessor
from streams.signals.context import Context


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock of the run. `intervals` are the working hours it counts; None: it counts all time. `share` is of the first-action time."""

    name: ClockName
    share: int
    starts: datetime
    due: datetime
    calendar: str | None
    intervals: tuple[tuple[datetime, datetime], ...] | None


@dataclass(frozen=True, slots=True)
class Route:
    """What would happen. `launch` is None where nothing would be launched: `declined` says why.

    `choice` and `ask` are None where nobody is asked for (automation). `against`: verdicts on the launch and on a message to the customer.
    """

    trigger: Trigger
    path: tuple[str, ...]
    set_by: Mapping[str, str]
    out_of_scope: bool
    launch: PlayMessage | None
    declined: str | None
    choice: Choice | None
    ask: Ask | None
    clocks: tuple[ClockView, ...]
    against: Mapping[str, Verdict]

    @property
    def reaches_somebody(self) -> bool:
        """Whether it would be launched now, and a named person would have it, or automation where the rule asks for that."""
        return self.launch is not None and self.launch.owner.reason != "fallback" and self.against["launch"] is None


def resolved_fields(configuration: Configuration, rule: str | None, path: tuple[str, ...]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """What the rule sets for an account of these segments, and which of it is not the rule's own; nothing for a rule there is not."""
    compiled = next((one for one in configuration.rules if one.rule.id == rule), None)
    if compiled is None:
        return {}, {}
    found = compiled.resolve(path)
    return {"play": found.play, "owner_role": found.owner, "first_action": found.sla, "priority": found.priority}, found.set_by


def route(configuration: Configuration, trigger: Trigger, context: Context, set_by: Mapping[str, str]) -> Route:
    """Let router and roster answer the trigger on the account as it is, as if nobody held anything yet."""
    policy = replace(configuration.run_policy, touch=configuration.segments.bands, roster=True)
    router = RouterProcessor(configuration.playbooks, policy)
    at_ms = epoch_ms(trigger.time)
    said = list(router.on_trigger(context.cells, trigger, Moment(at_ms)))
    question = next((effect.event for effect in said if isinstance(effect, asked.Ask) and effect.event.get("step") == OWNER), None)
    ask = choice = None
    if question is not None:
        ask = _ask(question, at_ms)
        choice = _choose(configuration, ask)
        said += router.on_event(context.cells, _answer(question, choice, at_ms), Moment(at_ms))
    launch = next((effect.message for effect in said if isinstance(effect, asked.Say) and effect.message.kind == "launched"), None)
    declined = next((effect.decision.detail for effect in said if isinstance(effect, asked.Decide)), None)
    compiled = next((one for one in configuration.rules if one.rule.id == trigger.rule), None)
    hours = working_hours(context.cells, policy, trigger.priority, None if launch is None else launch.owner.id)
    return Route(
        trigger=trigger,
        path=context.path,
        set_by=set_by,
        out_of_scope=compiled is not None and not compiled.applies_to(context.path),
        launch=launch,
        declined=None if launch is not None else declined or "nothing is launched",
        choice=choice,
        ask=ask,
        clocks=() if launch is None else tuple(_clocks(configuration, trigger, launch, hours)),
        against={"launch": _judged(configuration, trigger, context, None), "message": _judged(configuration, trigger, context, launch)},
    )


def _ask(question: Mapping[str, Any], at_ms: int) -> Ask:
    return Ask(
        account_id=question["account_id"],
        at_ms=at_ms,
        role=question["role"],
        pool=question["pool"],
        minutes=round(question["sla_minutes"]),
        arr=round(question.get("arr", 0)),
        business=question["business"],
        own=question.get("own"),
        skills=tuple(question.get("skills", ())),
        languages=tuple(question.get("languages", ())),
        exclude=tuple(question.get("exclude", ())),
    )


def _choose(configuration: Configuration, ask: Ask) -> Choice:
    team, calendars = configuration.run_policy.team, configuration.run_policy.calendars
    rota = Rota(team, lambda person: calendars.person(person.calendar, person.timezone))
    return choose(ask, rota, lambda _: NOTHING_HELD, {})


def _answer(question: Mapping[str, Any], choice: Choice, at_ms: int) -> Event:
    data: dict[str, Any] = {
        "ask_id": question["ask_id"],
        "run_id": question["run_id"],
        "step": question["step"],
        "role": question["role"],
        "person": choice.person.id,
        "name": choice.person.name,
        "reason": choice.reason,
        "detail": choice.detail,
        "runners_up": list(choice.runners_up_words()),
    }
    if choice.person.email is not None:
        data["email"] = choice.person.email
    if choice.on_duty_from_ms > at_ms:
        data["on_duty_from"] = utc(choice.on_duty_from_ms)
    return Event(ASSIGNMENTS, 0, 0, at_ms, at_ms, ANSWER, question["account_id"], question["ask_id"], SOURCE, data)


def _clocks(configuration: Configuration, trigger: Trigger, launch: PlayMessage, hours: WorkingCalendar) -> list[ClockView]:
    sla = configuration.run_policy.sla
    shares: tuple[tuple[ClockName, int], ...] = (("acknowledge", sla.acknowledge_percent), ("act", 100), ("resolve", sla.resolve_percent))
    business = counts_working_time(trigger.first_action)
    found = []
    for (name, share), due in zip(shares, (launch.clocks.acknowledge_by, launch.clocks.act_by, launch.clocks.resolve_by), strict=True):
        if due is not None:
            counted = hours.intervals(epoch_ms(trigger.time), epoch_ms(due)) if business else None
            intervals = None if counted is None else tuple((utc(start), utc(end)) for start, end in counted)
            calendar = f"{hours.name} ({hours.zone.key})" if business else None
            found.append(ClockView(name, share, trigger.time, due, calendar, intervals))
    return found


def _judged(configuration: Configuration, trigger: Trigger, context: Context, launch: PlayMessage | None) -> Verdict:
    """What would stand against the launch; with `launch`, against a message of it to the first contact it reaches."""
    profile = context.profile
    action = Action(
        kind="launch" if launch is None else "message",
        account_id=trigger.account_id,
        rule=trigger.rule,
        play=trigger.play,
        concern=trigger.concern,
        priority=trigger.priority,
        path=context.path,
        region=profile.region,
        timezone=profile.timezone,
        contact=launch.who_to_reach[0].id if launch is not None and launch.who_to_reach else None,
        run=None if launch is None else launch.run_id,
    )
    return judge(configuration.suppression, action, (), Touches(), epoch_ms(trigger.time))
