"""Every metric of a worker, defined once. Base units, bounded labels, never an account id.

docs/sre.md lists them for people; a test compares the two.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from streams.engine.commit import Commit, Ended
from streams.observe.strays import StrayWatch

_COMMIT_SECONDS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_LATENCY_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_ANSWER_SECONDS = (
    _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, _DAY, 2 * _DAY, 3 * _DAY, 5 * _DAY,
    7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY,
)  # fmt: skip
_RECOVERY_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)


class TaskReading(NamedTuple):
    """What one task shows when the metrics are read."""

    label: int | str  # the partition of the accounts, or the word of a task that has none of them
    partition: int
    lag: dict[str, int]  # records by logical topic, to the high watermark last seen
    task_time_lag_s: float  # wall clock minus task time
    catching_up: bool
    deadlines_pending: int
    deadlines_overdue: int
    cells: int
    usage_horizon_s: float
    paused: dict[str, bool]  # by logical topic
    held: dict[str, int]  # accounts by the topics, joined, whose feeds cannot vouch for silence
    sweep_remaining: int = 0


FeedHeard = tuple[str, str, float]
"""Topic, source (at most fifty a topic, then `*`), event time in seconds."""


class Metrics:
    """The worker's counters and histograms, and gauges that are read from the tasks at scrape time."""

    def __init__(
        self,
        version: str,
        tasks: Callable[[], Iterable[TaskReading]] = tuple,
        clock_in_doubt: Callable[[], bool] = bool,
        feeds: Callable[[], Iterable[FeedHeard]] = tuple,
    ) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self._inputs = Counter(
            "playcall_inputs",
            "Input records consumed and committed, by topic and outcome (applied, duplicate, ignored, dead_lettered, forwarded).",
            ("topic", "outcome"), registry=r,
        )  # fmt: skip
        self._triggers = Counter("playcall_triggers", "Triggers published, by rule.", ("rule",), registry=r)
        self._messages = Counter(
            "playcall_play_messages", "Messages on play-launches, by kind; `launched` are launches.", ("kind",), registry=r
        )
        self._opened = Counter("playcall_runs_opened", "Runs launched, by play.", ("play",), registry=r)
        self._closed = Counter(
            "playcall_runs_closed", "Runs closed, by play, rule, segment, closure code, and whether anybody acted.",
            ("play", "rule", "segment", "code", "acted"), registry=r,
        )  # fmt: skip
        self._answers = {
            what: Histogram(
                f"playcall_run_{what}_seconds", f"From the opening of a run to {of}, elapsed time, of closed runs that came to it.",
                ("priority",), buckets=_ANSWER_SECONDS, registry=r,
            )
            for what, of in (("acknowledge", "its first acknowledgement"), ("act", "its first action"), ("resolve", "its end"))
        }  # fmt: skip
        self._decisions = Counter("playcall_decisions", "Recorded choices not to act, by reason.", ("reason",), registry=r)
        self._dead_letters = Counter(
            "playcall_dead_letters", "Records sent to a dead letter topic, by topic and reason.", ("topic", "reason"), registry=r
        )
        self._assignments = Counter(
            "playcall_assignment_events", "Words between router and roster (asks, answers, releases), by kind.", ("kind",), registry=r
        )
        self._trimmed = Counter(
            "playcall_trimmed_cells", "State cells that were too large to be written and lost their oldest detail, by cell.",
            ("cell",), registry=r,
        )  # fmt: skip
        self._commits = Histogram("playcall_commit_seconds", "Duration of one transaction.", buckets=_COMMIT_SECONDS, registry=r)
        self._events = Counter("playcall_committed_events", "Input records in committed transactions.", registry=r)
        self._latency = Histogram(
            "playcall_event_to_commit_seconds", "From the append of the oldest input of a transaction to its commit, tasks that are live.",
            buckets=_LATENCY_SECONDS, registry=r,
        )  # fmt: skip
        self._recoveries = Histogram(
            "playcall_recovery_seconds", "From fence to ready, per partition.", buckets=_RECOVERY_SECONDS, registry=r
        )
        self._recovered = Counter("playcall_recovered_cells", "State records read by recoveries.", registry=r)
        self._refused = Counter(
            "playcall_refused_batches",
            "Fetched ranges that did not continue the task's position and were read again.",
            ("topic",),
            registry=r,
        )
        self._strays = StrayWatch(r)
        self._fenced = Counter("playcall_fenced_tasks", "Tasks dropped because another owner took the partition.", registry=r)
        r.register(_Gauges(version, tasks, clock_in_doubt, feeds))

    def committed(self, commit: Commit, *, seconds: float, now_ms: int, live: bool) -> None:
        """A transaction is through. A backlog's latency is its age, so only live tasks count for that."""
        self._commits.observe(seconds)
        self._events.inc(commit.events)
        tally = commit.tally
        for (topic, outcome), count in tally.inputs.items():
            self._inputs.labels(topic, outcome).inc(count)
        for rule, count in tally.triggers.items():
            self._triggers.labels(rule).inc(count)
        for kind, count in tally.messages.items():
            self._messages.labels(kind).inc(count)
        for play, count in tally.opened.items():
            self._opened.labels(play).inc(count)
        for ended in tally.ended:
            self._ended(ended)
        for reason, count in tally.decisions.items():
            self._decisions.labels(reason).inc(count)
        for (topic, reason), count in tally.dead_letters.items():
            self._dead_letters.labels(topic, reason).inc(count)
        self._strays.count(tally.strays)
        for kind, count in tally.assignments.items():
            self._assignments.labels(kind).inc(count)
        for cell, count in tally.trimmed.items():
            self._trimmed.labels(cell).inc(count)
        if live and commit.oldest_append_ms is not None:
            self._latency.observe(max(0, now_ms - commit.oldest_append_ms) / 1000)

    def _ended(self, run: Ended) -> None:
        self._closed.labels(run.play, run.rule, run.segment, run.code, "no" if run.to_act is None else "yes").inc()
        times = {"acknowledge": run.to_acknowledge, "act": run.to_act, "resolve": run.to_resolve}
        for what, seconds in times.items():
            if seconds is not None:
                self._answers[what].labels(run.priority).observe(seconds)

    def recovered(self, seconds: float, records: int) -> None:
        """A partition is ready."""
        self._recoveries.observe(seconds)
        self._recovered.inc(records)

    def refused(self, topic: str) -> None:
        """A range was refused and is read again."""
        self._refused.labels(topic).inc()

    def fenced(self) -> None:
        """A task was dropped."""
        self._fenced.inc()

    def exposition(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """Read from the tasks when asked, so that nothing is kept up to date in vain."""

    def __init__(
        self,
        version: str,
        tasks: Callable[[], Iterable[TaskReading]],
        clock_in_doubt: Callable[[], bool],
        feeds: Callable[[], Iterable[FeedHeard]],
    ) -> None:
        self._feeds = feeds
        self._version = version
        self._tasks = tasks
        self._clock_in_doubt = clock_in_doubt

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family per gauge, also when there is no task: a missing series means a missing worker."""
        info = GaugeMetricFamily("playcall_info", "Always 1; the label is the release.", labels=("version",))
        info.add_metric((self._version,), 1)
        yield info
        yield GaugeMetricFamily(
            "playcall_clock_in_doubt",
            "1 while the wall clock jumped and the broker's time has not settled it: deadlines are held.",
            value=float(self._clock_in_doubt()),
        )
        lag = GaugeMetricFamily(
            "playcall_lag_records", "Records between the committed position and the high watermark.", labels=("topic", "partition")
        )
        time_lag = GaugeMetricFamily("playcall_task_time_lag_seconds", "Wall clock minus task time.", labels=("partition",))
        mode = GaugeMetricFamily(
            "playcall_catching_up", "1 while the task reads a backlog by event time, 0 when live.", labels=("partition",)
        )
        pending = GaugeMetricFamily("playcall_deadlines_pending", "Deadlines waiting.", labels=("partition",))
        overdue = GaugeMetricFamily(
            "playcall_deadlines_overdue", "Accounts whose deadline is past its moment and has not fired.", labels=("partition",)
        )
        paused = GaugeMetricFamily(
            "playcall_paused", "1 while a topic is not read on: too many dead letters.", labels=("topic", "partition")
        )
        cells = GaugeMetricFamily("playcall_cells", "State cells held.", labels=("partition",))
        horizon = GaugeMetricFamily(
            "playcall_usage_duplicate_horizon_seconds",
            "How far back, in append time, repeated usage events are known for certain.",
            labels=("partition",),
        )
        sweep = GaugeMetricFamily(
            "playcall_sweep_accounts_remaining", "Accounts that have yet to pass to the present library.", labels=("partition",)
        )
        held = GaugeMetricFamily(
            "playcall_held_accounts", "Accounts whose silence no feed of these topics can vouch for.", labels=("topics", "partition")
        )
        heard = GaugeMetricFamily(
            "playcall_feed_heard_timestamp_seconds",
            "Event time up to which a publisher was heard, over all partitions of the application.",
            labels=("topic", "source"),
        )
        for reading in self._tasks():
            number, partition = (str(reading.label),), str(reading.partition)
            for topic, records in reading.lag.items():
                lag.add_metric((topic, partition), records)
            time_lag.add_metric(number, reading.task_time_lag_s)
            mode.add_metric(number, float(reading.catching_up))
            pending.add_metric(number, reading.deadlines_pending)
            overdue.add_metric(number, reading.deadlines_overdue)
            cells.add_metric(number, reading.cells)
            horizon.add_metric(number, reading.usage_horizon_s)
            for topic, is_paused in reading.paused.items():
                paused.add_metric((topic, partition), float(is_paused))
            sweep.add_metric(number, reading.sweep_remaining)
            for topics, accounts in reading.held.items():
                held.add_metric((topics, number[0]), accounts)
        for topic, source, heard_s in self._feeds():
            heard.add_metric((topic, source), heard_s)
        yield from (lag, time_lag, mode, pending, overdue, cells, horizon, paused, sweep, held, heard)
