"""Weighted rendezvous hashing: a stable share of accounts for everyone, with nothing to store."""

from collections.abc import Iterable
from hashlib import blake2b
from math import log
from typing import NamedTuple


class Score(NamedTuple):
    """One candidate's score for one key; the highest wins."""

    score: float
    candidate: str
    weight: float


def score(key: str, candidate: str, weight: float) -> float:
    """-w / ln(u), with u in (0, 1) from BLAKE2b of key and candidate. `weight` must be positive and finite.

    Highest random weight: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
    Transactions on Networking 6(1), 1998. The logarithmic method for weights: Schindelhauer and Schomaker, "Weighted
    distributed hash tables", SPAA 2005. A candidate wins with probability w / sum(w), and when one joins or leaves only
    keys move that it wins or had won.
    """
    digest = blake2b(f"{key}\x1f{candidate}".encode(), digest_size=8).digest()
    # 52 bits and a half: exactly representable, and never 0 or 1
    u = ((int.from_bytes(digest, "big") >> 12) + 0.5) / (1 << 52)
    return -weight / log(u)


def rank(key: str, candidates: Iterable[tuple[str, float]]) -> tuple[Score, ...]:
    """All (candidate, weight) pairs by falling score; equal scores (never seen) by name, so that the order is total."""
    scores = [Score(score(key, candidate, weight), candidate, weight) for candidate, weight in candidates]
    return tuple(sorted(scores, key=lambda s: (-s.score, s.candidate)))
