"""Seeded draws. One generator per purpose, named by what it is for, so that adding a draw in one place moves no other."""

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, *purpose: object) -> Random:
    """An independent generator for (seed, purpose). String seeding hashes with SHA-512: the same on every machine."""
    return Random(":".join([str(seed), *(str(part) for part in purpose)]))


def poisson(rng: Random, mean: float) -> int:
    """A Poisson draw by multiplication of uniforms (Knuth, TAOCP vol. 2, 3.4.1); expected work grows with `mean`."""
    if mean <= 0:
        return 0
    floor = math.exp(-mean)
    count, product = 0, rng.random()
    while product > floor:
        count += 1
        product *= rng.random()
    return count


def bursty(rng: Random, mean: float, shape: float) -> int:
    """A negative binomial draw as gamma-mixed Poisson: variance mean + mean^2 / shape."""
    return poisson(rng, mean * rng.gammavariate(shape, 1.0 / shape))


def pick(rng: Random, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One item, by weight where given."""
    if weights is None:
        return items[int(rng.random() * len(items))]
    return rng.choices(items, weights)[0]


def chance(rng: Random, probability: float) -> bool:
    """True with the given probability."""
    return rng.random() < probability
