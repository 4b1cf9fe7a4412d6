"""Updates of runs and requests for triggers that are well-formed and still make no sense."""

from collections.abc import Iterator

from tests.corpus.nasty import APPLIED, Nasty, event

REQUESTS = "trigger-requests"
UPDATES = "play-updates"
LATER = frozenset({"unknown_run", "unknown_play", "bad_request"})
"""Reasons that only the router gives: decoding has nothing against these events."""


def everything() -> Iterator[Nasty]:
    """Most are refused by the router, which knows the playbooks and the runs."""

    def request(name: str, outcome: str, **changes: object) -> Nasty:
        changed = {"event_id": f"request {name}-0001", "subject_kind": "item", "subject_id": name, **changes}
        return Nasty(f"request: {name}", REQUESTS, outcome, event(REQUESTS, "trigger.requested", **changed))

    yield request("plain", APPLIED)
    yield request("unknown play", "unknown_play", play="no-such-play")
    yield request("play is a path", "unknown_play", play="../../secret")
    yield request("play is a blank", "unknown_play", play=" ")
    yield request("play a number", "invalid_field", play=5)
    yield request("role nobody has", "bad_request", owner_role="wizard")
    yield request("role a blank", "bad_request", owner_role=" ")
    yield request("first action in words", "bad_request", first_action="soon")
    yield request("first action negative", "bad_request", first_action="-4h")
    yield request("first action of 10^30 hours", "bad_request", first_action="9" * 30 + "h")
    yield request("first action of a thousand years", "bad_request", first_action="8766000h")
    yield request("why is a template", APPLIED, why="{{ account.__class__ }} {% raw %}")
    yield request("why of blanks", APPLIED, why="   ")
    yield request("why of 4,000 characters", APPLIED, why="\u0000" * 4_000)
    yield request("rule is a blank", APPLIED, rule=" ")
    yield request("subject with control characters", APPLIED, subject_kind="\x00", subject_id="\x00\x1b")
    yield request("figures of 10^15", APPLIED, observed=1e15, threshold=-1e15)
    for kind in (
        "run.acknowledged",
        "run.started",
        "run.replied",
        "run.reassigned",
        "run.closed",
        "run.snoozed",
        "run.paused",
        "run.resumed",
    ):
        changed = {"event_id": f"{kind} nobody-0001", "run_id": "nobody"}
        yield Nasty(f"update: {kind} of an unknown run", UPDATES, "unknown_run", event(UPDATES, kind, **changed))
    yield Nasty("update: a run id of blanks", UPDATES, "unknown_run", event(UPDATES, "run.closed", event_id="blank-0001", run_id="   "))
    yield Nasty("update: snoozed until a word", UPDATES, "invalid_field", event(UPDATES, "run.snoozed", until="later"))
    yield Nasty("update: an unknown code", UPDATES, "invalid_field", event(UPDATES, "run.closed", code="whatever"))
