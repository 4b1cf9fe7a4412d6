"""`playcall segments`: who is in which segment, and what every rule means there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY
from plays.policy.explanation import RuleView, condition, view_rules, walk
from plays.policy.segments import Segment
from plays.runs.owner import choose_owner
from plays.runs.roles import NAMED_PERSON, parse_role
from schemas.records.wire import rfc3339, utc
from streams.cli.account_file import AccountFile, refuse
from streams.cli.compose import DEFAULT_LIBRARY, Configuration, chosen, load_configuration
from streams.cli.options import AsJson, Rules
from streams.cli.terminal import print_json
from streams.router.account import people_of
from streams.signals.context import Context
from streams.signals.situations import SITUATIONS

app = typer.Typer(name="segments", help="Who is in which segment, and what every rule means there.", no_args_is_help=True)

Library = Annotated[Path, typer.Option("--library", help="Folder of rules and playbooks.", show_default="the built-in library")]
Policy = Annotated[
    Path, typer.Option("--policy", help="Folder of segments, overrides, switches, owners.", show_default="the built-in policy")
]


@app.command("ls")
def list_(library: Library = DEFAULT_LIBRARY, policy: Policy = DEFAULT_POLICY, as_json: AsJson = False) -> None:
    """Print the tree of segments, and how many rules set something for each.

    Exit code 2: a file is refused.
    """
    configuration = _configuration(library, policy, ("all",))
    setting: dict[str, list[str]] = {}
    for compiled in configuration.rules:
        for segment in dict.fromkeys(name for layer in compiled.layers for name in layer.by_segment):
            setting.setdefault(segment, []).append(compiled.rule.id)
    if as_json:
        print_json({"touch_bands": configuration.segments.bands.model_dump(), "tree": _tree(configuration.segments.segments.tree, setting)})
        return
    for line in _lines(configuration.segments.segments.tree, setting, ""):
        print(line)


@app.command()
def explain(
    account: Annotated[
        Path,
        typer.Argument(metavar="ACCOUNT.json", help="An object with the fields of account.updated, or a list of events of one account."),
    ],
    rule: Annotated[str | None, typer.Option("--rule", metavar="ID", help="Only this rule.", show_default="all")] = None,
    library: Library = DEFAULT_LIBRARY,
    policy: Policy = DEFAULT_POLICY,
    rules: Rules = None,
    as_json: AsJson = False,
) -> None:
    """Say in which segments an account is and why, and for every rule what holds there and where each value was said.

    Events may leave out type (account.updated), account_id, event_id, source and occurred_at (now). What is asked of time, such
    as an account's age, is answered for the time of the last event.

    Exit code 2: a file is refused, or the rule is unknown.
    """
    configuration = _configuration(library, policy, chosen(rules))
    context = AccountFile.read(account).context(configuration)
    facts, path = context.facts, context.path
    nodes = walk(configuration.segments.segments.tree, facts)
    views = list(view_rules(configuration.stated, configuration.overrides, configuration.switches, path))
    if rule is not None:
        known = [view.rule for view in views]
        views = [view for view in views if view.rule == rule]
        if not views:
            raise refuse(f"no rule {rule} in {library}; there are {', '.join(known)}")
    profile = context.profile
    touch = configuration.segments.bands.because(profile.touch_model, profile.strategic, profile.acv, profile.contract_acv, profile.mrr)
    seen = [_with_situation(configuration, context, view) for view in views]
    answer = {
        "account": context.cells.account_id,
        "at": rfc3339(utc(context.moment.now_ms)),
        "touch_model": {"value": facts.touch_model, "because": touch},
        "path": [asdict(node) for node in nodes],
        "rules": seen,
    }
    if as_json:
        print_json(answer)
        return
    print(f"{answer['account']} at {answer['at']}")
    print(f"touch model {facts.touch_model}: {touch}")
    for depth, node in enumerate(nodes):
        print(f"{'  ' * depth}{node.segment}: {', '.join(node.held)}")
    for view, more in zip(views, seen, strict=True):
        print()
        for line in _told(view, more, always=rule is not None):
            print(line)


def _configuration(library: Path, policy: Path, only: tuple[str, ...] | None) -> Configuration:
    try:
        return load_configuration(library, policy, only)
    except ConfigError as error:
        raise refuse(str(error)) from None


def _with_situation(configuration: Configuration, context: Context, view: RuleView) -> dict[str, Any]:
    """The view, with what holds of it at this moment: the situation it requires, and who would get the run."""
    owner = view.answer["owner"].value
    people, policy = people_of(context.cells, configuration.segments.bands), configuration.run_policy
    now_ms = context.moment.now_ms
    person = choose_owner(parse_role(owner), people, policy.team, away=lambda one: policy.rota.away(one, now_ms)).owner
    named = "whom the trigger names; else " if owner == NAMED_PERSON else ""
    holds = None
    if view.requires is not None:
        holds = next(ask for name, ask in SITUATIONS.items() if name == view.requires)(context.profile, context.moment.now_ms + 1)
    return {
        **asdict(view),
        "requires": None if view.requires is None else {"situation": view.requires, "holds": holds},
        "owner_now": f"{named}{person.name}: {person.detail}",
    }


def _told(view: RuleView, more: Mapping[str, Any], *, always: bool) -> Iterator[str]:
    scope = "in scope" if view.in_scope else "not in scope"
    required = more["requires"]
    situation = "" if required is None else f", requires {required['situation']} ({'yes' if required['holds'] else 'not now'})"
    yield f"{view.rule} {view.title}: {view.state} ({view.because}); {scope} ({view.scope}){situation}"
    if view.in_scope or always:
        values = {**view.answer, **{name: one for name, one in view.figures.items() if name != "kind"}}
        width = max(map(len, values))
        for name, one in values.items():
            said = f" = {more['owner_now']}" if name == "owner" else ""
            yield f"  {name:<{width}}  {_shown(one.value)}{said}  [{one.source}]"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _tree(segment: Segment, setting: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "name": segment.name,
        "when": segment.when.model_dump(exclude_none=True),
        "rules_that_set_something": list(setting.get(segment.name, ())),
        "children": [_tree(child, setting) for child in segment.children],
    }


def _lines(segment: Segment, setting: Mapping[str, Sequence[str]], indent: str) -> Iterator[str]:
    when, rules = condition(segment.when), setting.get(segment.name, ())
    said = f"  sets something for {', '.join(rules)}" if rules else ""
    yield f"{indent}{segment.name}: {when or 'every account'}{said}"
    for child in segment.children:
        yield from _lines(child, setting, indent + "  ")
