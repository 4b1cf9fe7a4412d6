"""The rule library of a folder: every `<ID>.yaml` that is not a timeline."""

from collections.abc import Sequence
from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import Complaint, ConfigError
from plays.rules import lock
from plays.rules.book import RuleBook, scope_problems
from plays.rules.chains import chain_problems
from plays.rules.clearing import clearing_problems
from plays.rules.rule import Rule
from plays.rules.timeline import Timeline
from plays.runs.roles import RoleError, parse_role

LIBRARY = Path(__file__).parent.parent / "library"
LOCK_FILE = "lock.json"
TIMELINE_SUFFIX = ".timeline.yaml"


def load_rules(folder: Path, segments: Sequence[str]) -> list[Rule]:
    """All rules of the folder, retired ones too, in the order of their files. Raises `ConfigError` with every complaint."""
    paths = sorted(path for path in folder.glob("*.yaml") if not path.name.endswith(TIMELINE_SUFFIX))
    if not paths:
        raise ConfigError([Complaint(folder, 1, "no rule files (*.yaml) here", "name the folder that holds the rules")])
    rules: list[Rule] = []
    complaints: list[Complaint] = []
    for path in paths:
        try:
            rules.append(load_rule(path, segments))
        except ConfigError as error:
            complaints.extend(error.complaints)
    if not complaints:
        for rule_id, what, fix in (*chain_problems(rules), *clearing_problems(rules)):
            path = folder / f"{rule_id}.yaml"
            complaints.append(Complaint(path, read_document(path).line(("detector", "on_rules")), f"rule {rule_id} {what}", fix))
    if complaints:
        raise ConfigError(complaints)
    return rules


def load_rule(path: Path, segments: Sequence[str]) -> Rule:
    """One rule; its file must be named after its id, its segments must be in the tree. Raises `ConfigError`."""
    document = read_document(path)
    rule = document.validate(Rule, check=Rule.problems)
    if path.stem != rule.id:
        what = f"rule {rule.id} is in file {path.name}"
        raise ConfigError([Complaint(path, document.line(("id",)), what, f"rename it to {rule.id}.yaml")])
    try:
        parse_role(rule.owner)
    except RoleError as error:
        raise ConfigError([Complaint(path, document.line(("owner",)), f"rule {rule.id}: {error}", "correct the role")]) from None
    problems = list(scope_problems(rule, segments))
    if problems:
        raise ConfigError([document.complain(problem) for problem in problems])
    return rule


def load_timeline(folder: Path, rule_id: str) -> Timeline:
    """The timeline tests beside a rule. Raises `ConfigError`, also when there are none."""
    path = folder / f"{rule_id}{TIMELINE_SUFFIX}"
    if not path.exists():
        fix = "write one with at least one case that fires, one silent, one boundary"
        raise ConfigError([Complaint(path, 1, f"rule {rule_id} has no timeline tests", fix)])
    document = read_document(path)
    timeline = document.validate(Timeline, check=Timeline.problems)
    if timeline.rule != rule_id:
        raise ConfigError([Complaint(path, document.line(("rule",)), f"a timeline for {timeline.rule}", f"write `rule: {rule_id}`")])
    return timeline


def load_rule_book(folder: Path, segments: Sequence[str]) -> RuleBook:
    """The compiled rule book of a folder. Raises `ConfigError`."""
    return RuleBook(load_rules(folder, segments))


def read_lock(folder: Path) -> lock.Lock:
    """The folder's lock; `UNLOCKED` when it has none. Raises `ConfigError`."""
    path = folder / LOCK_FILE
    if not path.exists():
        return lock.UNLOCKED
    try:
        return lock.parse(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError([Complaint(path, 1, str(error), f"run `{lock.COMMAND}`")]) from None
