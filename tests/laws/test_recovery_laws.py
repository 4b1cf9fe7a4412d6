"""When a run that rests on several episodes has recovered: laws of the router, against a recount by hand."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records.trigger import Trigger
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.processing.moment import Moment
from tests.desk import HOUR, T0, Desk, usage_drop

LAWS = settings(max_examples=500, deadline=None)
RULES = ("R1", "R2", "R3", "R4")
UNKNOWN = "R4"
"""Names nothing that ends an episode: nobody can say whether it holds."""


class Act(NamedTuple):
    """A rule fires, or its latest episode ends. What does not fit (it holds already, it holds no more) is not done."""

    rule: str
    what: str


class Known:
    """The judge of an account: what holds by now."""

    def __init__(self) -> None:
        self.standing: dict[str, Trigger] = {}

    def holds(self, _cells: object, episode: EpisodeRef, _moment: Moment) -> bool | None:
        fired = self.standing.get(episode.rule)
        return None if episode.rule == UNKNOWN else fired is not None and fired.episode == episode.episode


class Told:
    """A desk that is told a story; `resting` is what the open run rests on by a recount: episode -> how it ended."""

    def __init__(self) -> None:
        self.known = Known()
        self.desk = Desk(csm="aisha.rahman", judge=self.known)
        self.resting: dict[str, str] = {}
        self.fired = 0

    def do(self, act: Act) -> None:
        """One thing happens, and the recount says what must come of it."""
        self.desk.advance(HOUR)
        standing = self.known.standing.get(act.rule)
        if act.what == "fires" and standing is None:
            self.fired += 1
            one = usage_drop(act.rule, play="PB1", episode=f"2026-01-{self.fired:02d}T00:00:00.000Z", at_ms=self.desk.now_ms)
            self.known.standing[act.rule] = one
            self.resting[one.trigger_id] = "unknown" if act.rule == UNKNOWN else "holds"
            assert [m.kind for m in self.desk.trigger(one)] == (["launched"] if len(self.resting) == 1 else ["joined"])
        elif act.what != "fires" and standing is not None and act.rule != UNKNOWN:
            del self.known.standing[act.rule]
            expired = act.what == "runs out"
            if standing.trigger_id in self.resting:
                self.resting[standing.trigger_id] = act.what
            said = self.desk.clear(
                Cleared(act.rule, standing.subject, standing.episode, standing.trigger_id, T0, self.desk.now_ms, "it is over", expired)
            )
            over = "clears" in self.resting.values() and "holds" not in self.resting.values()
            assert [(m.kind, m.code) for m in said] == ([("closed", "adoption_recovered")] if over else [])
            if over:
                assert said[0].note is not None
                assert ("ran out" in said[0].note) == ("runs out" in self.resting.values())
                self.resting = {}


acts = st.builds(Act, st.sampled_from(RULES), st.sampled_from(("fires", "fires", "clears", "runs out")))


@LAWS
@given(st.lists(acts, min_size=3, max_size=20))
def test_a_run_recovers_once_something_it_rests_on_has_cleared_and_nothing_still_holds(story: list[Act]) -> None:
    told = Told()
    for act in story:
        told.do(act)


@LAWS
@given(st.permutations([Act(rule, what) for rule, what in zip(RULES[:3], ("clears", "runs out", "clears"), strict=True)]), st.data())
def test_the_order_in_which_episodes_end_changes_nothing(ends: list[Act], data: st.DataObject) -> None:
    """All fire, some run out, at least one clears: whichever comes first, the run has recovered with the last, and not before."""
    told = Told()
    for rule in data.draw(st.permutations(RULES)):
        told.do(Act(rule, "fires"))
    kinds = data.draw(st.lists(st.sampled_from(("clears", "runs out")), min_size=3, max_size=3))
    for act, kind in zip(ends, kinds, strict=True):
        assert not any(message.kind == "closed" for message in told.desk.messages)
        told.do(act._replace(what=kind))
    assert any(message.kind == "closed" for message in told.desk.messages) == ("clears" in kinds)
