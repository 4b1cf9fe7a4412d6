"""What a question to the roster wishes for: the skills that the play names, and the languages of whoever is spoken with."""

from typing import NamedTuple

from plays.playbooks.step import INTERNAL
from plays.runs.asking import name_in_play, owns
from plays.runs.run import Run
from streams.processing.account import PROFILE
from streams.router.course.pins import playbook_of
from streams.router.scene import Scene


class Wishes(NamedTuple):
    """Of one question. Nobody is left out for lack of them."""

    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def wishes(scene: Scene, run: Run, step: str) -> Wishes:
    """Of whoever owns the run, at launch or by a level of its ladder: the play's skills, the account's languages.

    Of a step that has somebody of its own: the step's skills; the languages only where somebody outside is reached.
    """
    languages = tuple(scene.cells[PROFILE].languages)
    compiled = playbook_of(scene, run)
    if compiled is None and run.play in scene.playbooks:
        compiled = scene.playbooks[run.play]
    if owns(step):
        return Wishes(() if compiled is None else compiled.playbook.skills, languages)
    steps = () if compiled is None else compiled.playbook.steps
    stated = next((one for one in steps if one.name == name_in_play(step)), None)
    if stated is None:
        return Wishes()
    return Wishes(stated.skills, () if stated.kind in INTERNAL else languages)
