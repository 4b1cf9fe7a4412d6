"""When a run rests depends on what was said, not on the order in which it was told."""

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.runs.rests import WORDS_AT_MOST, Kind, Rests, Word

KINDS: st.SearchStrategy[Kind] = st.sampled_from(("paused", "resumed", "snoozed"))
MOMENTS = st.integers(min_value=0, max_value=400)


@st.composite
def stories(draw: st.DrawFn, at_most: int = 12) -> list[Word]:
    """Words of distinct times, in their order."""
    words = []
    for at_ms in sorted(draw(st.sets(MOMENTS, min_size=1, max_size=at_most))):
        kind = draw(KINDS)
        until = at_ms + draw(st.integers(min_value=1, max_value=150)) if kind == "snoozed" else None
        words.append(Word(at_ms, kind, until, draw(st.sampled_from((None, "waiting_on_customer", "holiday")))))
    return words


def told(words: list[Word]) -> tuple[Rests, int]:
    """Told in this order; and how much rest the clocks were given in all."""
    rests = Rests()
    return rests, sum(change.by_ms for word in words if (change := rests.take(word)) is not None)


@settings(max_examples=500, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_leaves_the_same_rests_and_moves_the_clocks_as_far(words: list[Word], random: Random) -> None:
    shuffled = [*words, *random.choices(words, k=len(words))]
    random.shuffle(shuffled)

    assert told(shuffled) == told(words)


@settings(max_examples=500, deadline=None)
@given(stories(), MOMENTS)
def test_at_every_moment_the_latest_word_before_it_counts(words: list[Word], at_ms: int) -> None:
    rests, _ = told(words)
    last = next((word for word in reversed(words) if word.at_ms <= at_ms), None)
    rests_then = last is not None and (last.kind == "paused" or (last.until_ms is not None and at_ms < last.until_ms))
    assert (rests.resting(at_ms) is not None) == rests_then


@settings(max_examples=500, deadline=None)
@given(stories())
def test_spells_are_in_order_apart_and_never_empty_and_clocks_move_by_those_that_end(words: list[Word]) -> None:
    rests, moved = told(words)
    spells = rests.spells()
    assert all(spell.end_ms is None or spell.start_ms < spell.end_ms for spell in spells)
    assert all(one.end_ms is not None and one.end_ms <= other.start_ms for one, other in pairwise(spells))
    assert moved == sum(spell.end_ms - spell.start_ms for spell in spells if spell.end_ms is not None)


@settings(max_examples=500, deadline=None)
@given(stories(), st.integers(min_value=0, max_value=600))
def test_what_happened_before_playcall_acted_moves_nothing_any_more(words: list[Word], at_ms: int) -> None:
    rests, _ = told(words)
    resting = rests.resting(at_ms)
    rests.settle(at_ms)
    assert rests.resting(at_ms) == resting
    assert all(rests.take(Word(before, "paused")) is None for before in range(0, at_ms, 37))


@settings(max_examples=200)
@given(stories(at_most=60))
def test_what_is_kept_is_bounded(words: list[Word]) -> None:
    rests, _ = told(words)
    assert len(rests.words) <= WORDS_AT_MOST
    assert rests.words[-1] == words[-1]
