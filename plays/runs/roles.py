"""Owner roles as rules ask for them."""

import re
from dataclasses import dataclass

AUTOMATION = "automation"
NAMED_PERSON = "named person"
NAMED_IN = "owner"
"""The fact of a trigger's evidence that says who `named person` is."""

# Every role a rule or playbook may name. `account.csm` and `account.account_executive` come from the account's profile.
ROLES = frozenset(
    {
        "csm", "csm_pool", "account_executive", "support_lead", "implementation_lead", "enablement",
        "renewal_specialist", "cs_lead", "duty", AUTOMATION,
    }
)  # fmt: skip

_TECH = re.compile(r"(\w+) \(tech: (\w+)\)")


@dataclass(frozen=True, slots=True)
class RoleAsk:
    """Who is asked for: the owner's role, the owner's role for tech-touch accounts, and who works with them.

    `named`: the person whom the trigger names comes before the role.
    """

    first: str
    tech: str | None = None
    second: str | None = None
    named: bool = False


class RoleError(ValueError):
    """The text names no role we know."""

    def __init__(self, text: str) -> None:
        forms = f"or a+b, a -> b, a (tech: b), {NAMED_PERSON}"
        super().__init__(f"owner role {text!r} is not understood: use one of {', '.join(sorted(ROLES))}, {forms}")


def parse_role(text: str) -> RoleAsk:
    """Reads `csm`, `csm+account_executive` and `support_lead -> csm` (first owns), `csm (tech: csm_pool)`, and `named person`:
    the one the trigger names, else the csm. Raises `RoleError`.
    """
    if text == NAMED_PERSON:
        return RoleAsk("csm", named=True)
    if match := _TECH.fullmatch(text):
        ask = RoleAsk(match[1], tech=match[2])
    else:
        parts = [part.strip() for part in re.split(r"\+|->", text)]
        if len(parts) > 2:
            raise RoleError(text)
        ask = RoleAsk(parts[0], second=parts[1] if len(parts) > 1 else None)
    for role in (ask.first, ask.tech, ask.second):
        if role is not None and role not in ROLES:
            raise RoleError(text)
    return ask
