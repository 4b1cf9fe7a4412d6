"""CPU cost of signals alone: microseconds per usage event and per day close, bytes per account.

Run: python tests/bench/signals_cost.py [accounts] [days] [rule ids, or all].

Cells are flushed as often as commits of 20,000 events would.
"""

import random
import sys
import time
from collections.abc import Sequence

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from schemas.events.event import Event
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Raise, SetDeadline
from streams.processing.moment import Mode, Moment
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of
from streams.signals.usage import DAY_CLOSE

DAY_MS = 86_400_000
START_MS = 1_772_409_600_000
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney")


def main(accounts: int = 2_000, days: int = 42, rules: Sequence[str] = ()) -> None:
    """Feed steady usage, day by day, and time events and closes apart."""
    segments = load_segments(POLICY)
    segments.closed.load()
    stated = load_rules(LIBRARY, segments.names)
    processor = SignalsProcessor(RuleBook(rule for rule in stated if not rules or rule.id in rules), segments)
    chance = random.Random(7)
    cells = {f"a{n}": Cells(f"a{n}") for n in range(accounts)}
    deadlines: dict[str, int] = {}
    for n, (name, state) in enumerate(cells.items()):
        profile = {
            "event_id": "p", "type": "account.created", "account_id": name, "source": "b", "occurred_at": "2026-03-01T12:00:00Z",
            "name": name, "timezone": ZONES[n % 5], "acv": float(chance.choice((2_000, 2_000, 20_000, 80_000))),
            "key_features": ["f1", "f2"], "csm": "kim",
        }  # fmt: skip
        for event in events_of([profile]):
            for effect in processor.on_event(state, event, Moment(event.time_ms)):
                if isinstance(effect, SetDeadline) and effect.name == DAY_CLOSE:  # rules that look at absence close days from here on
                    deadlines[name] = effect.at_ms
        _flush(state)
    spent = {"event": 0.0, "close": 0.0}
    count = {"event": 0, "close": 0, "trigger": 0}
    for day in range(days):
        batch = []
        for name in cells:
            for _ in range(chance.choice((0, 1, 2, 3, 5, 11))):
                at = START_MS + day * DAY_MS + chance.randrange(DAY_MS)
                data = {"user_id": f"user-{chance.randrange(12)}", "feature": f"f{chance.randrange(8)}", "actor": "human"}
                batch.append(Event("product-usage", 0, 0, at, at, "feature.used", name, "e", "s", data))
        batch.sort(key=lambda event: event.time_ms)
        moment = Moment(START_MS + day * DAY_MS, mode=Mode.CATCHING_UP)
        for first in range(0, len(batch), 20_000):
            part = batch[first : first + 20_000]
            before = time.process_time()
            for event in part:
                for effect in processor.on_event(cells[event.account_id], event, moment):
                    if isinstance(effect, SetDeadline) and effect.name == DAY_CLOSE:
                        deadlines[event.account_id] = effect.at_ms
            for name in dict.fromkeys(event.account_id for event in part):
                _flush(cells[name])
            spent["event"] += time.process_time() - before
        count["event"] += len(batch)
        end = START_MS + (day + 1) * DAY_MS + DAY_MS // 2
        due = [(name, at) for name, at in deadlines.items() if at <= end]
        moment = Moment(end, mode=Mode.CATCHING_UP)
        before = time.process_time()
        for name, at in due:
            del deadlines[name]
            for effect in processor.on_deadline(cells[name], Deadline(DAY_CLOSE, at), moment):
                if isinstance(effect, SetDeadline) and effect.name == DAY_CLOSE:
                    deadlines[name] = effect.at_ms
                elif isinstance(effect, Raise):
                    count["trigger"] += 1
            _flush(cells[name])
        spent["close"] += time.process_time() - before
        count["close"] += len(due)
    size = sum(len(name) + len(data) for state in cells.values() for name, data in state._raw.items())
    print(f"{count['event']} events, {spent['event'] / count['event'] * 1e6:.2f} us per event with decode and encode")
    print(f"{count['close']} closes, {spent['close'] / count['close'] * 1e6:.2f} us per close with decode and encode")
    print(f"{count['trigger']} triggers")
    print(f"{(spent['event'] + spent['close']) / count['event'] * 1e6:.2f} us per event in all; {size / accounts:.0f} bytes per account")


def _flush(state: Cells) -> None:
    for _ in state.flush():
        pass


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 2_000, int(given[1]) if len(given) > 1 else 42, given[2:])
