"""Whatever is done to the wall clock: time never goes back, never runs ahead of the truth by more than stated, and recovers."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.time_guard import TOLERANCE_MS, Reading, TimeGuard, Trust

START_MS = 1_769_860_800_000
ANSWER_MS = 2000  # the longest answer that counts
SMALL = st.integers(-6000, 6000)
LARGE = st.integers(-90 * 60_000, 90 * 60_000)


class Machine(RuleBasedStateMachine):
    """A computer whose wall clock is stepped and whose monotonic clock stops in its sleep, and a broker that knows the time."""

    @initialize(skew_ms=st.sampled_from([0, 3000, -3000, 30_000, -30_000]))
    def switch_on(self, skew_ms: int) -> None:
        """`skew_ms`: how far the broker's clock is ahead of the machine's, which is what the guard is told."""
        self.true_ms = START_MS
        self.own_ms = START_MS - skew_ms  # the truth as this machine tells it, before anybody touched its clock
        self.wall_ms = self.own_ms
        self.mono_ms = 77
        self.skew_ms = skew_ms
        self.guard = TimeGuard(self.reading, skew_ms)
        self.seen_ms = 0

    @property
    def reading(self) -> Reading:
        return Reading(self.wall_ms, self.mono_ms)

    def pass_time(self, ms: int) -> None:
        self.true_ms += ms
        self.own_ms += ms
        self.wall_ms += ms
        self.mono_ms += ms

    @rule(ms=st.integers(0, 20 * 60_000))
    def wait(self, ms: int) -> None:
        """Awake: both clocks run."""
        self.pass_time(ms)

    @rule(ms=SMALL | LARGE)
    def step(self, ms: int) -> None:
        """Somebody sets the wall clock."""
        self.wall_ms += ms

    @rule(ms=st.integers(1, 120 * 60_000))
    def sleep(self, ms: int) -> None:
        """Suspended: the monotonic clock stands still."""
        mono_ms = self.mono_ms
        self.pass_time(ms)
        self.mono_ms = mono_ms

    @rule(before_ms=st.integers(0, 3000), after_ms=st.integers(0, 3000))
    def commit(self, before_ms: int, after_ms: int) -> None:
        """The broker stamps a record; the answer takes a while either way."""
        asked = self.reading
        self.pass_time(before_ms)
        broker_ms = self.true_ms
        self.pass_time(after_ms)
        self.guard.heard(broker_ms, asked, self.reading)

    @rule(before_ms=SMALL | LARGE)
    def commit_across_a_step(self, before_ms: int) -> None:
        """Asked on one side of a step, answered on the other."""
        asked = self.reading
        broker_ms = self.true_ms
        self.wall_ms += before_ms
        self.guard.heard(broker_ms, asked, self.reading)

    @rule(times=st.integers(2, 6), ms=st.sampled_from([4000, -4000]))
    def creep(self, times: int, ms: int) -> None:
        """Set again and again, each time by less than is noticed."""
        for _ in range(times):
            self.wall_ms += ms
            self.never_back_and_never_far_ahead()

    @rule(times=st.integers(2, 6))
    def sleep_and_creep(self, times: int) -> None:
        """Many sleeps, after each of which the wall clock is a little further ahead, and confirmed."""
        for _ in range(times):
            self.sleep(3_600_000)
            self.wall_ms += 4000
            self.never_back_and_never_far_ahead()
            self.commit(10, 10)
            self.never_back_and_never_far_ahead()

    @rule(ms=st.integers(10 * 60_000, 120 * 60_000))
    def sleep_while_the_answer_is_on_its_way(self, ms: int) -> None:
        """The broker's time from before the sleep must not speak against the clock that went on."""
        self.be_set_right()
        asked, broker_ms = self.reading, self.true_ms
        self.sleep(ms)
        self.guard.heard(broker_ms, asked, self.reading)

        assert self.guard.trust is not Trust.TRUSTED

    @rule(ms=st.integers(10 * 60_000, 120 * 60_000))
    def wait_for_an_answer(self, ms: int) -> None:
        """The broker's time of an append long ago must not speak against a clock that was set right meanwhile."""
        self.be_set_right()
        self.step(-ms)
        self.guard.now_ms(self.reading)
        asked, broker_ms = self.reading, self.true_ms
        self.pass_time(ms)
        self.guard.heard(broker_ms, asked, self.reading)

        assert self.guard.trust is not Trust.TRUSTED

    @precondition(lambda self: hasattr(self, "guard"))
    @rule()
    def be_set_right(self) -> None:
        """The wall clock is set to the true time and the broker answers: trusted again, and right as soon as it may be."""
        self.wall_ms = self.true_ms
        self.guard.heard(self.true_ms, self.reading, self.reading)
        now_ms = self.guard.now_ms(self.reading)

        assert self.guard.trust is Trust.TRUSTED
        assert now_ms >= self.true_ms - 2 * TOLERANCE_MS

    @invariant()
    def never_back_and_never_far_ahead(self) -> None:
        if not hasattr(self, "guard"):
            return
        now_ms = self.guard.now_ms(self.reading)

        assert now_ms >= self.seen_ms
        assert now_ms <= max(self.true_ms, self.own_ms) + 2 * TOLERANCE_MS + ANSWER_MS

        self.seen_ms = now_ms


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
