"""Fires when a milestone is not completed in time."""

from msgspec.structs import replace

from plays.rules.book import CompiledRule
from plays.rules.detectors.milestone import MilestoneParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence
from streams.signals.calendar import day_name, day_number
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import window
from streams.signals.standing import Over
from streams.signals.state import MILESTONES, Milestone

MAX_MILESTONES = 200


class MilestoneDetector(Detector):
    """Milestones by id: open since the event that set their deadline, or completed."""

    types = frozenset({"milestone.started", "milestone.moved", "milestone.completed", "integration.connected"})
    silent_topics = topics_of(types)

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, MilestoneParameters)
        self._connected_kind = compiled.rule.detector.connected_kind

    def on_event(self, context: Context, event: Event) -> None:
        if event.type == "integration.connected":
            self._connected(context, event.time_ms)
        elif event.type == "milestone.completed":
            self._complete(context, event.data["milestone_id"], event.time_ms)
        elif event.type == "milestone.started":
            self._start(context, event)
        elif "due" in event.data:
            self._move(context, event)

    def plan_anew(self, context: Context) -> bool:
        self._take_over(context)
        calendar, overdue = context.calendar, False
        for subject, milestone in context.cells[MILESTONES].by_rule.get(self.rule_id, {}).items():
            if not milestone.open:
                continue
            day = self._deadline_day(context, milestone)
            if day != milestone.deadline_day:
                self._edit(context, subject).deadline_day = day
            overdue = context.plan_anew(self._name(subject), calendar.close(day)) or overdue
        return overdue

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 no matter of days
        calendar = context.calendar
        for subject, milestone in context.cells[MILESTONES].by_rule.get(self.rule_id, {}).items():
            at = calendar.close(milestone.deadline_day)
            # Where the day was past when the milestone was stated there was never a plan.
            if milestone.open and milestone.began_ms < at <= at_ms and not context.planned(self._name(subject)):
                self.on_deadline(context, subject, at)

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:
        milestone = context.cells[MILESTONES].by_rule.get(self.rule_id, {}).get(subject)
        path = context.path
        if milestone is None or not milestone.open or not context.in_scope(self.compiled, path):
            return
        kind = milestone.kind or "milestone"
        began = context.calendar.day_of(milestone.began_ms)
        evidence = Evidence(
            summary=f"{kind} {subject} is not completed by the close of {day_name(milestone.deadline_day)}, open since {day_name(began)}.",
            observed=milestone.deadline_day - began,
            unit="days",
            window=window(milestone.began_ms, at_ms),
            facts={"kind": milestone.kind, "deadline_day": day_name(milestone.deadline_day)},
            clears_when="",
        )
        context.fire(self.compiled, path, subject, milestone.began_ms, evidence)

    def replan(self, context: Context) -> None:
        calendar = context.calendar
        for subject, milestone in context.cells[MILESTONES].by_rule.get(self.rule_id, {}).items():
            if context.planned(self._name(subject)):
                context.plan(self._name(subject), calendar.close(milestone.deadline_day))

    def _name(self, subject: str) -> str:
        return f"{self.rule_id}:{subject}"

    def _edit(self, context: Context, subject: str) -> Milestone:
        milestones = context.cells.edit(MILESTONES).by_rule.setdefault(self.rule_id, {})
        milestone = milestones.get(subject)
        if milestone is None:
            if len(milestones) >= MAX_MILESTONES:
                gone = next((name for name, old in milestones.items() if not old.open), next(iter(milestones)))
                del milestones[gone]
                context.unplan(self._name(gone))
            milestone = milestones[subject] = Milestone()
        return milestone

    def _start(self, context: Context, event: Event) -> None:
        milestone = self._edit(context, event.data["milestone_id"])
        milestone.kind = event.data.get("kind", milestone.kind)
        self._complete_if_connected(context, event.data["milestone_id"], milestone)
        if milestone.open or milestone.completed_ms >= event.time_ms:
            return
        milestone.started_day = context.calendar.day_of(event.time_ms)
        milestone.due_day = day_number(event.data["due"]) if "due" in event.data else None
        self._open(context, event, milestone, self._deadline_day(context, milestone))

    def _move(self, context: Context, event: Event) -> None:
        milestone = self._edit(context, event.data["milestone_id"])
        milestone.kind = event.data.get("kind", milestone.kind)
        self._complete_if_connected(context, event.data["milestone_id"], milestone)
        if event.time_ms >= milestone.began_ms and event.time_ms > milestone.completed_ms:
            milestone.started_day = milestone.due_day = None
            self._open(context, event, milestone, day_number(event.data["due"]))

    def _deadline_day(self, context: Context, milestone: Milestone) -> int:
        """From its start, by the figures of today; where it was moved (or nothing is known of its start) what it is."""
        started, due = milestone.started_day, milestone.due_day
        if started is None:
            return milestone.deadline_day
        parameters = self.parameters(context)
        assert isinstance(parameters, MilestoneParameters)
        day = started + parameters.days
        return day if due is None or due < started else min(day, due)

    def _take_over(self, context: Context) -> None:
        """A new rule knows of the milestones that an older rule of this kind has followed, retired now or not."""
        by_rule = context.cells[MILESTONES].by_rule
        older = next((known for rule, known in sorted(by_rule.items()) if rule != self.rule_id), None)
        if self.rule_id not in by_rule and older is not None:
            context.cells.edit(MILESTONES).by_rule[self.rule_id] = {name: replace(one) for name, one in older.items()}

    def _open(self, context: Context, event: Event, milestone: Milestone, day: int) -> None:
        subject = event.data["milestone_id"]
        context.end(self.compiled, subject, event.time_ms, Over(f"it is to be done by {day_name(day)} now"))
        milestone.open, milestone.began_ms, milestone.deadline_day = True, event.time_ms, day
        if self._complete_if_connected(context, subject, milestone):
            return
        at = context.calendar.close(day)
        if at > event.time_ms:
            context.plan(self._name(subject), at)
        else:
            context.unplan(self._name(subject))

    def _complete_if_connected(self, context: Context, subject: str, milestone: Milestone) -> bool:
        """Of an open one: whether what was connected since it began is what it is about. Its kind may have become known only now."""
        connected_ms = context.cells[MILESTONES].connected_ms
        if not milestone.open or milestone.kind != self._connected_kind or connected_ms < milestone.began_ms:
            return False
        self._complete(context, subject, connected_ms)
        return True

    def _complete(self, context: Context, subject: str, time_ms: int) -> None:
        milestone = self._edit(context, subject)
        milestone.completed_ms = max(milestone.completed_ms, time_ms)
        if time_ms >= milestone.began_ms:
            milestone.open = False
            context.unplan(self._name(subject))
            context.end(self.compiled, subject, time_ms, Over("it is completed"))

    def _connected(self, context: Context, time_ms: int) -> None:
        cell = context.cells.edit(MILESTONES)
        cell.connected_ms = max(cell.connected_ms, time_ms)
        milestones = cell.by_rule.get(self.rule_id, {})
        for subject in [name for name, one in milestones.items() if one.open and one.kind == self._connected_kind]:
            self._complete(context, subject, time_ms)
