"""Applies one input or one due deadline: calls the processors and carries out their effects."""

from collections import defaultdict
from collections.abc import Iterable

from schemas.catalogue import ASSIGNMENTS
from schemas.decoding.outcome import Ignored, IgnoredReason, Rejected, RejectReason, Stray
from schemas.decoding.record import RawRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from schemas.records.dead_letter import dead_letter
from schemas.records.rekeyed import REKEYED, as_it_came, forwarded, origin_of
from streams.engine.asks import Asks
from streams.engine.deadlines import DeadlineQueue, Due, drop_if_empty, note_held, take_held
from streams.engine.duplicates import first_sight, forget
from streams.engine.errors import ProcessingFailed
from streams.engine.feeds import FeedBook
from streams.engine.outbox import Outbox
from streams.engine.pipeline import Pipeline
from streams.engine.poison import Poison, threshold_of
from streams.engine.policy import EnginePolicy
from streams.engine.store import CellStore
from streams.engine.strays import Strays
from streams.engine.sweep import Sweep
from streams.engine.usage_duplicates import UsageDuplicates
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import (
    Answer,
    Ask,
    CancelDeadline,
    Cleared,
    Conclude,
    Decide,
    Effect,
    Raise,
    Reject,
    Say,
    SetDeadline,
    Tell,
)
from streams.processing.moment import Mode, Moment
from streams.processing.proof import Proof, Topics

APPLIED, DUPLICATE, IGNORED, DEAD_LETTERED, FORWARDED = "applied", "duplicate", "ignored", "dead_lettered", "forwarded"
OUTCOMES = (APPLIED, DUPLICATE, IGNORED, DEAD_LETTERED, FORWARDED)


class Application:
    """The meeting point of state, processors and output. Every input ends in exactly one outcome, and is counted there."""

    __slots__ = (
        "_moment", "_pipeline", "_refused", "asks", "counts", "deadlines", "feeds", "few", "outbox", "poison", "policy",
        "store", "strays", "sweep", "usage",
    )  # fmt: skip

    def __init__(self, pipeline: Pipeline, policy: EnginePolicy) -> None:
        self._pipeline = pipeline
        self.policy = policy
        self._moment = Moment(-1)
        self.store = CellStore()
        self.deadlines = DeadlineQueue(
            self.store, policy.grace_ms, pipeline.silent_topics, policy.quiet.unproven_after_ms, policy.quarantine.accounts
        )
        horizon_ms = policy.usage_duplicates_ms
        self.usage = UsageDuplicates(self.store.partition, horizon_ms, policy.usage_duplicates_max) if horizon_ms else None
        self.feeds = FeedBook(policy.quiet)
        self.few: set[str] | None = set()  # accounts seen; None once they are enough for a quorum
        self.sweep = Sweep(self.store, pipeline.library, policy.activation_rate)
        self.outbox = Outbox(policy.elsewhere)
        self.asks = Asks(policy.answer_patience_ms, keeps_unheard=policy.stops_at_asks)
        self.strays = Strays()
        # A finite run could never end with a topic it does not read on.
        self.poison = Poison(0 if policy.until_ms is not None else threshold_of(policy.poison_share))
        self._refused: RejectReason | None = None  # why the record at hand is a dead letter
        self.counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(OUTCOMES, 0))

    def apply(self, item: Outcome, raw: RawRecord, topic: str, partition: int, now_ms: int, wall_ms: int, mode: Mode) -> bool:
        """Take in one decoded record of `topic` at task time `now_ms`; what came through `rekeyed` is an event of its origin.

        True: nothing may follow at once, because the topic is paused with it, or because an ask must be heard first. Raises
        ProcessingFailed naming the record.
        """
        try:
            if item.__class__ is Event:
                if topic == REKEYED:
                    self.strays.note(item.topic, item.source, item.appended_ms)
                outcome = self._apply_event(item, raw, topic, partition, now_ms, wall_ms, mode)
            elif isinstance(item, Rejected):
                outcome = self._reject(raw, topic, partition, item.reason, item.detail)
            elif isinstance(item, Stray):
                self.strays.note(topic, item.source, raw.timestamp)
                self.feeds.note(topic, item.source, min(item.time_ms, now_ms))
                self.outbox.stray(forwarded(raw, topic, partition, item.home), topic, item.source)
                outcome = FORWARDED
            else:
                assert isinstance(item, Ignored)
                outcome = IGNORED
                if item.reason is IgnoredReason.HEARTBEAT and item.time_ms is not None:
                    self.feeds.note(topic, item.source, min(item.time_ms, now_ms))
        except Exception as problem:
            account = item.account_id if isinstance(item, Event) else None
            raise ProcessingFailed.on_record(topic, partition, raw.offset, account, problem) from problem
        self.counts[topic][outcome] += 1
        if self._refused is not None or topic in self.poison.windows:
            refused, self._refused = self._refused, None
            return self.poison.count(topic, raw.offset, refused, wall_ms) or self.asks.halting
        return self.asks.halting

    def fire(self, due: Due, now_ms: int, mode: Mode) -> None:
        """Call the processors whose deadlines are due for one account, or held for the first time.

        Raises ProcessingFailed naming the deadline.
        """
        plain = self._at(now_ms, mode)
        processors, cells = self._pipeline.processors, due.cells
        if self.sweep.pending and self.sweep.wants(cells.account_id):
            self._pass_over(cells, plain)  # what is due may be planned for another moment, or not at all: its owner knows
        heard = self._heard_by_all if mode is Mode.LIVE else self._heard_here
        for named in (*due.held, *due.names):
            name, index = named.name, int(named.name[0])
            deadline, topics = Deadline(name[1:], named.at_ms), self._pipeline.silent_topics(name)
            try:
                if named.held:
                    moment = plain._replace(proof=Proof(True, now_ms, topics, heard))
                    effects: Iterable[Effect] = tuple(processors[index].on_held(cells, deadline, moment))
                    if effects:
                        note_held(cells, name, now_ms)
                else:
                    moment = plain._replace(proof=Proof(named.unproven, take_held(cells, name), topics, heard))
                    effects = processors[index].on_deadline(cells, deadline, moment)
                self._carry_out(cells, index, effects, moment)
            except Exception as problem:
                where = f"{name[1:]} of {processors[index].name}"
                raise ProcessingFailed.on_deadline(where, cells.account_id, problem) from problem
        drop_if_empty(cells)

    def _heard_here(self, topics: Topics) -> dict[str, int]:
        return {f"{topic}/{source}": feed.own_ms for topic in topics for source, feed in self.feeds.of(topic).items() if feed.own_ms >= 0}

    def _heard_by_all(self, topics: Topics) -> dict[str, int]:
        return {
            f"{topic}/{source}": feed.heard_ms
            for topic in topics
            for source, feed in self.feeds.of(topic).items()
            if feed.heard_ms >= 0 and not feed.retired
        }

    def sweep_on(self, accounts: int, now_ms: int, mode: Mode) -> int:
        """Give up to so many accounts their turn to pass to the present library; how many had it.

        Accounts in quarantine stay with the library they have. Raises ProcessingFailed naming the account.
        """
        sweep, moment = self.sweep, self._at(now_ms, mode)
        done = 0
        while done < accounts and sweep.pending and (account := sweep.next()) is not None:
            cells = self.store.cells(account)
            if account in self.policy.quarantine.accounts:
                sweep.leave(cells)
            else:
                if sweep.wants(account):
                    try:
                        self._pass_over(cells, moment)
                    except Exception as problem:
                        raise ProcessingFailed.on_state(account, problem) from problem
                sweep.advance(cells)
            done += 1
        return done

    def _pass_over(self, cells: Cells, moment: Moment) -> None:
        change = self.sweep.pass_over(cells, moment.now_ms)
        if change is not None:
            for index, planner in self._pipeline.planners:
                self._carry_out(cells, index, planner.replan(cells, change, moment), moment)

    def _apply_event(self, event: Event, raw: RawRecord, topic: str, partition: int, now_ms: int, wall_ms: int, mode: Mode) -> str:
        policy = self.policy
        if event.time_ms > wall_ms + policy.ahead_ms:
            minutes = (event.time_ms - wall_ms) // 60_000
            detail = f"occurred_at is {minutes} minutes ahead of the clock: set the publisher's clock or timezone right"
            return self._reject(raw, topic, partition, RejectReason.FAR_FUTURE, detail)
        if event.time_ms < now_ms - policy.lateness_ms:
            detail = f"occurred_at is {(now_ms - event.time_ms) // 86_400_000} days old, kept are {policy.lateness_ms // 86_400_000}"
            return self._reject(raw, topic, partition, RejectReason.TOO_LATE, detail)
        if topic == event.topic:  # a stray was a sign of life where it arrived
            # Not beyond task time: a bad date must not vouch for the days to come.
            self.feeds.note(topic, event.source, min(event.time_ms, now_ms))
        if self.few is not None:
            self._count_in(event.account_id)
        handlers = self._pipeline.handlers(event.type)
        if not handlers:
            return IGNORED
        is_usage = event.topic in policy.usage_topics
        if is_usage and self.usage is not None and not self.usage.first_sight(event):
            return DUPLICATE
        cells = self.store.cells(event.account_id)
        if self.sweep.pending and self.sweep.wants(event.account_id):
            self._pass_over(cells, self._at(now_ms, mode))
        if topic == ASSIGNMENTS:
            self.asks.answered(event.data["ask_id"])
        if not is_usage and not first_sight(cells, event, now_ms, policy.duplicates_ms):
            return DUPLICATE
        moment = self._moment
        if moment.now_ms != now_ms or moment.mode is not mode:
            moment = self._at(now_ms, mode)
        rejected: Reject | None = None
        for index in handlers:
            effects = self._pipeline.processors[index].on_event(cells, event, moment)
            if effects:
                rejected = self._carry_out(cells, index, effects, moment) or rejected
        outbox = self.outbox
        if outbox.oldest_append_ms is None or event.appended_ms < outbox.oldest_append_ms:
            outbox.oldest_append_ms = event.appended_ms
        if rejected is not None:
            forget(cells, event)  # it may come again once what it refers to is there
            return self._reject(raw, topic, partition, RejectReason(rejected.reason), rejected.detail)
        return APPLIED

    def _carry_out(self, cells: Cells, index: int, effects: Iterable[Effect], moment: Moment) -> Reject | None:
        rejected: Reject | None = None
        for effect in effects:
            match effect:
                case SetDeadline(name, at_ms, silence):
                    self.deadlines.set(cells, f"{index}{name}", at_ms, silence=silence)
                case CancelDeadline(name):
                    self.deadlines.cancel(cells, f"{index}{name}")
                case Raise(trigger):
                    self.outbox.trigger(trigger)
                    answerer = self._pipeline.answerer
                    if answerer is not None:
                        answer = answerer.on_trigger(cells, trigger, moment)
                        self._carry_out(cells, self._pipeline.processors.index(answerer), answer, moment)
                case Cleared():
                    answerer = self._pipeline.answerer
                    if answerer is not None:
                        answer = answerer.on_cleared(cells, effect, moment)
                        self._carry_out(cells, self._pipeline.processors.index(answerer), answer, moment)
                case Say(message):
                    self.outbox.message(message)
                case Conclude(outcome):
                    self.outbox.outcome(outcome)
                case Decide(decision):
                    self.outbox.decision(decision)
                case Tell(change):
                    self.outbox.health(change)
                case Ask(said):
                    record = self.outbox.ask(said)
                    self.asks.said(said, record, moment.now_ms, catching_up=moment.mode is Mode.CATCHING_UP)
                case Answer(said):
                    self.outbox.answer(said)
                case Reject():
                    rejected = effect
        return rejected

    def _count_in(self, account_id: str) -> None:
        assert self.few is not None
        self.few.add(account_id)
        if len(self.few) >= self.policy.leap_accounts:
            self.few = None

    def _reject(self, raw: RawRecord, topic: str, partition: int, reason: RejectReason, detail: str) -> str:
        origin = origin_of(raw.headers) if topic == REKEYED else None
        if origin is not None:  # a dead letter of the topic it arrived on, as if it had been on the right partition there
            raw, topic, partition = as_it_came(raw, origin), origin.topic, origin.partition
        letter = dead_letter(raw, topic, partition, reason, detail, self.policy.app_version)
        self.outbox.dead_letter(letter, topic, reason)
        self._refused = reason
        return DEAD_LETTERED

    def _at(self, now_ms: int, mode: Mode) -> Moment:
        self._moment = Moment(now_ms, now_ms < self.policy.go_live_ms, mode)
        return self._moment
