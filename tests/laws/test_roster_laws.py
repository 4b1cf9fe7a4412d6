"""Laws of the roster: never nobody, nobody absent; the same log gives the same choices; what is taken is given back exactly."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.policy.owners import Team
from plays.roster.absence import Absence
from plays.roster.ask import Ask, Load
from plays.roster.choice import choose, turns_after
from plays.roster.person import Capacity, Person
from plays.roster.pool import Policy, Pool
from plays.roster.rota import Rota, State
from plays.roster.turns import AHEAD_AT_MOST, BEHIND_AT_MOST
from tests.roster_desk import RosterDesk
from tests.rosters import DAY, HOUR, MONDAY, hours, pool, someone, team

NAMES = ("ann", "ben", "cat", "dan", "eve")
POLICIES: tuple[Policy, ...] = ("least_open_minutes", "least_open_runs", "least_arr", "longest_since_last", "round_robin")
ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe")
instants = st.integers(min_value=MONDAY, max_value=MONDAY + 30 * DAY)
law = settings(max_examples=500, deadline=None)


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    first = draw(st.dates(min_value=_DAYS[0], max_value=_DAYS[1]))
    return Absence(first=first, last=draw(st.dates(min_value=first, max_value=_DAYS[1])))


_DAYS = (Absence.parse("2026-02-25").first, Absence.parse("2026-04-10").first)


@st.composite
def people(draw: st.DrawFn, name: str) -> Person:
    return Person(
        id=name,
        name=name.title(),
        timezone=draw(st.sampled_from(ZONES)),
        calendar=draw(st.sampled_from(("office", "night", "always"))),
        absences=tuple(draw(st.lists(absences(), max_size=2))),
        capacity=Capacity(runs=draw(st.sampled_from((None, 1, 3, 10))), sla_minutes=draw(st.sampled_from((None, 60, 5_000)))),
        skills=draw(st.sampled_from(((), ("sso",), ("sso", "data")))),
        languages=draw(st.sampled_from(((), ("en",), ("de", "en")))),
        active=name == "eve" or draw(st.integers(0, 9)) > 0,
    )


@st.composite
def teams(draw: st.DrawFn) -> Team:
    def of() -> tuple[str, ...]:
        return tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)))

    policy = st.sampled_from(POLICIES)
    pools: dict[str, Pool] = {"csm_pool": pool(*of(), policy=draw(policy))}
    pools["csm"] = pool(*of(), policy=draw(policy), overflow=draw(st.sampled_from((None, "csm_pool"))))
    return team(*(draw(people(name)) for name in NAMES), pools=pools, fallback="eve")


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    return Ask(
        account_id=draw(st.sampled_from(("acme", "globex", "initech"))),
        at_ms=draw(instants),
        role="csm",
        pool=draw(st.sampled_from(("csm", "csm", "csm_pool", "enablement"))),
        minutes=draw(st.integers(0, 2_000)),
        arr=draw(st.integers(0, 100_000)),
        business=draw(st.booleans()),
        own=draw(st.sampled_from((None, None, "ann", "Ben", "Zoe Unlisted"))),
        handled_by=draw(st.sampled_from((None, "cat", "gone"))),
        skills=draw(st.sampled_from(((), ("sso",)))),
        languages=draw(st.sampled_from(((), ("de",)))),
        exclude=draw(st.sampled_from(((), ("ann",), NAMES))),
        named=draw(st.sampled_from((None, None, None, "ben", "gone"))),
        holding=tuple(draw(st.lists(st.sampled_from((*NAMES, "gone")), max_size=3, unique=True))),
    )


loads = st.fixed_dictionaries({name: st.builds(Load, runs=st.integers(0, 12), minutes=st.integers(0, 6_000)) for name in NAMES})


@law
@given(teams(), asks(), loads)
def test_never_nobody_and_nobody_absent_while_anybody_is_present(of: Team, ask: Ask, held: dict[str, Load]) -> None:
    rota = Rota(of, hours)
    choice = choose(ask, rota, lambda person: held.get(person, Load()), {})

    presence = rota.presence(choice.person, ask.at_ms)
    assert presence.from_ms == choice.on_duty_from_ms >= ask.at_ms
    assert rota.presence(choice.person, choice.on_duty_from_ms).state is State.ON_DUTY
    assert hours(choice.person).is_open(choice.on_duty_from_ms)
    assert choice.person.active
    here = [p for p in of.people if rota.working(p) and rota.presence(p, ask.at_ms).state is not State.ABSENT]
    if any(person.id not in ask.exclude for person in here):
        assert choice.person.id not in ask.exclude
    if here:
        assert presence.state is not State.ABSENT
        assert not any(_on(absence, choice.person, ask.at_ms) for absence in choice.person.absences)


def _on(absence: Absence, person: Person, at_ms: int) -> bool:
    start_ms, end_ms = absence.span(ZoneInfo(person.timezone or "UTC"))
    return start_ms <= at_ms < end_ms


@law
@given(teams(), asks(), loads)
def test_whom_a_level_names_has_it_unless_they_are_absent_or_had_it(of: Team, ask: Ask, held: dict[str, Load]) -> None:
    rota = Rota(of, hours)
    choice = choose(ask, rota, lambda person: held.get(person, Load()), {})
    person = None if ask.named is None else rota.person(ask.named)
    if person is None or not rota.working(person) or person.id in ask.exclude or rota.presence(person, ask.at_ms).state is State.ABSENT:
        assert choice.reason != "named"
    else:
        assert (choice.person.id, choice.reason) == (ask.named, "named")


@law
@given(teams(), asks(), loads)
def test_only_the_pools_own_people_know_an_account_for_longer_than_they_have_a_run_of_it(of: Team, ask: Ask, held: dict[str, Load]) -> None:
    rota = Rota(of, hours)
    choice = choose(ask, rota, lambda person: held.get(person, Load()), {})
    if choice.reason != "continuity":
        return
    person, load = choice.person, held[choice.person.id]
    assert not person.capacity.full(load.runs, load.minutes)
    assert person.id not in ask.exclude
    if person.id == ask.handled_by and person.id in rota.members[ask.pool]:
        wait_ms = of.choosing.wait_for_own_ms if ask.business else 0
        assert ask.at_ms <= choice.on_duty_from_ms <= ask.at_ms + wait_ms
    else:
        assert person.id in ask.holding
        assert any(person.id in rota.members[name] for name in of.chain(ask.pool)[1:])
        assert choice.on_duty_from_ms == ask.at_ms


@law
@given(teams(), asks(), loads)
def test_somebody_at_work_with_room_is_preferred_to_everybody_else(of: Team, ask: Ask, held: dict[str, Load]) -> None:
    rota = Rota(of, hours)
    choice = choose(ask, rota, held.__getitem__ if ask.own != "Zoe Unlisted" else lambda person: held.get(person, Load()), {})

    def ready(name: str) -> bool:
        person, load = rota.person(name), held[name]
        assert person is not None
        free = rota.working(person) and name not in ask.exclude and not person.capacity.full(load.runs, load.minutes)
        return free and rota.presence(person, ask.at_ms).state is State.ON_DUTY

    chain = of.chain(ask.pool)
    members = [seat.person.id for name in chain for seat in of.seats(name)]
    if not ask.business and choice.reason in ("pool", "overflow", "postponed", "fallback") and any(ready(name) for name in members):
        assert ready(choice.person.id)
        assert choice.reason == ("pool" if any(ready(seat.person.id) for seat in of.seats(chain[0])) else "overflow")
    if choice.on_duty_from_ms > ask.at_ms and not ask.business and choice.person.id in members and choice.reason != "named":
        assert not any(ready(name) for name in members)


@law
@given(teams(), st.lists(asks(), min_size=1, max_size=12))
def test_what_turns_owe_stays_bounded_and_the_same_people_are_chosen_again(of: Team, questions: list[Ask]) -> None:
    def story() -> list[tuple[str, int]]:
        rota, held, owed = Rota(of, hours), {name: Load() for name in (*NAMES, "Zoe Unlisted")}, {"csm": {}, "csm_pool": {}}  # type: ignore[var-annotated]
        said = []
        for ask in questions:
            choice = choose(ask, rota, held.__getitem__, owed)
            for name, changed in turns_after(choice, rota, owed).items():
                owed[name].update(changed)
                assert all(-AHEAD_AT_MOST <= each <= BEHIND_AT_MOST for each in owed[name].values())
            held[choice.person.id].take(ask.minutes, ask.arr)
            said.append((choice.person.id, choice.on_duty_from_ms))
        return said

    assert story() == story()


Word = tuple[str, int, str, int]  # what, which ask, who, when
TEAM = team(
    someone("Ann", runs=4), someone("Ben", runs=8, zone="Asia/Kolkata"), someone("Cat", minutes=900), someone("Eve", calendar="always"),
    pools={
        "csm": pool("ann", "ben", policy="longest_since_last", overflow="csm_pool"),
        "csm_pool": pool("cat", "ann", policy="least_open_runs"), "support_lead": pool("ben", "eve", policy="round_robin"),
    },
    fallback="eve",
)  # fmt: skip
words = st.lists(
    st.tuples(
        st.sampled_from(
            ("ask", "ask", "ask", "release", "release", "confirm", "away", "back", "join", "leave", "wait", "commit", "restart")
        ),
        st.integers(0, 9),
        st.sampled_from(("ann", "ben", "cat", "eve", "Zoe Unlisted")),
        st.integers(MONDAY, MONDAY + 9 * DAY),
    ),
    max_size=40,
)


def tell(desk: RosterDesk, word: Word) -> None:
    """One word; `release` means whoever was answered for every second ask, else the person named."""
    what, number, who, at_ms = word
    ask, account = f"r{number}/owner", f"a{number % 3}"
    if what == "ask":
        pool_name = ("csm", "csm_pool", "support_lead", "enablement")[number % 4]
        desk.ask(ask, at_ms, account, pool=pool_name, business=number % 2 == 0, sla_minutes=37.5 * number, arr=1000.4 * number)
    elif what == "release":
        told = next((question.told for question in desk.questions() if question.ask_id == ask and question.told is not None), None)
        desk.release(ask, told.person if told is not None and number % 2 else who, at_ms, account)
    elif what == "confirm":
        desk.confirm(ask, who, at_ms, account, minutes=float(number), arr=float(number))
    elif what in ("away", "back"):
        desk.person("ann", at_ms, absences=["2026-03-02/2026-03-06"] if what == "away" else [])
    elif what == "join":
        desk.person("zoe", at_ms, name="Zoe", pools=["csm"], timezone="UTC")
    elif what == "leave":
        desk.person("zoe" if number % 2 else "eve", at_ms, removed=True)
    elif what == "wait":
        desk.pass_time(at_ms + number * DAY)
    elif what == "commit":
        desk.commit()
    else:
        desk.restart()


@law
@given(words)
def test_what_people_hold_is_the_sum_of_what_is_open_whatever_is_said_in_whatever_order(log: list[Word]) -> None:
    desk = RosterDesk(TEAM)
    for word in log:
        tell(desk, word)
        assert desk.loads() == desk.open()

    for question in desk.questions():
        if question.holder is not None:
            number = int(question.ask_id[1:].partition("/")[0])
            desk.release(question.ask_id, question.holder, MONDAY + 90 * DAY, f"a{number % 3}")
    assert desk.loads() == {}


@law
@given(words)
def test_who_is_said_to_know_an_account_is_of_the_pool_asked_or_has_a_run_of_it_now(log: list[Word]) -> None:
    desk = RosterDesk(TEAM)
    for word in log:
        what, number, _, _ = word
        asked = f"r{number}/owner"
        known = {question.ask_id for question in desk.questions() if question.told is not None or question.holder is not None}
        accounts = {question.ask_id: int(question.ask_id[1:].partition("/")[0]) % 3 for question in desk.questions()}
        pool_name = ("csm", "csm_pool", "support_lead", "enablement")[number % 4]
        here = [one for one in desk.questions() if accounts[one.ask_id] == number % 3 and one.pool == pool_name]
        having = {one.holder for one in here if one.holder is not None}
        tell(desk, word)
        if what == "ask" and asked not in known and desk.answers[-1]["reason"] == "continuity":
            people = {"csm": ("ann", "ben", "zoe"), "csm_pool": ("cat", "ann"), "support_lead": ("ben", "eve")}.get(pool_name, ())
            person = desk.answers[-1]["person"]
            assert person in people or person in having


@law
@given(words, st.integers(1, 7))
def test_the_same_log_gives_the_same_answers_wherever_it_is_cut(log: list[Word], every: int) -> None:
    said = [word for word in log if word[0] not in ("commit", "restart")]
    whole, cut = RosterDesk(TEAM), RosterDesk(TEAM)
    for place, word in enumerate(said):
        tell(whole, word)
        tell(cut, word)
        if place % every == 0:
            cut.restart()

    assert cut.answers == whole.answers
    assert cut.rejects == whole.rejects
    assert cut.loads() == whole.loads()


@st.composite
def deliveries(draw: st.DrawFn) -> list[Word]:
    """A few asks with what became of them, each word at least once, in any order."""
    said: list[Word] = []
    for number in range(draw(st.integers(1, 4))):
        at_ms = MONDAY + draw(st.integers(0, 5 * DAY))
        said.append(("ask", number, "", at_ms))
        said += [("confirm", number, who, at_ms + HOUR) for who in draw(st.lists(st.sampled_from(("ann", "eve")), max_size=2))]
        said += [("free", number, who, at_ms + 2 * HOUR) for who in ("ann", "ben", "cat", "eve")]
    return draw(st.permutations([*said, *draw(st.lists(st.sampled_from(said), max_size=6))]))


@law
@given(deliveries())
def test_when_everybody_was_released_nobody_holds_anything_however_words_overtook_each_other(log: Sequence[Word]) -> None:
    desk = RosterDesk(TEAM)
    first: dict[str, object] = {}
    for what, number, who, at_ms in log:
        if what == "free":
            desk.release(f"r{number}/owner", who, at_ms, f"a{number % 3}")
        else:
            tell(desk, (what, number, who, at_ms))
        for answer in desk.answers:
            assert first.setdefault(str(answer["ask_id"]), answer) == answer  # asked again, answered the same
        assert desk.loads() == desk.open()

    assert desk.loads() == {}
