"""`playcall rules`: check, try and lock the rule library."""

from pathlib import Path
from typing import Annotated

import typer

from plays.loading.errors import ConfigError
from plays.loading.health import load_health
from plays.loading.overrides import load_overrides
from plays.loading.playbooks import load_playbooks
from plays.loading.rules import LIBRARY, LOCK_FILE, load_rules, load_timeline, read_lock
from plays.loading.segments import POLICY, load_segments
from plays.loading.suppression import expired_silences
from plays.policy.segments import SegmentIndex
from plays.policy.switches import ALL
from plays.rules import lock
from plays.rules.rule import Rule
from streams.cli.compose import load_configuration
from streams.cli.coverage import coverage
from streams.cli.exits import ANSWER_IS_NO, REFUSED
from streams.cli.noise import noise
from streams.cli.terminal import print_json
from streams.clock import SystemClock
from streams.signals.timeline import Outcome, run_timeline

app = typer.Typer(name="rules", help="Check, try and lock the rules of a library.", no_args_is_help=True)
app.command()(noise)
app.command()(coverage)

Library = Annotated[Path, typer.Option("--library", help="Folder of the rule files.", show_default="the built-in library")]
Policy = Annotated[
    Path,
    typer.Option("--policy", help="Folder of the policy: segments.yaml, owners.yaml, defaults.yaml.", show_default="the built-in policy"),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as one line of JSON.")]


@app.command()
def lint(library: Library = LIBRARY, policy: Policy = POLICY, as_json: Json = False) -> None:
    """Read every rule, timeline, playbook, segment, override, alternative and owner as a worker would; compare with the lock.

    Silences that have expired are named as a warning. Exit code 0: all fine. 1: the lock is not current. 2: a file is refused;
    each complaint has file, line and fix.
    """
    segments, rules = _load(library, policy)
    try:
        for rule in rules:
            load_timeline(library, rule.id)
        playbooks = load_configuration(library, policy, (ALL,)).playbooks
        for name in load_overrides(policy, rules, segments.names).alternatives:
            load_configuration(library, policy, (ALL,), (name,))
        found = list(lock.differences(read_lock(library), rules, playbooks.stated()))
        expired = [str(one) for one in expired_silences(policy, SystemClock().now_ms())]
    except ConfigError as error:
        raise _refused(error) from None
    if as_json:
        print_json({"rules": [rule.id for rule in rules], "differences": found, "warnings": expired})
    else:
        for warning in expired:
            typer.echo(f"warning: {warning}", err=True)
        for difference in found:
            print(difference)
        if not found:
            print(f"{len(rules)} rules over {len(segments.names)} segments: all fine, and locked")
    if found:
        raise typer.Exit(ANSWER_IS_NO)


@app.command("test")
def try_(
    only: Annotated[list[str] | None, typer.Argument(metavar="[RULE]...", help="Ids of the rules to try; all when left out.")] = None,
    library: Library = LIBRARY,
    policy: Policy = POLICY,
    as_json: Json = False,
) -> None:
    """Run the timeline tests that stand beside the rules.

    Exit code 0: every case came out as written. 1: one did not. 2: a file is refused, or a rule is unknown.
    """
    segments, rules = _load(library, policy)
    unknown = sorted(set(only or ()) - {rule.id for rule in rules})
    if unknown:
        typer.echo(f"playcall: no rule {', '.join(unknown)} in {library}; there are {', '.join(rule.id for rule in rules)}", err=True)
        raise typer.Exit(REFUSED)
    outcomes: list[tuple[Rule, Outcome]] = []
    try:
        health = load_health(policy, segments.names)
        for rule in rules:
            if not only or rule.id in only:
                timeline = load_timeline(library, rule.id)
                outcomes.extend((rule, outcome) for outcome in run_timeline(timeline, rule, segments, rules, health))
    except ConfigError as error:
        raise _refused(error) from None
    failed = [(rule, outcome) for rule, outcome in outcomes if outcome.faults]
    if as_json:
        faults = [{"rule": rule.id, "case": outcome.case.name, "faults": list(outcome.faults)} for rule, outcome in failed]
        print_json({"cases": len(outcomes), "failed": faults})
    else:
        for rule, outcome in failed:
            print(f"{rule.id}, {outcome.case.name}:")
            for fault in outcome.faults:
                print(f"  {fault}")
        print(f"{len(outcomes) - len(failed)} of {len(outcomes)} cases came out as written")
    if failed:
        raise typer.Exit(ANSWER_IS_NO)


@app.command("lock")
def lock_(library: Library = LIBRARY, policy: Policy = POLICY) -> None:
    """Write lock.json: version and content hash of every rule and playbook, and the revision, one higher if any changed.

    Workers read the revision: accounts are planned anew for a higher one, and a worker with a lower one refuses them. Exit
    code 1, and nothing written, when a rule or playbook changed under an unchanged version.
    """
    _, rules = _load(library, policy)
    try:
        locked = read_lock(library)
        playbooks = list(load_playbooks(library / "playbooks").stated())
    except ConfigError as error:
        raise _refused(error) from None
    stuck = [
        *(("rule", rule.id, locked.rules[rule.id].version) for rule in lock.must_bump(locked.rules, rules)),
        *(("playbook", one.id, locked.playbooks[one.id].version) for one in lock.must_bump(locked.playbooks, playbooks)),
    ]
    for kind, name, version in stuck:
        print(f"{kind} {name} changed but is still version {version}: set `version: {version + 1}`")
    if stuck:
        raise typer.Exit(ANSWER_IS_NO)
    following = lock.next_lock(locked, rules, playbooks)
    (library / LOCK_FILE).write_text(lock.dump(following), encoding="utf-8")
    print(f"locked {len(rules)} rules and {len(playbooks)} playbooks as revision {following.revision}")


def _load(library: Path, policy: Path) -> tuple[SegmentIndex, list[Rule]]:
    try:
        segments = load_segments(policy)
        return segments, load_rules(library, segments.names)
    except ConfigError as error:
        raise _refused(error) from None


def _refused(error: ConfigError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(REFUSED)
