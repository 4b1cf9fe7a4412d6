"""Whether an action may happen now, and if not, what all stands against it."""

from collections.abc import Iterator, Sequence

from plays.suppression.policy import Silence, SuppressionPolicy
from plays.suppression.quiet import quiet_until
from plays.suppression.touches import Touches
from plays.suppression.verdict import Action, Cause, Drop, Hold, OpenRun, Verdict
from schemas.records.wire import epoch_ms, rfc3339, utc

QUIET_HOURS = "quiet hours"
CONTACT_BUDGET = "contact budget"


def judge(policy: SuppressionPolicy, action: Action, runs: Sequence[OpenRun], touches: Touches, now_ms: int) -> Verdict:
    """None: go. Else what stands against the action at `now_ms` (ms UTC), in the order of the policy's sections.

    A P1 is stopped by maintenance and silences alone. Contact budget and quiet hours are about messages, not about launches: a
    launch tells our own people. Judged again at `Hold.until_ms`, or when a run is closed or the policy is another one, it goes at
    the first moment at which nothing stands against it: every cause holds from now until its own end.
    """
    silenced = tuple(_silences(policy, action, now_ms))
    for silence, cause in silenced:
        if silence.drop:
            return Drop(cause)
    causes = (
        *_maintenance(policy, action, now_ms),
        *(cause for _, cause in silenced),
        *_inhibitions(policy, action, runs),
        *(_of_messages(policy, action, touches, now_ms) if action.kind == "message" else ()),
    )
    return Hold(causes) if causes else None


def silence_matches(silence: Silence, action: Action) -> bool:
    """Whether the silence speaks of the action; what it does not name matches."""
    return (
        (not silence.accounts or action.account_id in silence.accounts)
        and (not silence.rules or action.rule in silence.rules)
        and (not silence.plays or action.play in silence.plays)
        and (not silence.segments or any(name in silence.segments for name in action.path))
    )


def _maintenance(policy: SuppressionPolicy, action: Action, now_ms: int) -> Iterator[Cause]:
    for window in policy.maintenance:
        ends_ms = epoch_ms(window.ends)
        if not epoch_ms(window.starts) <= now_ms < ends_ms:
            continue
        everywhere = not (window.segments or window.regions)
        if everywhere or action.region in window.regions or any(name in window.segments for name in action.path):
            yield Cause("maintenance", window.name, f"maintenance until {rfc3339(window.ends)}: {window.reason}", ends_ms)


def _silences(policy: SuppressionPolicy, action: Action, now_ms: int) -> Iterator[tuple[Silence, Cause]]:
    for silence in policy.silences:
        ends_ms = epoch_ms(silence.expires)
        if (silence.starts is None or epoch_ms(silence.starts) <= now_ms) and now_ms < ends_ms and silence_matches(silence, action):
            detail = f"silenced by {silence.author} until {rfc3339(silence.expires)}: {silence.reason}"
            yield silence, Cause("silenced", silence.name, detail, ends_ms)


def _inhibitions(policy: SuppressionPolicy, action: Action, runs: Sequence[OpenRun]) -> Iterator[Cause]:
    if action.priority == "P1":
        return
    for inhibition in policy.inhibitions:
        if not any(kinds.holds(action.concern, action.priority) for kinds in inhibition.mute):
            continue
        on = [run for run in runs if run.id != action.run and inhibition.while_open.holds(run.concern, run.priority)]
        if on:
            more = f" and {len(on) - 1} more" if len(on) > 1 else ""
            detail = f"while {on[0].priority} run {on[0].id} on {on[0].concern}{more} is open: {inhibition.reason}"
            yield Cause("inhibited", inhibition.name, detail, None)


def _of_messages(policy: SuppressionPolicy, action: Action, touches: Touches, now_ms: int) -> Iterator[Cause]:
    if action.priority == "P1":
        return
    budget, quiet = policy.contact_budget, policy.quiet_hours
    if budget is not None and action.priority not in budget.exempt:
        free_ms = touches.free_at(budget, action.contact)
        if free_ms > now_ms:
            detail = f"at most {budget.per_contact} messages to a contact and {budget.per_account} to an account in {budget.window} days"
            yield Cause("contact_budget", CONTACT_BUDGET, f"{detail}: room again at {rfc3339(utc(free_ms))}", free_ms)
    if quiet is not None and action.priority not in quiet.exempt:
        until_ms = quiet_until(quiet, action.timezone, now_ms)
        if until_ms is not None:
            detail = f"quiet hours at the customer until {rfc3339(utc(until_ms))}"
            yield Cause("quiet_hours", QUIET_HOURS, detail, until_ms)
