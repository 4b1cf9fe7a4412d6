"""Usage events already applied, per partition: 64-bit hashes, forgotten by generations.

Usage is most of the traffic and its ids are too many to keep for each account, so the partition remembers hashes for a
horizon of append time and no longer. What is remembered is a function of the usage events applied and their append times
alone, never of how they were fetched, committed or recovered:

- Append time is cut into slices of half the horizon. An event is a duplicate if its hash was remembered in a slice
  at most two away from its own: always within the horizon, never beyond one and a half of it.
- A generation is a piece of a slice: a hash table in memory, a few cells of the partition in `state`.
- Append times rise as a rule, but a broker's clock may be wrong for a while. So time moves on only when `strikes`
  events in a row were appended in another slice than the present one; what is more than two slices away is then forgotten.
- A new generation that might bring the hashes above `most`: the oldest goes early, and `held_ms` says what is left.
"""

from struct import Struct

from xxhash import xxh64_intdigest

from schemas.events.event import Event
from streams.engine.generation import PREFIX, Generation, restored
from streams.engine.partition_cells import PartitionCells

_CLOCK_CELL = "usage_clock"
_CLOCK = Struct("<qqiq")  # start and end of the present slice, strikes, append time up to which hashes went early
_SLICES = 2  # of a horizon: each costs every event one more look, fewer of them cost memory
_PIECES = 4  # what goes early goes by this part of `most`
_NEVER = -(1 << 62)


class UsageDuplicates:
    """The memory of one partition. About one microsecond an event; 21 to 35 bytes a hash, its bytes in `state` included."""

    __slots__ = (
        "_away",
        "_cells",
        "_clock_dirty",
        "_end_ms",
        "_generations",
        "_horizon_ms",
        "_lost_ms",
        "_most",
        "_open",
        "_others",
        "_present",
        "_start_ms",
        "_strikes",
        "_strikes_most",
        "_width_ms",
    )

    def __init__(self, cells: PartitionCells, horizon_ms: int, most: int, strikes: int = 100) -> None:
        self._cells = cells
        self._horizon_ms = horizon_ms
        self._width_ms = -(-horizon_ms // _SLICES)
        self._most = most
        self._generations: list[Generation] = []  # in the order in which they were begun
        self._present: tuple[int, int] | None = None  # the slice that counts as now
        self._strikes = 0  # events in a row outside of it
        self._strikes_most = strikes
        self._lost_ms = _NEVER
        self._clock_dirty = False
        self._turn_to(0)

    def recovered(self) -> None:
        """The partition's cells are read: take the hashes from them."""
        self._generations = list(restored(self._cells))
        clock = self._cells.get(_CLOCK_CELL)
        if clock is not None:
            start_ms, end_ms, self._strikes, self._lost_ms = _CLOCK.unpack(clock)
            self._present = start_ms, end_ms
        self._turn_to(0)

    @property
    def held_ms(self) -> int:
        """How far back duplicates are known for certain: the horizon, or less when hashes had to go early."""
        newest_ms = max((generation.newest_ms for generation in self._generations), default=0)
        return max(0, min(self._horizon_ms, newest_ms - self._lost_ms))

    @property
    def hashes(self) -> int:
        """How many are remembered."""
        return sum(generation.count for generation in self._generations)

    def first_sight(self, event: Event) -> bool:
        """Remember the event; False when it is remembered already.

        64-bit hashes: with a million remembered, a new event is taken for a known one with a chance of 5e-14.
        """
        source, appended_ms = event.source, event.appended_ms
        # The length as seed keeps source and ids apart: they may contain any character, only account ids no 0x00.
        identity = xxh64_intdigest(f"{source}{event.account_id}\0{event.event_id}".encode(), len(source)) or 1
        if not self._start_ms <= appended_ms < self._end_ms:
            self._turn_to(appended_ms)
        for slots, mask in self._others:
            at = identity & mask
            while found := slots[at]:
                if found == identity:
                    return False
                at = (at + 1) & mask
        generation = self._open
        if not generation.room:
            if generation.holds(identity):
                return False
            generation = self._make_room()
        slots, mask = generation.slots, generation.mask
        at = identity & mask
        while found := slots[at]:
            if found == identity:
                return False
            at = (at + 1) & mask
        slots[at] = identity
        generation.room -= 1
        generation.fresh.append(identity)
        if appended_ms > generation.newest_ms:  # noqa: PLR1730 this is the hot path, and max is a call
            generation.newest_ms = appended_ms
        if self._away or self._strikes:
            self._tell_time()
        return True

    def flush(self) -> None:
        """Put what was remembered since the last commit into the partition's cells."""
        for generation in self._generations:
            if generation.fresh:
                generation.write(self._cells)
        if self._clock_dirty and self._present is not None:
            self._cells.put(_CLOCK_CELL, _CLOCK.pack(*self._present, self._strikes, self._lost_ms))
            self._clock_dirty = False

    def _turn_to(self, appended_ms: int) -> None:
        """Make the slice of this append time the one that is compared and added to."""
        width = self._width_ms
        self._start_ms = appended_ms // width * width
        self._end_ms = self._start_ms + width
        same = [g for g in self._generations if (g.start_ms, g.end_ms) == (self._start_ms, self._end_ms)]
        self._open = same[-1] if same else Generation(-1, self._start_ms, self._end_ms)
        self._others = [(g.slots, g.mask) for g in self._generations if g is not self._open and self._near(g)]
        self._away = self._present != (self._start_ms, self._end_ms)

    def _near(self, generation: Generation) -> bool:
        reach = _SLICES * self._width_ms
        return generation.end_ms > self._start_ms - reach and generation.start_ms < self._end_ms + reach

    def _make_room(self) -> Generation:
        limit = max(1, self._most // _PIECES)
        if self._open.number < 0 or not self._open.grow(limit):
            while self._generations and self.hashes > self._most - limit:
                self._lost_ms = max(self._lost_ms, self._generations[0].newest_ms)
                self._clock_dirty = True
                self._forget(self._generations[0])
            # As large as the last one at once: growing means adding everything again.
            number = self._generations[-1].number + 1 if self._generations else 0
            generation = Generation(number, self._start_ms, self._end_ms)
            generation.grow(limit, expected=self._generations[-1].count if self._generations else 0)
            self._generations.append(generation)
            self._turn_to(self._start_ms)
        return self._open

    def _tell_time(self) -> None:
        self._clock_dirty = True
        if not self._away:
            self._strikes = 0
            return
        self._strikes += 1
        if self._present is None or self._strikes >= self._strikes_most:
            self._present = self._start_ms, self._end_ms
            self._strikes = 0
            for generation in [g for g in self._generations if not self._near(g)]:
                self._forget(generation)
            self._turn_to(self._start_ms)

    def _forget(self, generation: Generation) -> None:
        self._generations.remove(generation)
        generation.delete(self._cells)


def forget_all(cells: PartitionCells) -> None:
    """The check is turned off: nothing of it stays in `state`."""
    for name in cells.names(PREFIX):
        cells.delete(name)
    cells.delete(_CLOCK_CELL)
