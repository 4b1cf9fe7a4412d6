"""What people would see of a play: the launch the router would say, and each step with its dates and words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from plays.playbooks.context import Account, DueStep, launch_context
from plays.playbooks.crosscheck import launched_by
from plays.playbooks.model import Playbook
from plays.playbooks.schedule import schedule
from plays.rules.rule import Rule
from plays.runs.case import case_of
from schemas.records.play_message import Contact, PlayMessage
from schemas.records.trigger import Evidence, Subject, Trigger, trigger_id
from schemas.records.wire import epoch_ms, rfc3339, utc
from streams.cli.account_file import AccountFile, refuse
from streams.cli.compose import Configuration
from streams.processing.account import PROFILE
from streams.processing.effects import Say
from streams.processing.moment import Moment
from streams.processing.segment_facts import facts_of
from streams.router.account import who_to_reach
from streams.router.hours import working_hours
from streams.router.processor import RouterProcessor
from streams.signals.context import Context

SAMPLE_ACCOUNT = AccountFile(
    "the sample account",
    [
        {"account_id": "acme", "name": "Acme", "industry": "Retail", "touch_model": "mid", "acv": 24_000, "timezone": "Europe/Berlin"},
        *(
            {"type": "contact.added", "account_id": "acme", "contact_id": contact, "name": name, "role": role}
            for contact, name, role in (
                ("c-1", "Ana Costa", "champion"),
                ("c-2", "Dev Patel", "decision_maker"),
                ("c-3", "Eva Lund", "executive_sponsor"),
                ("c-4", "Tim Oya", "team_lead"),
                ("c-5", "Bo Li", "technical_admin"),
                ("c-6", "Uma Ray", "user"),
            )
        ),
    ],
)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as people would meet it. Moments are the latest; `due_by` is None where it hangs on an act clock there is none of."""

    begins: datetime
    due_by: datetime | None
    reach: tuple[Contact, ...]
    message: str
    briefing: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`launch` is what would be published; `steps` are in its order, `playbook` is what the file says for this account."""

    playbook: Playbook
    trigger: Trigger
    launch: PlayMessage
    steps: tuple[StepView, ...]


def _json(value: Any) -> bytes:
    return orjson.dumps(value)


def sample_trigger(play: str, rules: Sequence[Rule], account_id: str, now_ms: int, stated: dict[str, Any]) -> Trigger:
    """A trigger of the first rule that names the play, with whatever `stated` says instead. Exits where that is no trigger."""
    rule = next(iter(launched_by(rules).get(play, ())), None)
    if "rule" in stated:
        rule = next((one for one in rules if one.id == stated["rule"]), rule)
    kind = rule.subject if rule is not None else "account"
    subject = {"kind": kind, "id": account_id if kind == "account" else "c-1" if kind == "contact" else f"{kind}-1"}
    time = stated.get("time", rfc3339(utc(now_ms)))
    title, clears = (rule.title, rule.clears_when) if rule is not None else (f"Somebody asked for {play}", "whoever asked says so")
    body = {
        "rule": play if rule is None else rule.id,
        "rule_version": 1 if rule is None else rule.version,
        "rule_hash": "preview" if rule is None else rule.content_hash,
        "account_id": account_id,
        "concern": "adoption" if rule is None else rule.concern,
        "subject": subject,
        "episode": time,
        "time": time,
        "priority": "P3" if rule is None else rule.priority,
        "outcome": "renewal_confidence" if rule is None else rule.outcome,
        "owner_role": "csm" if rule is None else rule.owner,
        "play": play,
        "first_action": "72h" if rule is None else rule.sla,
        **stated,
        "historical": False,
    }
    given = body.get("evidence", {})
    body["evidence"] = {"summary": f"{title}.", "clears_when": clears, **given} if isinstance(given, dict) else given
    try:
        body["trigger_id"] = trigger_id(body["rule"], account_id, Subject.model_validate(body["subject"]), str(body["episode"]))
        body["evidence"] = Evidence.model_validate_json(_json(body["evidence"]))
        return Trigger.model_validate_json(_json({**body, "evidence": body["evidence"].model_dump(mode="json")}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise refuse(f"the trigger is not one: {where}: {first['msg']}") from None


def preview(configuration: Configuration, play: str, trigger: Trigger, context: Context) -> Preview:
    """Let the router launch the play on the account as it is, then follow its steps."""
    router = RouterProcessor(configuration.playbooks, replace(configuration.run_policy, touch=configuration.segments.bands))
    effects = router.on_trigger(context.cells, trigger, Moment(epoch_ms(trigger.time)))
    launch = next((effect.message for effect in effects if isinstance(effect, Say)), None)
    if launch is None:
        raise refuse(f"the router launches nothing for {trigger.account_id}: has the account churned?")
    facts = facts_of(context.cells[PROFILE], configuration.segments.bands, epoch_ms(trigger.time))
    compiled = configuration.playbooks[play].for_account(facts)
    act_by = launch.clocks.act_by
    calendar = working_hours(context.cells, configuration.run_policy, trigger.priority, launch.owner.id)
    slots = schedule(compiled.playbook.steps, epoch_ms(trigger.time), None if act_by is None else epoch_ms(act_by), calendar)
    profile = context.cells[PROFILE]
    account = Account(trigger.account_id, profile.name, profile.industry)
    case = case_of(trigger)
    steps = []
    for index, (step, slot) in enumerate(zip(compiled.playbook.steps, slots, strict=True)):
        reach = who_to_reach(context.cells, case, compiled.playbook.reach_of(step), compiled.playbook.reach_at_most)
        due_by = None if slot.due_ms is None else utc(slot.due_ms)
        words = launch_context(case, account, launch.owner, reach[0] if reach else None, act_by, DueStep(step.name, due_by))
        message, briefing = compiled.message(index, words), compiled.step_briefing(index, words)
        steps.append(StepView(utc(slot.begins_ms), due_by, reach if message else (), message, briefing))
    return Preview(compiled.playbook, trigger, launch, tuple(steps))
