"""The escalation ladder of a run."""

from plays.policy.owners import Team
from plays.runs.owner import AccountPeople, next_owner
from plays.runs.roles import RoleAsk
from plays.runs.run import Run
from schemas.records.play_message import Owner


def build_ladder(ask: RoleAsk, escalation: tuple[str, ...], owner_role: str) -> list[str]:
    """Roles in the order they take over: the companion the rule names, then the playbook's path; never the owner's own role."""
    roles = (*((ask.second,) if ask.second is not None else ()), *escalation)
    return [role for role in dict.fromkeys(roles) if role != owner_role]


def climb(run: Run, account: AccountPeople, team: Team, because: str) -> Owner | None:
    """Take the next role of the ladder that has somebody else than the present owner; None at its end. Uses up the rungs."""
    while run.ladder:
        role = run.ladder.pop(0)
        owner = next_owner(role, account, team, run.owner.id)
        if owner is not None:
            detail = f"{because}; after {run.owner.name} ({run.owner.role}): {owner.detail}"
            return owner.model_copy(update={"reason": "escalation", "detail": detail})
    return None
