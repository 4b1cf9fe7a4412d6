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
from plays.rules.book import RuleBook
from plays.runs.owner import choose_owner
from plays.runs.roles import NAMED_PERSON, parse_role
from schemas.records.wire import rfc3339, utc
from streams.cli.compose import DEFAULT_LIBRARY, Configuration, chosen, load_configuration
from streams.cli.exits import REFUSED
from streams.cli.options import AsJson, Rules
from streams.cli.terminal import print_json
from streams.clock import SystemClock
from streams.processing.moment import Moment
from streams.router.account import people_of
from streams.signals.context import Context
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.situations import SITUATIONS
from streams.signals.timeline import events_of

app = typer.Typer(name="segments", help="Who is in which segment, and what every rule means there.", no_args_is_help=True)

Library = Annotated[Path, typer.Option("--library", help="Folder of rules and playbooks.", show_default="the built-in library")]
Policy = Annotated[
    Path, typer.Option("--policy", help="Folder of segments, overrides, switches, owners.", show_default="the built-in policy")
]
_MAX_BYTES = 10_000_000


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
    context = _account(account)(configuration)
    facts, path = context.facts, context.path
    nodes = walk(configuration.segments.segments.tree, facts)
    views = list(view_rules(configuration.stated, configuration.overrides, configuration.switches, path))
    if rule is not None:
        known = [view.rule for view in views]
        views = [view for view in views if view.rule == rule]
        if not views:
            raise _refuse(f"no rule {rule} in {library}; there are {', '.join(known)}")
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
        raise _refuse(str(error)) from None


def _refuse(why: str) -> typer.Exit:
    typer.echo(f"playcall: {why}", err=True)
    return typer.Exit(REFUSED)


def _account(path: Path) -> "_Reader":
    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise _refuse(f"{path} is larger than {_MAX_BYTES} bytes: give the events of one account")
        stated = orjson.loads(raw)
    except OSError as error:
        raise _refuse(f"{path} cannot be read ({(error.strerror or str(error)).lower()})") from None
    except orjson.JSONDecodeError as error:
        raise _refuse(f"{path}: not JSON: {error}") from None
    payloads = stated if isinstance(stated, list) else [stated]
    if not payloads or not all(isinstance(one, dict) for one in payloads):
        raise _refuse(f"{path}: give an object with the fields of account.updated, or a list of events")
    return _Reader(path, payloads)


class _Reader:
    """Events of a file, taken in by the processor that takes them in live."""

    def __init__(self, path: Path, payloads: Sequence[Mapping[str, Any]]) -> None:
        self._path = path
        now = rfc3339(utc(SystemClock().now_ms()))
        accounts = {str(one["account_id"]) for one in payloads if "account_id" in one}
        if len(accounts) > 1:
            raise _refuse(f"{path}: events of {len(accounts)} accounts ({', '.join(sorted(accounts)[:3])}, ...): give those of one")
        self._account = next(iter(accounts), "the account")
        usual = {"type": "account.updated", "account_id": self._account, "source": str(path), "occurred_at": now}
        self._payloads = [{"event_id": f"{index}", **usual, **one} for index, one in enumerate(payloads)]

    def __call__(self, configuration: Configuration) -> Context:
        try:
            events = sorted(events_of(self._payloads), key=lambda event: event.time_ms)
        except (ValueError, KeyError, TypeError) as error:
            raise _refuse(f"{self._path}: {error}") from None
        driver = Driver(SignalsProcessor(RuleBook([]), configuration.segments), self._account)
        driver.run(events)
        return Context(driver.cells, Moment(driver.now_ms), configuration.segments)


def _with_situation(configuration: Configuration, context: Context, view: RuleView) -> dict[str, Any]:
    """The view, with what holds of it at this moment: the situation it requires, and who would get the run."""
    owner = view.answer["owner"].value
    person = choose_owner(parse_role(owner), people_of(context.cells, configuration.segments.bands), configuration.run_policy.team).owner
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
