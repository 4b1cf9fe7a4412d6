"""`playcall plays`: the playbooks, what people would see of them, and what is wrong with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.loading.document import read_document
from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.playbooks.book import UnknownPlayError
from plays.playbooks.conditions import EXITS
from plays.playbooks.crosscheck import all_problems, launched_by
from plays.playbooks.levels import Level, level_of
from plays.playbooks.step import PlayStep
from schemas.records.play_message import Contact
from schemas.records.wire import rfc3339
from streams.cli.account_file import AccountFile, read_json, refuse
from streams.cli.compose import DEFAULT_LIBRARY, Configuration, load_configuration
from streams.cli.exits import ANSWER_IS_NO
from streams.cli.options import AsJson
from streams.cli.preview import SAMPLE_ACCOUNT, Preview, StepView, preview, sample_trigger
from streams.cli.terminal import print_json
from streams.clock import SystemClock

app = typer.Typer(name="plays", help="The playbooks: what they do, and in what words.", no_args_is_help=True)

Library = Annotated[Path, typer.Option("--library", help="Folder of rules and playbooks.", show_default="the built-in library")]
Policy = Annotated[Path, typer.Option("--policy", help="Folder of owners, links, clocks.", show_default="the built-in policy")]


@app.command("ls")
def list_(library: Library = DEFAULT_LIBRARY, policy: Policy = DEFAULT_POLICY, as_json: AsJson = False) -> None:
    """Print every playbook: its steps in short, and the rules that launch it.

    Exit code 2: a file is refused.
    """
    configuration = _configuration(library, policy)
    launching = launched_by(configuration.stated)
    rows: list[dict[str, Any]] = [
        {
            "id": stated.id,
            "version": stated.version,
            "title": stated.title,
            "steps": [{"name": step.name, "kind": step.kind, "owner_role": step.owner_role, "due": step.due} for step in stated.steps],
            "exits": ["churned", *(rule.when for rule in stated.exits)],
            "rules": [rule.id for rule in launching.get(stated.id, ())],
        }
        for stated in configuration.playbooks.stated()
    ]
    if as_json:
        print_json(rows)
        return
    width = max(len(str(row["id"])) for row in rows)
    for row in rows:
        rules = ", ".join(row["rules"]) or "no rule"
        print(f"{row['id']:<{width}}  v{row['version']}  {row['title']}  [{rules}]")
        print(f"{'':<{width}}      {' > '.join(step['name'] for step in row['steps'])}")


@app.command()
def lint(library: Library = DEFAULT_LIBRARY, policy: Policy = DEFAULT_POLICY, as_json: AsJson = False) -> None:
    """Read every playbook as a worker would, and hold it against the rules that launch it.

    Exit code 0: all fine. 1: something in them can never happen. 2: a file is refused; each complaint has file, line and fix.
    """
    configuration = _configuration(library, policy)
    stated = {one.id: one for one in configuration.playbooks.stated()}
    complaints = [
        read_document(library / "playbooks" / f"{play}.yaml").complain(problem)
        for play, problem in all_problems(stated, configuration.stated, configuration.run_policy.team)
    ]
    if as_json:
        found = [{"file": str(one.path), "line": one.line, "what": one.what, "fix": one.fix} for one in complaints]
        print_json({"playbooks": sorted(stated), "complaints": found})
    else:
        for complaint in complaints:
            print(complaint)
        if not complaints:
            steps = sum(len(one.steps) for one in stated.values())
            print(f"{len(stated)} playbooks with {steps} steps: all fine")
    if complaints:
        raise typer.Exit(ANSWER_IS_NO)


@app.command("preview")
def preview_(
    play: Annotated[str, typer.Argument(metavar="ID", help="The playbook.")],
    trigger: Annotated[
        Path | None,
        typer.Option("--trigger", metavar="TRIGGER.json", help="A trigger as on the topic `triggers`, whole or some of its fields."),
    ] = None,
    account: Annotated[
        Path | None,
        typer.Option("--account", metavar="ACCOUNT.json", help="The fields of account.updated, or a list of events of one account."),
    ] = None,
    library: Library = DEFAULT_LIBRARY,
    policy: Policy = DEFAULT_POLICY,
    as_json: AsJson = False,
) -> None:
    """Show what people would see: owner, dates of every step, whom to reach, and each message as it would go out.

    Without a trigger the first rule that launches the play fires now; without an account it fires for a made-up one.
    Exit code 2: a file is refused, or there is no such playbook.
    """
    configuration = _configuration(library, policy)
    try:
        configuration.playbooks[play]
    except UnknownPlayError as error:
        raise refuse(str(error)) from None
    stated = {} if trigger is None else read_json(trigger)
    if not isinstance(stated, dict):
        raise refuse(f"{trigger}: give one trigger, an object")
    stated = stated.get("record", stated)  # as `playcall replay --json` prints it
    reader = SAMPLE_ACCOUNT if account is None else AccountFile.read(account)
    context = reader.context(configuration)
    fired = sample_trigger(play, configuration.stated, reader.account_id, SystemClock().now_ms(), {**stated, "play": play})
    seen = preview(configuration, play, fired, context)
    if as_json:
        print_json(_answer(seen))
        return
    for line in _told(configuration, seen):
        print(line)


def _configuration(library: Path, policy: Path) -> Configuration:
    try:
        return load_configuration(library, policy, ("all",))
    except ConfigError as error:
        raise refuse(str(error)) from None


def _answer(seen: Preview) -> dict[str, Any]:
    steps = [
        {
            "name": step.name,
            "begins": rfc3339(view.begins),
            "due_by": None if view.due_by is None else rfc3339(view.due_by),
            "reach": [contact.model_dump() for contact in view.reach],
            "message": view.message,
            "briefing": view.briefing,
        }
        for step, view in zip(seen.launch.steps, seen.steps, strict=True)
    ]
    return {"trigger": seen.trigger.model_dump(mode="json"), "launch": seen.launch.model_dump(mode="json"), "steps": steps}


def _told(configuration: Configuration, seen: Preview) -> Iterator[str]:
    launch, stated = seen.launch, seen.playbook
    kept = {step.name for step in stated.steps}
    left_out = [step.name for step in configuration.playbooks[launch.play].playbook.steps if step.name not in kept]
    asked = f"as {seen.trigger.rule} ({launch.priority}) would launch it for {launch.account_name}"
    yield f"{stated.id} v{stated.version}: {stated.title}, {asked}"
    yield f"  goal        {stated.goal}"
    yield f"  owner       {launch.owner.name} ({launch.owner.role}): {launch.owner.detail}"
    if stated.skills:
        yield f"  skills      {', '.join(stated.skills)}"
    yield f"  reach       {_people(launch.who_to_reach) or 'nobody outside'}"
    clocks = [(name, moment) for name, moment in launch.clocks if moment is not None]
    running = ", ".join(f"{name.removesuffix('_by')} by {rfc3339(moment)}" for name, moment in clocks)
    yield f"  clocks      {running or 'none'}"
    yield f"  escalation  {' -> '.join(_level(level_of(one)) for one in stated.escalation)}"
    yield f"  too late    {stated.max_age} after its moment a step is not begun any more"
    yield "  ends when   churned: the account is gone (customer_churned)"
    for rule in stated.exits:
        yield f"              {rule.when}: {EXITS[rule.when]} ({rule.code})"
    if left_out:
        yield f"  not here    {', '.join(left_out)}: for other accounts"
    yield "  briefing"
    yield from _block((launch.message or "").split("\n---\n")[-1])
    for number, (step, listed, view) in enumerate(zip(stated.steps, launch.steps, seen.steps, strict=True), start=1):
        yield ""
        how = f" by {listed.channel}" if listed.channel else ""
        yield f"{number}. {step.name}: {step.kind}{how}, {listed.owner_role} ({listed.owner})"
        yield f"  begins      {_begins(stated.steps, number - 1)}{rfc3339(view.begins)}"
        yield f"  due         {'with the run, which has no act clock' if view.due_by is None else rfc3339(view.due_by)} ({step.due})"
        if listed.repeat is not None:
            cadence = listed.repeat
            yield f"  again       every {cadence.every} until {cadence.until}, at most {cadence.at_most}"
        if step.skills:
            yield f"  skills      {', '.join(step.skills)}"
        yield f"  do          {step.instruction}"
        for link in listed.links:
            yield f"  page        {link.title}: {link.url}"
        yield from _words(view)


def _words(view: StepView) -> Iterator[str]:
    if view.briefing:
        yield "  briefing"
        yield from _block(view.briefing)
    if view.message:
        yield f"  message     to {_people(view.reach[:1]) or 'nobody we know of'}"
        yield from _block(view.message)


def _begins(steps: tuple[PlayStep, ...], index: int) -> str:
    """The words before the moment at which a step begins."""
    step = steps[index]
    after = ""
    if step.after == "fallback":
        named = [one.name for one in steps if one.until is not None and one.until.otherwise == step.name]
        after = f"if the wait of {' or '.join(named)} was in vain, "
    elif step.after is None and index:
        after = f"after {steps[index - 1].name}, "
    elif isinstance(step.after, tuple):
        after = f"after {' and '.join(step.after)}, "
    wait = f"{step.wait} later, " if step.wait else ""
    until = f"when {step.until.condition} (else after {step.until.at_most}: {step.until.otherwise}), " if step.until else ""
    only = f"only if {step.only_if}, " if step.only_if else ""
    return f"{after}{wait}{until}{only}at the latest " if after or wait or until or only else "with the launch, "


def _people(contacts: tuple[Contact, ...]) -> str:
    return ", ".join(f"{contact.name or contact.id} ({(contact.role or 'contact').replace('_', ' ')})" for contact in contacts)


def _block(text: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        yield f"    | {line}".rstrip()


def _level(level: Level) -> str:
    told = f" by {', '.join(level.channels)}" if level.channels else ""
    return f"{level.person or level.role}{'' if level.after is None else f' {level.after} after the breach'}{told}"
