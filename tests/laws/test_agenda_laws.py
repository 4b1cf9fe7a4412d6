"""The agenda against the plainest one: a dict that is searched each time."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streams.engine.agenda import NEVER, Agenda

ACCOUNTS = st.sampled_from([f"a{number}" for number in range(6)])
MOMENTS = st.integers(0, 8)


class Diary(RuleBasedStateMachine):
    """Arms, pops and reloads; entries replaced by earlier ones come out as None and nothing else does."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda = Agenda()
        self.armed: dict[str, int] = {}

    @rule(account=ACCOUNTS, at_ms=MOMENTS)
    def arm(self, account: str, at_ms: int) -> None:
        """Only ever earlier."""
        self.agenda.arm(account, at_ms)
        self.armed[account] = min(at_ms, self.armed.get(account, NEVER))

    @precondition(lambda self: self.armed)
    @rule()
    def pop(self) -> None:
        """The first moment, and in it the first account."""
        entry = None
        while entry is None:
            entry = self.agenda.pop()
        expected = min((at_ms, account) for account, at_ms in self.armed.items())

        assert entry == expected

        del self.armed[expected[1]]

    @rule()
    def reload(self) -> None:
        """As after a recovery."""
        self.agenda.load(dict(self.armed))

    @invariant()
    def nothing_is_due_before_it_says(self) -> None:
        """`next_ms` may be early, never late."""
        assert self.agenda.next_ms <= min(self.armed.values(), default=NEVER)
        assert self.agenda.count_until(4) == sum(at_ms <= 4 for at_ms in self.armed.values())


Diary.TestCase.settings = settings(max_examples=300, deadline=None)
test_the_agenda_gives_what_a_search_would_give = Diary.TestCase
