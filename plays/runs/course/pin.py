"""The playbook a run is pinned to, as it was when the run set out: a compact copy that outlives every change of the file."""

import json
import zlib
from functools import lru_cache

from plays.playbooks.book import CompiledPlaybook
from plays.playbooks.model import Playbook
from plays.policy.links import Links
from plays.runs.course.plan import Plan, plan_of

_LEVEL = 9


class PinError(ValueError):
    """A pinned copy that cannot be read."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a pinned playbook cannot be read: {what}")


@lru_cache(maxsize=512)  # by identity: one entry a playbook of the library
def pin(compiled: CompiledPlaybook) -> bytes:
    """What the file states, and the pages it links to, compressed: about 950 bytes for the shipped playbooks."""
    stated = compiled.playbook.model_dump_json(exclude_unset=True)
    pages = json.dumps(_used(compiled.playbook, compiled.links), separators=(",", ":"))
    return zlib.compress(f'{{"playbook":{stated},"links":{pages}}}'.encode(), _LEVEL)


@lru_cache(maxsize=512)  # many runs of one play share their copy
def unpin(data: bytes) -> CompiledPlaybook:
    """The playbook a copy was made of, ready to use. Raises `PinError` for damaged data, or what this release does not know."""
    try:
        stated = json.loads(zlib.decompress(data))
        playbook = Playbook.model_validate_json(json.dumps(stated["playbook"]))
        return CompiledPlaybook(playbook, Links.model_validate({"links": stated["links"]}))
    except (zlib.error, ValueError, KeyError) as error:
        raise PinError(str(error)) from error


@lru_cache(maxsize=2048)
def plan_for(compiled: CompiledPlaybook, left_out: tuple[int, ...]) -> Plan:
    """The plan of an account that does not have the steps at these places."""
    playbook = compiled.but(left_out).playbook
    return plan_of(playbook.steps, playbook.max_age)


def _used(playbook: Playbook, links: Links) -> dict[str, object]:
    """Pages that a step or a text names."""
    texts = " ".join((playbook.briefing, *(text for step in playbook.steps for text in (step.message, step.briefing) if text)))
    named = {name for step in playbook.steps for name in step.links}
    return {name: page.model_dump(mode="json") for name, page in links.links.items() if name in named or f"links.{name}" in texts}
