"""Puts the product together: configuration files in, a pipeline of processors out. The only place that knows all of them."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import orjson

from plays.loading.errors import Complaint, ConfigError
from plays.loading.feeds import load_feed_policy
from plays.loading.health import load_health
from plays.loading.links import load_links
from plays.loading.overrides import OVERRIDES_FILE, load_overrides
from plays.loading.playbooks import DEFAULT_PLAYBOOKS, load_playbooks
from plays.loading.rules import load_rules, read_lock
from plays.loading.run_policy import DEFAULT_POLICY, load_run_policy
from plays.loading.segments import load_segments
from plays.loading.suppression import load_suppression
from plays.loading.switches import SWITCHES_FILE, load_switches
from plays.playbooks.book import Playbooks
from plays.playbooks.levels import unknown_people
from plays.policy.feeds import FeedPolicy
from plays.policy.health import HealthPolicy
from plays.policy.overrides import Overrides
from plays.policy.segments import SegmentIndex
from plays.policy.switches import ALL, Switches
from plays.roster.hours import hours_of
from plays.rules.book import RuleBook
from plays.rules.lock import UNLOCKED, differences
from plays.rules.resolution import path_problems
from plays.rules.rule import UNTIL_CLEARED, Rule
from plays.runs.policy import RunPolicy
from plays.suppression.policy import NOTHING, SuppressionPolicy
from plays.suppression.suppression import Suppression
from streams.engine.feeds import QuietRules
from streams.engine.pipeline import Pipeline
from streams.processing.library import Library, Revision
from streams.roster.processor import RosterProcessor
from streams.router.processor import RouterProcessor
from streams.signals.judge import EpisodeJudge
from streams.signals.processor import SignalsProcessor

DEFAULT_LIBRARY = DEFAULT_PLAYBOOKS.parent

_NOTHING_SET = Overrides()
_ALL_ON = Switches(on=(ALL,))


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the customer-success lead wrote, read and checked: rules, segments, playbooks, owners and clocks.

    `rules` are those that run, `stated` all of the library, whatever is switched on.
    `number` is the revision of the library's lock, 0 without one; `unlocked` says where the content differs from the lock.
    """

    rules: RuleBook
    segments: SegmentIndex
    playbooks: Playbooks
    run_policy: RunPolicy
    feeds: FeedPolicy
    health: HealthPolicy
    overrides: Overrides = _NOTHING_SET
    switches: Switches = _ALL_ON
    stated: tuple[Rule, ...] = ()
    number: int = 0
    unlocked: tuple[str, ...] = ()
    suppression: SuppressionPolicy = NOTHING

    @property
    def revision(self) -> Revision:
        """The lock's number, and everything that decides by its content: 12 hex digits of a hash over all of it."""
        parts = [
            orjson.dumps({compiled.rule.id: compiled.effective_hash for compiled in self.rules}, option=orjson.OPT_SORT_KEYS),
            self.segments.segments.model_dump_json().encode(),
            self.segments.closed.policy.model_dump_json().encode(),
            *(self.playbooks[play].playbook.model_dump_json().encode() for play in sorted(self.playbooks)),
            self.playbooks.links.model_dump_json().encode(),
            self.run_policy.team.model_dump_json().encode(),
            self.run_policy.sla.model_dump_json().encode(),
            self.run_policy.codes.model_dump_json().encode(),
            self.run_policy.calendars.stated.encode(),
            self.feeds.model_dump_json().encode(),
            self.health.model_dump_json().encode(),
            self.suppression.model_dump_json().encode(),
        ]
        return Revision(self.number, sha256(b"\x00".join(parts)).hexdigest()[:12])

    def quiet(self, settle_ms: int = 0) -> QuietRules:
        """How quiet feeds may be, for the engine; `settle_ms`: how long a returned feed must have been up to date, live."""
        return QuietRules(self.feeds.topics_ms, self.feeds.sources_ms, self.feeds.unproven_after_ms, settle_ms)

    @property
    def suppressing(self) -> Suppression:
        """The suppression policy with what it needs to know of rules and segments."""
        holds = {rule.id: None if rule.max_hold == UNTIL_CLEARED else rule.max_hold for rule in self.stated}
        return Suppression(self.suppression, holds, self.segments)

    def pipeline(self, *, roster: bool = False) -> Pipeline:
        """Fresh processors for one partition of the accounts. `roster`: there is one to be asked for owners."""
        run_policy = replace(self.run_policy, touch=self.segments.bands, roster=roster, suppression=self.suppressing)
        router = RouterProcessor(self.playbooks, run_policy, EpisodeJudge(self.rules))
        self.segments.closed.load()
        signals = SignalsProcessor(self.rules, self.segments, self.health)
        library = Library(
            str(self.revision),
            {compiled.rule.id: (compiled.rule.version, compiled.effective_hash) for compiled in self.rules},
            sha256(self.segments.segments.model_dump_json().encode()).hexdigest()[:12],
            signals.recorded,
            sha256(self.suppression.model_dump_json().encode()).hexdigest()[:12],
            tuple(sorted(stated.id for stated in self.playbooks.stated() if stated.status == "paused")),
        )
        return Pipeline((signals, router), router, library)

    def roster_pipeline(self) -> Pipeline:
        """The same for the roster."""
        calendars = self.run_policy.calendars
        roster = RosterProcessor(self.run_policy.team, hours_of(calendars))
        return Pipeline((roster,), None, Library(str(self.revision)))


def load_configuration(
    library: Path | None = None,
    policy: Path | None = None,
    only: tuple[str, ...] | None = None,
    alternatives: tuple[str, ...] | None = None,
) -> Configuration:
    """Read and check everything. Raises ConfigError with file, line and fix for all that is wrong.

    `library` holds the rules and, in `playbooks/`, the playbooks; `policy` the segments, owners and defaults. None: as shipped.
    `only` names the packs and rules that run, instead of the policy's own choice; `alternatives` likewise those chosen.
    """
    library, policy = library or DEFAULT_LIBRARY, policy or DEFAULT_POLICY
    segments = load_segments(policy)
    stated = load_rules(library, segments.names)
    overrides = load_overrides(policy, stated, segments.names)
    overrides = overrides if alternatives is None else overrides.choosing(alternatives)
    if overrides.touch_bands is not None:
        segments = segments.with_bands(overrides.touch_bands)
    ids = [rule.id for rule in stated]
    switches = _switches(library, policy, ids, only)
    running = switches.running(ids) - overrides.off().keys()
    rules = RuleBook((rule for rule in stated if rule.id in running), overrides.layers(), switches.experimental)
    playbooks = load_playbooks(library / "playbooks", load_links(policy))
    lock = read_lock(library)
    complaints = [
        Complaint(
            library / f"{compiled.rule.id}.yaml",
            1,
            f"rule {compiled.rule.id} launches play {play!r}, which nobody wrote",
            f"add {library / 'playbooks' / play}.yaml, or name one of {', '.join(playbooks)}",
        )
        for compiled in rules
        for play in sorted({compiled.rule.play, *(compiled.resolve(path).play for path in segments.paths)})
        if play not in playbooks
    ]
    complaints += [
        Complaint(library / f"{compiled.rule.id}.yaml", 1, what, f"correct `overrides` there, or in {policy / OVERRIDES_FILE}")
        for compiled in rules
        for what in path_problems(compiled.rule, compiled.layers, segments.paths)
    ]
    if complaints:
        raise ConfigError(complaints)
    unlocked = () if lock == UNLOCKED else tuple(differences(lock, stated, playbooks.stated()))
    shipped = policy == DEFAULT_POLICY and library != DEFAULT_LIBRARY  # its closure codes are for its own library
    run_policy, feeds = load_run_policy(policy, None if shipped else playbooks, segments.closed), load_feed_policy(policy)
    holes = [
        Complaint(library / "playbooks" / f"{stated_play.id}.yaml", 1, problem.what, problem.fix)
        for stated_play in playbooks.stated()
        if stated_play.status != "retired"
        for problem in unknown_people(stated_play.escalation, run_policy.team)
    ]
    if holes:
        raise ConfigError(holes)
    health = load_health(policy, segments.names)
    suppression = load_suppression(policy, segments.names, ids, playbooks)
    return Configuration(
        rules, segments, playbooks, run_policy, feeds, health, overrides, switches, tuple(stated), lock.revision, unlocked, suppression
    )


def chosen(rules: str | None) -> tuple[str, ...] | None:
    """Names of packs and rules as options write them: comma separated; None where nothing is said."""
    return tuple(name.strip() for name in rules.split(",") if name.strip()) if rules else None


def _switches(library: Path, policy: Path, ids: list[str], only: tuple[str, ...] | None) -> Switches:
    switches = load_switches(policy)
    if only is not None:
        try:
            switches = switches.instead(only)
        except ValueError as error:
            raise ConfigError([Complaint(policy / SWITCHES_FILE, 1, "--rules", str(error))]) from None
    complaints = [
        Complaint(policy / SWITCHES_FILE, 1, f"the library {library} has no rule {name}", f"name one of {', '.join(ids)}")
        for name in switches.unknown(ids)
    ]
    if complaints:
        raise ConfigError(complaints)
    return switches
