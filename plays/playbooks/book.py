"""The playbooks a worker knows, compiled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Template

from plays.playbooks.model import Playbook
from plays.playbooks.templates import Context, compile_template
from schemas.records.play_message import Step


class UnknownPlayError(LookupError):
    """A rule or a trigger names a play that has no playbook."""

    def __init__(self, play: str, known: Iterable[str]) -> None:
        super().__init__(f"no playbook {play!r}; known: {', '.join(sorted(known))}. Add {play}.yaml to the library, or correct the rule")


@dataclass(frozen=True, slots=True)
class CompiledPlaybook:
    """A playbook with its template ready and its steps in the form launches list them."""

    playbook: Playbook
    steps: tuple[Step, ...]
    template: Template

    def render(self, context: Context) -> str:
        """The message of step one; fields of `context` as `templates.FIELDS` names them."""
        return self.template.render(context).strip()


class Playbooks(Mapping[str, CompiledPlaybook]):
    """All playbooks by id. Build it from playbooks without problems and with distinct ids."""

    def __init__(self, playbooks: Iterable[Playbook]) -> None:
        self._by_id: dict[str, CompiledPlaybook] = {}
        for playbook in playbooks:
            if playbook.id in self._by_id:
                raise ValueError(f"playbook {playbook.id!r} is there twice: ids must be unique over the library")
            steps = tuple(step.as_listed() for step in playbook.steps)
            self._by_id[playbook.id] = CompiledPlaybook(playbook, steps, compile_template(playbook.message))

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
