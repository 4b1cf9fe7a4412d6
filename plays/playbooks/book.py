"""The playbooks a worker knows, compiled."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import Template

from plays.playbooks.account_steps import not_for, without
from plays.playbooks.flow import follows
from plays.playbooks.model import Playbook
from plays.playbooks.schedule import schedule
from plays.playbooks.step import FALLBACK, PlayStep
from plays.playbooks.templates import LINKS, Context, compile_template
from plays.policy.links import Links
from plays.policy.segments import Facts
from plays.sla.calendar import WorkingCalendar
from schemas.records.play_message import Link, Repeat, Step, WaitUntil
from schemas.records.wire import utc

RULER = "---"
"""The line between what is for the customer and what is for the owner."""


DIGEST = 16  # hex digits of SHA-256


class UnknownPlayError(LookupError):
    """A rule or a trigger names a play that has no playbook."""

    def __init__(self, play: str, known: Iterable[str]) -> None:
        close = get_close_matches(play, sorted(known), n=3)
        meant = f"did you mean {' or '.join(close)}? " if close else ""
        super().__init__(f"no playbook {play!r}: {meant}`playcall plays ls` lists all there are")


@dataclass(frozen=True, slots=True)
class Texts:
    """The compiled templates of one step."""

    message: Template | None
    briefing: Template | None


class CompiledPlaybook:
    """A playbook with its templates ready and its steps in the form launches list them."""

    __slots__ = ("_briefing", "_texts", "_urls", "_variants", "digest", "links", "listed", "playbook")

    def __init__(self, playbook: Playbook, links: Links) -> None:
        self.playbook = playbook
        self.links = links
        self.digest = playbook.content_hash[:DIGEST]
        """Tells the versions of one play apart by their content."""
        self._variants: dict[tuple[int, ...], CompiledPlaybook] = {}
        self.listed = tuple(_listed(playbook, index, links) for index in range(len(playbook.steps)))
        """The steps without what depends on the launch: whose they are, and when they are due."""
        self._urls = links.urls()
        self._briefing = compile_template(playbook.briefing)
        self._texts = tuple(Texts(_compiled(step.message), _compiled(step.briefing)) for step in playbook.steps)

    def for_account(self, facts: Facts) -> "CompiledPlaybook":
        """The playbook as it is for an account: without the steps that are for others."""
        return self.but(self.left_out(facts))

    def left_out(self, facts: Facts) -> tuple[int, ...]:
        """Places of the steps that are for other accounts."""
        return not_for(self.playbook.steps, facts)

    def but(self, others: tuple[int, ...]) -> "CompiledPlaybook":
        """The playbook without the steps at these places."""
        if not others:
            return self
        found = self._variants.get(others)
        if found is None:
            steps = without(self.playbook.steps, others)
            found = self._variants[others] = CompiledPlaybook(self.playbook.model_copy(update={"steps": steps}), self.links)
        return found

    def render(self, context: Context) -> str:
        """What a launch says: the first message to the customer, a line `---`, the owner's briefing; or the briefing alone.

        `context` has the fields that `templates.FIELDS` names.
        """
        briefing = self.briefing(context)
        opening = self.playbook.opening
        if opening is None:
            return briefing
        return f"{self.message(self.playbook.steps.index(opening), context)}\n{RULER}\n{briefing}"

    def briefing(self, context: Context) -> str:
        """The owner's briefing for the whole play."""
        return self._render(self._briefing, context)

    def message(self, index: int, context: Context) -> str:
        """What the customer reads because of a step; empty if nothing."""
        return self._render(self._texts[index].message, context)

    def step_briefing(self, index: int, context: Context) -> str:
        """What the owner of a step reads beside its instruction; empty if nothing."""
        return self._render(self._texts[index].briefing, context)

    def steps(
        self, trigger_ms: int, act_by_ms: int | None, calendar: WorkingCalendar, who: Callable[[str], tuple[str, str]]
    ) -> tuple[Step, ...]:
        """The steps as a launch lists them. `who` gives role and id of the person for a step's role (also `owner`)."""
        slots = schedule(self.playbook.steps, trigger_ms, act_by_ms, calendar)
        found = []
        for step, slot in zip(self.listed, slots, strict=True):
            role, person = who(step.owner_role)
            due_by = None if slot.due_ms is None else utc(slot.due_ms)
            found.append(step.model_copy(update={"owner_role": role, "owner": person, "due_by": due_by}))
        return tuple(found)

    def _render(self, template: Template | None, context: Context) -> str:
        return "" if template is None else template.render({**context, LINKS: self._urls}).strip()


class Playbooks(Mapping[str, CompiledPlaybook]):
    """All playbooks by id. Build it from playbooks without problems and with distinct ids."""

    def __init__(self, playbooks: Iterable[Playbook], links: Links) -> None:
        self.links = links
        self._by_id: dict[str, CompiledPlaybook] = {}
        for playbook in playbooks:
            if playbook.id in self._by_id:
                raise ValueError(f"playbook {playbook.id!r} is there twice: ids must be unique over the library")
            self._by_id[playbook.id] = CompiledPlaybook(playbook, links)

    def __getitem__(self, play: str) -> CompiledPlaybook:
        try:
            return self._by_id[play]
        except KeyError:
            raise UnknownPlayError(play, self._by_id) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, play: object) -> bool:
        return play in self._by_id

    def stated(self) -> Iterator[Playbook]:
        """The playbooks as their files state them."""
        for compiled in self._by_id.values():
            yield compiled.playbook

    def require(self, plays: Iterable[str]) -> None:
        """Refuse a rule library that names a play nobody wrote. Raises `UnknownPlayError`."""
        for play in plays:
            self[play]


def _compiled(source: str | None) -> Template | None:
    return None if source is None else compile_template(source)


def _listed(playbook: Playbook, index: int, links: Links) -> Step:
    step = playbook.steps[index]
    places = follows(playbook.steps, index)
    after = None if step.after == FALLBACK else tuple(playbook.steps[place].name for place in places or ())
    pages = tuple(Link(name=name, title=links.links[name].title, url=links.links[name].url) for name in step.links)
    return Step(
        name=step.name,
        kind=step.kind,
        owner_role=step.owner_role,
        instruction=step.instruction,
        wait=step.wait,
        only_if=step.only_if,
        channel=step.channel or ("email" if step.kind == "message" else None),
        after=after,
        until=_until(step),
        repeat=_repeat(step),
        due=step.due,
        links=pages,
    )


def _until(step: PlayStep) -> WaitUntil | None:
    until = step.until
    if until is None or until.at_most is None or until.otherwise is None:
        return None
    return WaitUntil(condition=until.condition, at_most=until.at_most, otherwise=until.otherwise)


def _repeat(step: PlayStep) -> Repeat | None:
    cadence = step.repeat
    if cadence is None or cadence.at_most is None:
        return None
    return Repeat(every=cadence.every, until=cadence.until, at_most=cadence.at_most)
