"""Skills that playbooks wish for: of the play for whoever owns the run, of a step for whoever it is asked for."""

from collections.abc import Iterator, Sequence

from plays.playbooks.step import OWNER, PlayStep
from plays.policy.owners import Team
from plays.problem import Problem
from plays.runs.roles import AUTOMATION


def misplaced_skills(steps: Sequence[PlayStep]) -> Iterator[Problem]:
    """Skills of steps that nobody is asked for: whoever has the run does them, or automation."""
    for index, step in enumerate(steps):
        if step.skills and step.owner_role in (OWNER, AUTOMATION):
            what = f"step {step.name!r} wishes for skills, and nobody is asked for it: its role is {step.owner_role}"
            yield Problem(("steps", index, "skills"), what, "name a role, or move the skills to the playbook: they are for the run's owner")


def unknown_skills(skills: Sequence[str], steps: Sequence[PlayStep], team: Team) -> Iterator[Problem]:
    """Skills that nobody of the owners file has. They change nothing: a wish nobody can fulfil leaves out nobody."""
    known = sorted({skill for person in team.people for skill in person.skills})
    fix = f"name one of {', '.join(known)}, or give it to somebody there" if known else "give it to somebody there, or take it out"
    for loc, wanted in ((("skills",), skills), *((("steps", index, "skills"), step.skills) for index, step in enumerate(steps))):
        for place, skill in enumerate(wanted):
            if skill not in known:
                yield Problem((*loc, place), f"nobody in the owners file has the skill {skill!r}", fix)
