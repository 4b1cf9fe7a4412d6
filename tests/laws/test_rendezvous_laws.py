"""Laws of the choice within a pool."""

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.runs.rendezvous import rank, score

names = st.text(alphabet="abcdefghij", min_size=1, max_size=6)
pools = st.dictionaries(names, st.floats(min_value=0.05, max_value=50), min_size=1, max_size=8)
keys = st.text(max_size=12)


@given(pools, keys)
def test_the_order_of_the_pool_does_not_matter(pool: dict[str, float], key: str) -> None:
    assert rank(key, pool.items()) == rank(key, reversed(list(pool.items())))


@given(pools, names, st.floats(min_value=0.05, max_value=50), st.lists(keys, max_size=20))
def test_a_new_member_takes_accounts_and_nobody_else_does(
    pool: dict[str, float], newcomer: str, weight: float, accounts: list[str]
) -> None:
    pool.pop(newcomer, None)
    if not pool:
        return
    larger = pool | {newcomer: weight}
    for account in accounts:
        before, after = rank(account, pool.items())[0].candidate, rank(account, larger.items())[0].candidate
        assert after in (before, newcomer)


@given(pools, names, st.floats(min_value=1.01, max_value=10), st.lists(keys, max_size=20))
def test_raising_a_weight_only_draws_accounts_to_that_member(
    pool: dict[str, float], member: str, factor: float, accounts: list[str]
) -> None:
    pool.setdefault(member, 1.0)
    raised = pool | {member: pool[member] * factor}
    for account in accounts:
        before, after = rank(account, pool.items())[0].candidate, rank(account, raised.items())[0].candidate
        assert after in (before, member)


@given(keys, names, st.floats(min_value=0.001, max_value=1000))
def test_a_score_is_positive_and_in_proportion_to_the_weight(key: str, name: str, weight: float) -> None:
    one = score(key, name, 1.0)
    assert one > 0
    assert abs(score(key, name, weight) - one * weight) <= 1e-9 * one * weight


@settings(max_examples=8, deadline=None)
@given(st.integers(min_value=0, max_value=10_000))
def test_shares_follow_the_weights(salt: int) -> None:
    weights = {"ann": 1.0, "ben": 2.0, "cat": 0.5, "dan": 1.5}
    accounts = 2000
    won = dict.fromkeys(weights, 0)
    for number in range(accounts):
        won[rank(f"{salt}-{number}", weights.items())[0].candidate] += 1
    for name, weight in weights.items():
        expected = accounts * weight / 5
        # five standard deviations of a binomial share
        assert abs(won[name] - expected) < 5 * (expected * (1 - weight / 5)) ** 0.5
