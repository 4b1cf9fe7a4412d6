"""What a detector works with during one call: the account's state, the moment, and the effects asked for."""

from collections.abc import Mapping

from plays.policy.segments import Facts, SegmentIndex
from plays.rules.book import CompiledRule
from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.trigger import Evidence, Scalar, Silence, Subject, Trigger, trigger_id
from schemas.records.wire import rfc3339, utc
from streams.processing.account import PROFILE, Profile
from streams.processing.cells import Cells
from streams.processing.effects import CancelDeadline, Decide, Effect, Raise, SetDeadline
from streams.processing.moment import Moment
from streams.processing.segment_facts import facts_of
from streams.signals.calendar import Calendar, calendar_of
from streams.signals.situations import SITUATIONS
from streams.signals.standing import Memory, Over, Standing, begin, end, number_of, of_rule
from streams.signals.state import EPISODES, FIRED, PENDING, RECORDED, SERIES, Occurrence, Spell

MAX_SUBJECTS = 200
MAX_FIRED = 300

_NOTHING = Memory()


class Context:
    """One account at one moment. `effects` are in the order in which they were asked for."""

    __slots__ = ("cells", "effects", "moment", "moments", "muted", "segments")

    def __init__(self, cells: Cells, moment: Moment, segments: SegmentIndex) -> None:
        self.cells = cells
        self.moment = moment
        self.segments = segments
        self.muted = False  # firing opens the episode without a trigger: the rule has only now begun to look
        self.effects: list[Effect] = []
        self.moments: dict[str, Mapping[tuple[int, str], int]] = {}
        """By rule, while episodes are asked for their end: the moments there are, by episode and subject."""

    @property
    def profile(self) -> Profile:
        """What is known about the account; not to be changed."""
        return self.cells[PROFILE]

    @property
    def calendar(self) -> Calendar:
        """The account's own days."""
        return calendar_of(self.profile.timezone)

    @property
    def facts(self) -> Facts:
        """What segments may ask about the account, as it is now."""
        return facts_of(self.profile, self.segments.bands, self.moment.now_ms, age=self.segments.asks_age)

    @property
    def path(self) -> tuple[str, ...]:
        """The account's segments now, from the widest to the most specific."""
        return self.segments.path(self.facts)

    def in_scope(self, compiled: CompiledRule, path: tuple[str, ...], at_ms: int | None = None) -> bool:
        """Whether the rule may fire for the account: its segments, and the situation the rule requires at `at_ms` (None: now).

        An event passes its own time, so that events of the same instant may come in any order.
        """
        if not compiled.applies_to(path):
            return False
        required = compiled.rule.requires
        return required is None or SITUATIONS[required](self.profile, self.moment.now_ms if at_ms is None else at_ms)

    def plan(self, name: str, at_ms: int) -> None:
        """Have a deadline of this name at `at_ms`, and no other."""
        if self.cells[PENDING].at.get(name) != at_ms:
            self.cells.edit(PENDING).at[name] = at_ms
            self.effects.append(SetDeadline(name, at_ms, silence=True))

    def unplan(self, name: str) -> None:
        """Have no deadline of this name."""
        if name in self.cells[PENDING].at:
            del self.cells.edit(PENDING).at[name]
            self.effects.append(CancelDeadline(name))

    def plan_anew(self, name: str, at_ms: int) -> bool:
        """After a change: have the deadline where it lies ahead, or was due before the change and only waits to be believed.

        True: it does not; there is none now, and what it was about may be true already.
        """
        now_ms, before_ms = self.moment.now_ms, self.cells[PENDING].at.get(name)
        if at_ms > now_ms or (before_ms is not None and before_ms <= now_ms):
            self.plan(name, at_ms)
            return False
        self.unplan(name)
        return True

    def planned_at(self, name: str) -> int | None:
        """When the deadline of this name is set to; None where there is none."""
        return self.cells[PENDING].at.get(name)

    def planned(self, name: str) -> bool:
        """Whether a deadline of this name is set."""
        return name in self.cells[PENDING].at

    def times(self, key: str) -> list[Occurrence]:
        """The occurrences of a series, in order; not to be changed."""
        return self.cells[SERIES].times.get(key, [])

    def recorded_since(self, key: str) -> int:
        """From when on a series is complete, event time; 0 where it reaches back to the beginning of the account."""
        return self.cells[RECORDED].since.get(key, 0)

    def spell(self, rule_id: str, subject_id: str) -> Spell | None:
        """What the rule remembers about a subject; not to be changed."""
        found = self.cells.get(EPISODES)
        if found is None:
            return None
        subjects = found.spells.get(rule_id)
        return None if subjects is None else subjects.get(subject_id)

    def spells(self, rule_id: str) -> Mapping[str, Spell]:
        """What the rule remembers, by subject; not to be changed."""
        return self.cells[EPISODES].spells.get(rule_id, {})

    def drop_spell(self, rule_id: str, subject_id: str) -> None:
        """Forget what the rule remembers about a subject."""
        del self.cells.edit(EPISODES).spells[rule_id][subject_id]

    def edit_spell(self, rule_id: str, subject_id: str) -> Spell:
        """The same for changing; empty when new. At most 200 subjects a rule: the oldest that is not open goes first."""
        subjects = self.cells.edit(EPISODES).spells.setdefault(rule_id, {})
        spell = subjects.get(subject_id)
        if spell is None:
            if len(subjects) >= MAX_SUBJECTS:
                del subjects[next((name for name, old in subjects.items() if not old.open), next(iter(subjects)))]
            spell = subjects[subject_id] = Spell()
        return spell

    def fire(
        self,
        compiled: CompiledRule,
        path: tuple[str, ...],
        subject_id: str,
        episode_ms: int,
        evidence: Evidence,
        act_by_ms: int | None = None,
        kind: str | None = None,
        memory: Memory | None = _NOTHING,
    ) -> None:
        """Raise the trigger of an episode; `evidence` lacks the segment path and what clears it, which the rule knows.

        `kind` is that of the subject, where it is not the rule's usual one. `memory`: what is to be known of the episode until it is
        over; None where this one has no end.
        """
        self._raise(compiled, path, Subject(kind=kind or compiled.rule.subject, id=subject_id), episode_ms, evidence, act_by_ms, memory)

    def end(self, compiled: CompiledRule, subject_id: str, at_ms: int, over: Over, kind: str | None = None) -> None:
        """The episodes of a subject are over, those that fired, since `at_ms` (event time). Nothing where none stands.

        `kind` as when it fired.
        """
        rule = compiled.rule
        for one in of_rule(self.cells, rule.id):
            if (one.kind, one.subject) == (kind or rule.subject, subject_id):
                end(self.cells, self.effects, rule.id, one, max(at_ms, one.episode_ms), over)

    def decide(
        self, compiled: CompiledRule, reason: Reason, subject_kind: str, subject_id: str, detail: str, facts: dict[str, Scalar]
    ) -> None:
        """Record that the rule did not fire although someone may ask why."""
        account_id, time = self.cells.account_id, utc(self.moment.now_ms)
        about = f"{compiled.rule.id}:{subject_kind}:{subject_id}"
        decision = Decision(
            decision_id=decision_id(account_id, time, reason, about),
            account_id=account_id,
            time=time,
            reason=reason,
            rule=compiled.rule.id,
            subject=Subject(kind=subject_kind, id=subject_id),
            detail=detail,
            facts=facts,
        )
        self.effects.append(Decide(decision))

    def _silence(self) -> Silence | None:
        """What was known of the feeds, where the trigger says that something has not happened."""
        proof = self.moment.proof
        return None if proof is None or not proof.topics else proof.as_silence()

    def _raise(
        self,
        compiled: CompiledRule,
        path: tuple[str, ...],
        subject: Subject,
        episode_ms: int,
        evidence: Evidence,
        act_by_ms: int | None,
        memory: Memory | None,
    ) -> None:
        rule, account_id = compiled.rule, self.cells.account_id
        episode = rfc3339(utc(episode_ms))
        identity = trigger_id(rule.id, account_id, subject, episode)
        number = number_of(identity)
        fired = self.cells.edit(FIRED).ids
        if number in fired:
            return
        fired.append(number)
        del fired[:-MAX_FIRED]
        if self.muted or compiled.experimental:
            time, reason = utc(self.moment.now_ms), Reason.ACTIVATED if self.muted else Reason.EXPERIMENTAL
            decision = Decision(
                decision_id=decision_id(account_id, time, reason, f"{rule.id}:{subject.kind}:{subject.id}"),
                account_id=account_id, time=time, reason=reason, rule=rule.id, subject=subject,
                trigger_id=identity, detail=evidence.summary, facts=evidence.facts,
            )  # fmt: skip
            self.effects.append(Decide(decision))
            return
        resolved = compiled.resolve(path)
        trigger = Trigger(
            trigger_id=identity,
            rule=rule.id,
            rule_version=rule.version,
            rule_hash=compiled.hash,
            account_id=account_id,
            concern=rule.concern,
            subject=subject,
            episode=episode,
            time=utc(self.moment.now_ms),
            priority=resolved.priority,
            outcome=rule.outcome,
            owner_role=resolved.owner,
            play=resolved.play,
            first_action=resolved.sla,
            act_by=None if act_by_ms is None else utc(act_by_ms),
            historical=self.moment.historical,
            evidence=evidence.model_copy(
                update={
                    "segment_path": path,
                    "set_by": resolved.set_by,
                    "clears_when": rule.clears_when,
                    "silence": self._silence(),
                }
            ),
        )
        self.effects.append(Raise(trigger))
        if memory is not None and compiled.clears:
            begin(self.cells, rule.id, Standing(subject.kind, subject.id, episode_ms, self.moment.now_ms, number, *memory))
