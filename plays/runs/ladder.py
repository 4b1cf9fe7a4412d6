"""The escalation ladder of a run."""

from plays.runs.roles import RoleAsk


def build_ladder(ask: RoleAsk, escalation: tuple[str, ...], owner_role: str) -> list[str]:
    """Roles in the order they take over: the companion the rule names, then the playbook's path; never the owner's own role."""
    roles = (*((ask.second,) if ask.second is not None else ()), *escalation)
    return [role for role in dict.fromkeys(roles) if role != owner_role]
