"""When a run rests: paused, snoozed, resumed, in the order in which it happened, whatever the order in which it is told."""

from typing import Literal, NamedTuple

import msgspec

Kind = Literal["paused", "resumed", "snoozed"]

WORDS_AT_MOST = 20


class Word(msgspec.Struct, array_like=True):
    """One thing somebody said about resting, in ms since the epoch, UTC. `until_ms`: of a snooze."""

    at_ms: int
    kind: Kind
    until_ms: int | None = None
    reason: str | None = None


class Spell(msgspec.Struct, array_like=True, frozen=True):
    """A half-open stretch of rest; `end_ms` is None while nobody has said when it ends."""

    start_ms: int
    end_ms: int | None
    reason: str | None = None


class Change(NamedTuple):
    """The stretches of rest before a word was known, and with it."""

    before: tuple[Spell, ...]
    after: tuple[Spell, ...]

    @property
    def by_ms(self) -> int:
        """How much rest that ended or will end was added; less than 0: taken away."""
        return _ended(self.after) - _ended(self.before)


class Rests(msgspec.Struct, array_like=True):
    """What was said since `floor_ms`, in order of time. What is told later of the time before that changes nothing."""

    words: list[Word] = []
    floor_ms: int = 0

    def take(self, word: Word) -> Change | None:
        """Put a word in its place: the stretches of rest before and after it. None: nothing changes.

        The latest word counts until the next one: a snooze ends a pause at its own end, a pause makes
        a snooze open-ended, a resumption ends either. So the result depends on the words, not on the order they come in.
        """
        if word.at_ms < self.floor_ms or word in self.words:
            return None
        before = self.spells()
        place = next((i for i, known in enumerate(self.words) if known.at_ms > word.at_ms), len(self.words))
        self.words.insert(place, word)
        after = self.spells()
        if len(self.words) > WORDS_AT_MOST:
            del self.words[0]
            self.floor_ms = self.words[0].at_ms
        return None if after == before else Change(before, after)

    def spells(self) -> tuple[Spell, ...]:
        """The stretches of rest, in order. They do not overlap, and none is empty."""
        found: list[Spell] = []
        now: Spell | None = None
        for word in self.words:
            if now is not None and now.end_ms is not None and now.end_ms <= word.at_ms:
                found.append(now)
                now = None
            if word.kind == "resumed":
                if now is not None and now.start_ms < word.at_ms:
                    found.append(Spell(now.start_ms, word.at_ms, now.reason))
                now = None
            else:
                start_ms = word.at_ms if now is None else now.start_ms
                reason = word.reason if now is None or word.reason is not None else now.reason
                now = Spell(start_ms, word.until_ms if word.kind == "snoozed" else None, reason)
        return (*found, now) if now is not None else tuple(found)

    def open_since(self) -> int | None:
        """Since when the run rests with no end in sight; None where it does not."""
        spells = self.spells()
        return spells[-1].start_ms if spells and spells[-1].end_ms is None else None

    def resting(self, at_ms: int) -> Spell | None:
        """The stretch of rest a moment lies in."""
        return next((s for s in self.spells() if s.start_ms <= at_ms and (s.end_ms is None or at_ms < s.end_ms)), None)

    def settle(self, at_ms: int) -> None:
        """From here on only what happens from `at_ms` on counts: Playcall itself has acted on what it knew. Call it at rest or not."""
        rest = self.resting(at_ms)
        self.words = [] if rest is None else [word for word in self.words if word.at_ms >= rest.start_ms]
        self.floor_ms = max(self.floor_ms, at_ms)


def _ended(spells: tuple[Spell, ...]) -> int:
    return sum(spell.end_ms - spell.start_ms for spell in spells if spell.end_ms is not None)
